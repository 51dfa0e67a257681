package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Result is the answer to a question, three-valued: what could not be looked at is inconclusive, never a pass.
type Result string

// The results.
const (
	Pass         Result = "pass"
	Fail         Result = "fail"
	Inconclusive Result = "inconclusive"
)

// and is the result of both: a fail beats all, a pass is beaten by all. It commutes.
func (r Result) and(other Result) Result {
	for _, worst := range [...]Result{Fail, Inconclusive} {
		if r == worst || other == worst {
			return worst
		}
	}
	return Pass
}

// Check is a question with its answer. Durations in Figure and Limit are in milliseconds.
type Check struct {
	Name     string   // the key of [expect], with "untouched." before those of that table; or V1 to V6
	Result   Result   //
	Figure   *float64 // what was found; nil when there is no such number
	Limit    *float64 // what was asked
	Basis    int      // how many deliveries, attempts or gaps it rests on
	Evidence []string // keys of up to three deliveries
	Text     string   // the answer in words

	absent bool // a fail rests on what is not in the log
}

// answer is a check as its question gives it, without the name.
func answer(result Result, basis int, format string, args ...any) Check {
	return Check{Result: result, Basis: basis, Text: fmt.Sprintf(format, args...)}
}

// of sets figure and limit.
func (c Check) of(figure, limit float64) Check {
	c.Figure, c.Limit = &figure, &limit
	return c
}

// shownBy sets the evidence.
func (c Check) shownBy(w witnesses) Check {
	c.Evidence = w.keys()
	return c
}

// restingOnAbsence says that a fail of it is no fail when the log may be incomplete.
func (c Check) restingOnAbsence() Check {
	c.absent = true
	return c
}

// judged is Fail when there is anything wrong, else Pass, and Inconclusive when nothing was looked at.
func judged(wrong, basis int) Result {
	switch {
	case wrong > 0:
		return Fail
	case basis > 0:
		return Pass
	default:
		return Inconclusive
	}
}

// witnesses are the first few of the deliveries that show something, whatever the order in which they were seen.
type witnesses struct {
	all   int
	first []witness
}

type witness struct {
	began   time.Time
	id, key string
}

// compare puts deliveries into the order in which they began.
func (w witness) compare(other witness) int {
	return cmp.Or(w.began.Compare(other.began), cmp.Compare(w.key, other.key), cmp.Compare(w.id, other.id))
}

const mostWitnesses = 3

func (w *witnesses) add(c *course) { w.insert(witnessOf(c)) }

func witnessOf(c *course) witness { return witness{c.began(), c.ID, c.Key} }

// insert takes a delivery; of one that is there already only the number grows.
func (w *witnesses) insert(one witness) {
	w.all++
	at, known := slices.BinarySearchFunc(w.first, one, witness.compare)
	if !known && at < mostWitnesses {
		w.first = slices.Insert(w.first, at, one)
		w.first = w.first[:min(len(w.first), mostWitnesses)]
	}
}

// keys are those of the deliveries, or the beginnings of their ids where they have none.
func (w witnesses) keys() []string {
	keys := []string{}
	for _, one := range w.first {
		if one.key == "" {
			one.key = one.id[:min(12, len(one.id))]
		}
		keys = append(keys, one.key)
	}
	return keys
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
