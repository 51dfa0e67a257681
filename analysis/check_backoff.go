package analysis

import (
	"fmt"
	"time"
)

// backoffCheck asks that each gap lies in the interval that a policy allows.
type backoffCheck struct {
	*asked
	wanted
	known         bool // what is wanted is
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
	q := &backoffCheck{asked: a}
	q.wanted, q.known = wantedGaps(a.Backoff, a.policy)
	return q
}

func (q *backoffCheck) see(c *course) {
	if !q.known {
		return
	}
	before := q.wrong
	for i := 1; i < len(c.arrivals); i++ {
		if a := c.arrivals[i]; a.seen && !a.resent {
			q.gap(c, c.arrivals[i-1].try, a)
		}
	}
	if q.wrong > before {
		q.shown.add(c)
	}
}

// gap judges the gap after a try. With time_scale, waits of less than a second of the sender's cannot be told from its lateness.
func (q *backoffCheck) gap(c *course, try int, a arrival) {
	least, most, more := q.after(try)
	gap, slack := q.scaled(a.gap), q.scaled(q.Slack)
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
	case q.right > 0:
		return answer(Pass, basis, "%s as wanted", counted(basis, "gap")).of(0, 0)
	case !q.known && q.policy.Shape != "":
		return answer(Fail, q.policy.Gaps, "the gaps are %s, wanted %s", q.policy.Shape, q.Backoff.Shape).of(float64(q.policy.Gaps), 0)
	case !q.known:
		return answer(Inconclusive, q.policy.Gaps, "the gaps have no known shape: let a fault last for more attempts, or say first and factor")
	case q.short > 0:
		return answer(Inconclusive, 0, "%s too short to be told from lateness at this time_scale", counted(q.short, "gap"))
	default:
		return answer(Inconclusive, 0, "no gap to look at: a fault that lasts for some attempts would make one")
	}
}

// growing asks that gaps grow, however.
type growing struct{ *asked }

func (q *growing) see(*course) {}

func (q *growing) answer() Check {
	p := q.policy
	if p.Shape == "" || p.waits == nil {
		return answer(Inconclusive, p.Gaps, "too few gaps to see them grow: let a fault last for more attempts")
	}
	last := p.waits.high(1)
	for try := 2; try <= p.places; try++ {
		next := p.waits.high(try)
		if next < 0.95*last {
			return answer(Fail, p.Gaps, "the gap after attempt %d is shorter than the one before", try)
		}
		last = max(last, next)
	}
	if last < 1.1*p.waits.high(1) {
		return answer(Fail, p.Gaps, "the gaps do not grow: all are about %s", period(seconds(last)))
	}
	return answer(Pass, p.Gaps, "the gaps grow from %s to %s", period(seconds(p.waits.high(1))), period(seconds(last)))
}
