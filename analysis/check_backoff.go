package analysis

import (
	"fmt"
	"time"
)

// backoffCheck asks that each gap lies in the interval that a policy allows.
type backoffCheck struct {
	*asked
	wanted        map[*sender]wanted // of each sender of which it is known
	right, wrong  int
	short, obeyed int // gaps that could not be judged: too short for time_scale, or as long as Retry-After said
	shown         witnesses
	example       misfit
}

// shortestScaled is the shortest wait of the sender's that can be told from its lateness when its delays are divided.
const shortestScaled = time.Second

// misfit is a gap that lies outside.
type misfit struct {
	witness
	try  int
	text string
}

func askBackoff(a *asked) check {
	switch {
	case a.Backoff == nil:
		return nil
	case a.Backoff.Shape == "any_growing":
		return &growing{asked: a}
	}
	q := &backoffCheck{asked: a, wanted: make(map[*sender]wanted)}
	for _, one := range a.senders.all {
		if w, known := wantedGaps(a.Backoff, one.policy); known {
			q.wanted[one] = w
		}
	}
	return q
}

func (q *backoffCheck) see(c *course) {
	w, known := q.wanted[q.senders.of(c)]
	if !known {
		return
	}
	before := q.wrong
	for i := 1; i < len(c.arrivals); i++ {
		if a := c.arrivals[i]; a.seen && !a.resent {
			q.gap(c, w, c.arrivals[i-1].try, a)
		}
	}
	if q.wrong > before {
		q.shown.add(c)
	}
}

// gap judges the gap after a try. With time_scale, waits of less than a second of the sender's cannot be told from its lateness.
func (q *backoffCheck) gap(c *course, w wanted, try int, a arrival) {
	least, most, more := w.after(try)
	gap, slack := q.scaled(a.gap), q.scaled(w.Slack)
	switch {
	case !more:
		q.misfit(c, try, fmt.Sprintf("attempt %d is beyond the schedule", try+1))
	case q.scale > 1 && most < q.scaled(shortestScaled):
		q.short++
	case gap < least-q.scaled(clockGrain):
		q.misfit(c, try, fmt.Sprintf("%s after attempt %d, wanted at least %s", period(gap), try, period(least)))
	case gap <= most+slack:
		q.right++
	case a.announced > 0 && gap >= a.announced-a.asMuch:
		q.obeyed++
	default:
		q.misfit(c, try, fmt.Sprintf("%s after attempt %d, wanted at most %s", period(gap), try, period(most+slack)))
	}
}

// misfit takes a gap outside. The example is the first of the first delivery, whatever the order in which they are seen.
func (q *backoffCheck) misfit(c *course, try int, text string) {
	q.wrong++
	one := misfit{witnessOf(c), try, text}
	if q.example.text == "" || one.before(q.example) {
		q.example = one
	}
}

func (m misfit) before(other misfit) bool {
	if by := m.compare(other.witness); by != 0 {
		return by < 0
	}
	return m.try < other.try
}

func (q *backoffCheck) answer() Check {
	basis := q.right + q.wrong
	switch {
	case q.wrong > 0:
		return answer(Fail, basis, "%d of %s outside: %s", q.wrong, counted(basis, "gap"), q.example.text).of(float64(q.wrong), 0).shownBy(q.shown)
	case len(q.otherwise()) > 0:
		other := q.otherwise()[0]
		return answer(Fail, other.policy.Gaps, "%sthe gaps are %s, wanted %s", other.prefix(), other.policy.Shape, q.Backoff.Shape).of(float64(other.policy.Gaps), 0)
	case q.unknown() != nil && (q.right == 0 || q.unknown().policy.Gaps > 0):
		other := q.unknown()
		return answer(Inconclusive, other.policy.Gaps, "%sthe gaps have no known shape: let a fault last for more attempts, or say first and factor", other.prefix())
	case q.right > 0:
		return answer(Pass, basis, "%s as wanted", counted(basis, "gap")).of(0, 0)
	case q.short > 0:
		return answer(Inconclusive, 0, "%s too short to be told from lateness at this time_scale", counted(q.short, "gap"))
	default:
		return answer(Inconclusive, 0, "no gap to look at: a fault that lasts for some attempts would make one")
	}
}

// otherwise are the senders that wait in another shape than is asked for.
func (q *backoffCheck) otherwise() (all []*sender) {
	for _, one := range q.senders.all {
		if _, known := q.wanted[one]; !known && one.policy.Shape != "" {
			all = append(all, one)
		}
	}
	return all
}

// unknown is the first sender of which it is not known what it should wait, nil when there is none.
func (q *backoffCheck) unknown() *sender {
	for _, one := range q.senders.all {
		if _, known := q.wanted[one]; !known {
			return one
		}
	}
	return nil
}
