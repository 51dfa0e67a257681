package analysis

import "math"

// A queue makes gaps longer, never shorter: of what explains the gaps of a busy sender, only that is sure which no queue can have brought about.

// doubt leaves that sure: of gaps many of which a queue may have made longer, and the calm ones among them.
func (f *fit) doubt(gaps, calm sample, order order) {
	steady, _ := fittedWith(gaps, []jitter{{share: 1}})
	steady.first = nice(steady.first, behind)
	switch {
	case order.keptBy(steady.backoff) && steady.touched(gaps):
		*f = steady
	case f.share == 1 && order.scrambled(f.backoff):
		f.jitterSure, f.shapeSure = false, false
	case f.inWholeSeconds(gaps) && f.shape != ShapeSchedule: // as Celery's jitter, and no queue
	default:
		f.confirm(calm)
	}
}

// inWholeSeconds reports whether the gaps stand together just behind whole seconds. A queue of workers that sleep has them stand behind halves as well.
func (f *fit) inWholeSeconds(gaps sample) bool {
	if !f.whole || f.late.evenly || f.late.usual > 0.2 {
		return false
	}
	just, halves := 0, 0
	for _, at := range gaps {
		for _, gap := range at {
			switch behind := gap - math.Floor(gap); {
			case behind < 0.3:
				just++
			case behind >= 0.45 && behind < 0.75:
				halves++
			}
		}
	}
	return 5*just >= 3*gaps.size() && 4*halves < gaps.size()
}

// behind is by which share a wait may seem to be longer than the round number that it is: of short ones.
const behind = 0.06

// touched reports whether the gaps begin where a backoff of round numbers and without jitter puts them, after more tries than it has numbers: the queue was empty
// there at times, and none is so long by chance.
func (f *fit) touched(gaps sample) bool {
	if round := roundness(f.first); round == 0 || round > roundness(1.5) {
		return false
	}
	early, touched := 0, 0
	for i, at := range gaps.thinned() {
		due, near := f.high(i+1), false
		for _, gap := range at {
			if gap < due-2*grain(due) {
				early++
			} else if gap <= due+0.02+behind*min(due, 1) {
				near = true
			}
		}
		if near {
			touched++
		}
	}
	return 50*early <= gaps.size() && touched > f.numbers()
}

// numbers is how many it takes to tell the waits.
func (b backoff) numbers() int {
	switch b.shape {
	case ShapeConstant:
		return 1
	case ShapeLinear, ShapeExponential:
		return 2
	case ShapeSchedule, ShapeNone: // as many as there are
		return math.MaxInt
	default:
		panic("analysis: shape " + string(b.shape))
	}
}
