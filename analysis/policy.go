package analysis

import (
	"math"
	"time"
)

// Policy is how the sender retries, as its attempts show it: nothing in it comes from a scenario. A nil pointer, an empty Shape or Jitter is what they do
// not show.
type Policy struct {
	Attempts *int // of a delivery that is given up
	Shape    Shape
	First    *time.Duration  // the wait after the first attempt; with full and equal jitter the longest it may be, with some jitter the one in the middle
	Factor   *float64        // of an exponential shape
	Cap      *time.Duration  // of an exponential shape, when waits were seen to reach it
	Step     *time.Duration  // of a linear shape
	Schedule []time.Duration // of a schedule: the waits, one by one
	Jitter   Jitter
	Fit      *float64        // the share of the gaps that lie where the policy puts them
	Gaps     int             // how many it rests on
	Retries  map[string]bool // whether an ending is retried: statuses, connect, read_timeout, broken
	Obeys    Obedience       // of Retry-After
	Timeout  *time.Duration  // how long it waits for an answer
	Survives *Survival       // the longest outage that a delivery survives

	// Mixed says that the waits are several policies', and that nothing in the log tells their deliveries apart: no wait is told then.
	Mixed bool

	waits  *backoff // nil when no gap was seen
	places int      // up to which try gaps were seen
}

// Survival is the longest outage that a delivery survives: surely, in the middle of all, and at best. Without jitter the three are one.
type Survival struct{ Worst, Median, Best time.Duration }

// Obedience is what a sender does about Retry-After.
type Obedience string

// The kinds of obedience.
const (
	Obeyed           Obedience = "obeyed"
	Ignored          Obedience = "ignored"
	ObedienceUnknown Obedience = "unknown" // it was not told to wait, or would have waited as long anyway
)

// Wait is how long the policy waits after a try, the first being 1, at least and at most; ok is false when it is not known.
func (p *Policy) Wait(try int) (least, most time.Duration, ok bool) {
	if p.waits == nil {
		return 0, 0, false
	}
	return seconds(p.waits.low(try)), seconds(p.waits.high(try)), true
}

// seconds is a number of seconds as a duration, to the millisecond; what no duration holds is the longest there is.
func seconds(s float64) time.Duration {
	if s >= float64(math.MaxInt64)/float64(time.Second) {
		return math.MaxInt64
	}
	return time.Duration(math.Round(s*1000)) * time.Millisecond
}

// fewJittered is how many gaps a jitter must have been seen in before it is told, and for each number of its shape before that is; fewFirst is how many after the first
// try before the wait after that is. Fewer are anything by chance.
const (
	fewJittered = 12
	fewFirst    = 6
)

// fitGaps looks for the waits that explain the gaps. Where many of these may be a queue's, only what no queue can have made of them is told.
func (p *Policy) fitGaps(gaps, calm sample, order order) {
	if order.drifts() {
		calm = nil
	}
	busy := 10*(gaps.size()-calm.size()) > gaps.size()
	hidden := false
	if !busy {
		gaps, hidden = calm.filled(gaps)
	}
	found, ok := fitted(gaps)
	if !ok {
		return
	}
	if busy {
		found.doubt(gaps, calm, order)
	} else {
		found.heed(gaps, order)
		found.shapeSure = found.shapeSure && !(hidden && found.shape == ShapeSchedule)
	}
	if found.share < 1 {
		found.jitterSure = found.jitterSure && gaps.size() >= fewJittered && found.differ(gaps)
		found.shapeSure = found.shapeSure && gaps.size() >= fewJittered*min(found.numbers(), gaps.places()) && len(gaps[0]) >= fewFirst-1 && found.differ(gaps)
	}
	b := found.presentable(gaps)
	share := math.Round(b.covers(gaps)*100) / 100
	first := seconds(b.shown(b.high(1)))
	p.waits, p.places, p.Fit, p.Gaps = &b, len(gaps), &share, gaps.size()
	known := found.share == 1 || len(gaps[0]) >= fewFirst
	if known && found.jitterSure && (found.shapeSure || gaps.places() < 2) {
		p.First = &first
	}
	if found.jitterSure {
		p.Jitter = b.jitter()
	}
	if found.shapeSure && gaps.places() >= 2 { // one gap has no shape
		p.takeShape(b)
	}
	if !found.jitterSure { // then nobody knows whether these are the longest, the shortest or those in the middle
		p.Step, p.Cap, p.Schedule = nil, nil, nil
	}
}

// takeShape takes the numbers that belong to the backoff's shape.
func (p *Policy) takeShape(b backoff) {
	p.Shape = b.shape
	switch b.shape {
	case ShapeConstant, ShapeNone:
	case ShapeLinear:
		step := seconds(b.shown(b.step))
		p.Step = &step
	case ShapeExponential:
		factor := math.Round(b.factor*1000) / 1000
		p.Factor = &factor
		if b.most > 0 {
			most := seconds(b.shown(b.most))
			p.Cap = &most
		}
	case ShapeSchedule:
		for try := range len(b.table) {
			p.Schedule = append(p.Schedule, seconds(b.shown(b.high(try+1))))
		}
	default:
		panic("analysis: shape " + string(b.shape))
	}
}

// shown is a longest wait as people write it: with jitter of no known kind the one in the middle.
func (b backoff) shown(high float64) float64 {
	if b.jitter() == JitterSome {
		return high * (1 + b.share) / 2
	}
	return high
}

// presentable is b with round numbers where these are as near as a lateness, and lie where the gaps do.
func (b backoff) presentable(gaps sample) backoff {
	round := b
	exact := b.rounding()
	round.first, round.step, round.most = presentable(b.first, exact), presentable(b.step, exact), presentable(b.most, exact)
	round.factor = nice(b.factor, exact)
	round.table = make([]float64, len(b.table))
	for i, wait := range b.table {
		round.table[i] = presentable(wait, exact)
	}
	if round.covers(gaps) < b.covers(gaps) {
		return b
	}
	return round
}

// presentable is a wait as a round number near by; what is nothing but lateness is 0.
func presentable(wait, within float64) float64 {
	if wait < leastGrowing {
		return 0
	}
	return nice(wait, within)
}
