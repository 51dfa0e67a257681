package analysis

import "math"

// A queue makes gaps longer, never shorter: of what explains the gaps of a busy sender, only that is sure which no queue can have brought about.

// doubt leaves that sure: of gaps many of which a queue may have made longer, and the calm ones among them.
func (f *fit) doubt(gaps, calm sample, order order) {
	steady, _ := fittedWith(gaps, []jitter{{share: 1}})
	steady.first = nice(steady.first, behind)
	switch {
	case f.share == 1 && (f.exact(gaps) || f.near(gaps)): // no queue makes all of them the same round number, and one that adds nothing does not matter
	case order.keptBy(steady.backoff) && steady.touched(gaps):
		*f = steady
	case f.share == 1 && !f.plainlyLate(gaps) && (order.scrambled(f.backoff) || f.late.evenly && !order.keptBy(f.backoff)):
		f.jitterSure, f.shapeSure = false, false
	case f.inWholeSeconds(gaps) && f.shape != ShapeSchedule: // as Celery's jitter, and no queue
	default:
		f.confirm(calm)
		stands := calm.size() >= min(fewCalm, gaps.size()/2) && !calm.longer(gaps) && (f.share == 1 || f.stands(calm))
		if !stands && f.share < 1 { // that they overtake each other is chance, and no queue
			stands = f.shapeSure && f.jitterSure && order.scrambled(f.backoff) && f.even(gaps)
		}
		f.jitterSure = f.jitterSure && stands
		f.shapeSure = f.shapeSure && stands && !f.plainBehindQueue()
	}
}

// inWholeSeconds reports whether the gaps stand together just behind whole seconds, and the longest waits are such. A queue of workers that sleep has them stand behind halves as well.
func (f *fit) inWholeSeconds(gaps sample) bool {
	if !f.whole || f.late.evenly || f.late.usual > 0.2 {
		return false
	}
	just, halves := 0, 0
	for i, at := range gaps {
		if high := f.high(i + 1); math.Abs(high-math.Round(high)) > 0.08*high {
			return false
		}
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
// there at times, and none is so long by chance. Some gap is near any number, so after two tries they must be heaped there; but of the roundest numbers there are few.
func (f *fit) touched(gaps sample) bool {
	round := roundness(f.first)
	if round == 0 || round > roundness(1.5) {
		return false
	}
	early, touched, heaped := 0, 0, 0
	for i, at := range gaps.thinned() {
		due := f.high(i + 1)
		near := 0.02 + behind*min(due, 1)
		heap, beyond := 0, 0
		for _, gap := range at {
			switch late := gap - due; {
			case late < -2*grain(due):
				early++
			case late <= near:
				heap++
			case late <= 2*near:
				beyond++
			}
		}
		if due < 1 { // so close do round numbers lie there
			beyond *= 2
		}
		if heap > 0 {
			touched++
		}
		if heap > beyond {
			heaped++
		}
	}
	roundest := f.first >= 1 && round == roundness(1)
	return 100*early <= gaps.size() && touched > f.numbers() && (heaped >= 2 || roundest)
}

// numbers is how many it takes to tell the waits. Most people double, that takes none; to grow by the same time is so rare that it takes one.
func (b backoff) numbers() int {
	switch b.shape {
	case ShapeConstant:
		return 1
	case ShapeLinear:
		return 3
	case ShapeExponential:
		n := 2
		if b.factor != 2 {
			n++
		}
		if b.most > 0 {
			n++
		}
		return n
	case ShapeSchedule, ShapeNone: // as many as there are
		return math.MaxInt
	default:
		panic("analysis: shape " + string(b.shape))
	}
}
