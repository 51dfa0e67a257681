package analysis

import (
	"fmt"
	"slices"
	"time"
)

// Example is a lost delivery that a report shows.
type Example struct {
	Key, ID  string
	Attempts int
	Ending   string    // of its last attempt
	At       time.Time // when that ended
	Silent   time.Duration

	witness
}

// examples are the first few lost deliveries, whatever the order in which they were seen.
type examples []Example

func (e *examples) add(c *course, silent time.Duration) {
	one := Example{Key: c.Key, ID: c.ID, Attempts: len(c.arrivals) + len(c.Unfinished), At: c.lastSign(), Silent: silent, witness: witnessOf(c)}
	if last := c.lastArrival(); last != nil {
		one.Ending = last.how.words()
	}
	at, _ := slices.BinarySearchFunc(*e, one, func(a, b Example) int { return a.compare(b.witness) })
	if at < mostWitnesses {
		*e = slices.Insert(*e, at, one)
		*e = (*e)[:min(len(*e), mostWitnesses)]
	}
}

// words are the ending for people.
func (e ending) words() string {
	switch e {
	case connectFailed:
		return "connection refused"
	case timedOut:
		return "no answer in time"
	case brokenOff:
		return "connection broken"
	default:
		return string(e)
	}
}

// String says what became of it.
func (e Example) String() string {
	text := fmt.Sprintf("%s, %s at %s", counted(e.Attempts, "attempt"), e.Ending, clock(e.At))
	if e.Silent > 0 {
		text += ", silent for " + period(e.Silent) + " since"
	}
	return text
}
