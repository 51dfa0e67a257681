package analysis

import (
	"math"
	"slices"
	"time"
)

// Shape is how the gaps of a policy follow each other.
type Shape string

// The shapes.
const (
	ShapeNone        Shape = "none"        // there are no retries
	ShapeConstant    Shape = "constant"    // all alike
	ShapeLinear      Shape = "linear"      // each longer than the one before by the same time
	ShapeExponential Shape = "exponential" // each longer than the one before by the same factor, up to a cap
	ShapeSchedule    Shape = "schedule"    // each as it is
)

// Jitter is what chance does to a gap.
type Jitter string

// The kinds of jitter, of a gap d.
const (
	JitterNone  Jitter = "none"  // d
	JitterFull  Jitter = "full"  // between 0 and d
	JitterEqual Jitter = "equal" // between d/2 and d
	JitterSome  Jitter = "some"  // around d
)

// backoff is how long a sender waits after each of its tries, in seconds: at most high, and at least share of that.
type backoff struct {
	shape  Shape
	first  float64   // the longest wait after the first try
	factor float64   // of an exponential one
	step   float64   // of a linear one
	most   float64   // the cap of an exponential one; 0: none
	table  []float64 // of a schedule; of the others what the gaps at each place say by themselves
	share  float64   // 1: no jitter, 0: full, 0.5: equal, else some
	whole  bool      // the jitter comes in whole seconds, as Celery's does: randrange(countdown + 1)
	late   lateness
}

// high is the longest wait after a try, the first being 1.
func (b backoff) high(try int) float64 {
	switch b.shape {
	case ShapeConstant:
		return b.first
	case ShapeLinear:
		return b.first + b.step*float64(try-1)
	case ShapeExponential:
		grown := b.first * math.Pow(b.factor, float64(try-1))
		if b.most > 0 {
			return min(grown, b.most)
		}
		return grown
	case ShapeSchedule:
		return b.table[min(try, len(b.table))-1]
	case ShapeNone:
		return 0
	default:
		panic("analysis: shape " + string(b.shape))
	}
}

func (b backoff) low(try int) float64 { return b.share * b.high(try) }

// widest is by how much the waits after the last try may differ.
func (b backoff) widest(gaps sample) float64 { return b.high(len(gaps)) - b.low(len(gaps)) }

// middle is the wait that comes out in the middle of all.
func (b backoff) middle(try int) float64 { return (b.low(try) + b.high(try)) / 2 }

func (b backoff) jitter() Jitter {
	switch b.share {
	case 1:
		return JitterNone
	case 0:
		return JitterFull
	case 0.5:
		return JitterEqual
	default:
		return JitterSome
	}
}

// logLikelihood is how well the backoff explains gaps. All gaps after one try may be late together, as a queue was long just then: that is told where
// those after a later try are shorter, as no policy's are, and held against it.
func (b backoff) logLikelihood(gaps sample) float64 {
	sum, shortest := 0.0, math.Inf(1) // shortest: of the free waits after later tries
	for i := len(gaps) - 1; i >= 0; i-- {
		if len(gaps[i]) == 0 {
			continue
		}
		high := b.high(i + 1)
		direct := b.explains(gaps[i], high)
		if free := b.free(i); free > shortest && free > high && free <= high+longestQueue {
			direct = max(direct, b.explains(gaps[i], free)-lateTogether)
		}
		shortest = min(shortest, b.free(i))
		sum += direct
	}
	return sum
}

// longestQueue is how late, in seconds, all gaps after one try may be together; lateTogether is what is held against that.
const (
	longestQueue = 3.0
	lateTogether = 6.0
)

// free is the wait that explains the gaps at a place best when it need not follow from any other.
func (b backoff) free(place int) float64 {
	if place >= len(b.table) {
		return 0
	}
	return b.table[place]
}

// explains is how well waits of up to high explain the gaps after one try: the logarithm of their likelihood.
func (b backoff) explains(gaps []float64, high float64) float64 {
	return b.explainsBetter(gaps, high, math.Inf(-1))
}

// explainsBetter is the same of sorted gaps where it is more than another explanation has; where it cannot be any more, it is anything that is less. Logarithms are
// dear, so they are taken of products that are as long as no number overflows.
func (b backoff) explainsBetter(gaps []float64, high, other float64) float64 {
	const together, rounding = 8, 1e-6
	sum, product, most := 0.0, 1.0, math.Log(b.densest(gaps, high))
	for i, gap := range gaps {
		if b.whole {
			product *= b.late.wholeDensity(gap, math.Floor(high+0.001))
		} else {
			product *= b.late.density(gap, b.share*high, high)
		}
		if i%together == together-1 {
			sum, product = sum+math.Log(product), 1
			if sum+most*float64(len(gaps)-1-i)+rounding < other {
				return math.Inf(-1)
			}
		}
	}
	return sum + math.Log(product)
}

// densest is what the density of no gap of sorted ones exceeds.
func (b backoff) densest(gaps []float64, high float64) float64 {
	if b.whole {
		return b.late.densestWhole(gaps[0], math.Floor(high+0.001))
	}
	return b.late.densest(gaps[0], high-b.share*high)
}

// covers is the share of gaps that lie where the backoff puts them, lateness of up to queueLate included.
func (b backoff) covers(gaps sample) float64 {
	inside := 0
	for i, at := range gaps {
		low, high := b.low(i+1), b.high(i+1)
		for _, gap := range at {
			if gap >= low*0.98-0.02 && gap <= high*1.02+queueLate.Seconds() {
				inside++
			}
		}
	}
	return float64(inside) / float64(gaps.size())
}

// stands reports whether gaps that are told to have a jitter are spread as it spreads them: about half of those after each try come in the first half of the time
// that it allows. Where hardly any does, something else makes them differ: a queue that empties, or several policies.
func (b backoff) stands(gaps sample) bool {
	return b.balanced(gaps, func(early, expected, chance float64) bool { return expected-early <= chance })
}

// even reports whether they are, and no more of them come early either: several policies, some of which hardly wait, are no jitter.
func (b backoff) even(gaps sample) bool {
	return b.balanced(gaps, func(early, expected, chance float64) bool { return math.Abs(expected-early) <= chance })
}

// balanced asks, after each try, whether so many gaps may come early where so many are expected, give or take what chance does.
func (b backoff) balanced(gaps sample, may func(early, expected, chance float64) bool) bool {
	for i, at := range gaps {
		low, high := b.low(i+1), b.high(i+1)
		middle, share := (low+high)/2, 0.5
		if b.whole {
			middle = math.Floor(high/2) + 0.5
			share = math.Ceil(middle) / (math.Floor(high) + 1)
		}
		early, n := 0.0, float64(len(at))
		for _, gap := range at {
			if gap <= middle+b.late.usual {
				early++
			}
		}
		const noChance = 4 // standard deviations: one in thirty thousand
		if !may(early, share*n, noChance*math.Sqrt(n*share*(1-share))) {
			return false
		}
	}
	return true
}

// differ reports whether gaps that are told to have a jitter differ at all.
func (b backoff) differ(gaps sample) bool {
	const enough, hardly = 8, 0.05
	for i, at := range gaps {
		if len(at) >= enough && slices.Max(at)-slices.Min(at) < hardly*(b.high(i+1)-b.low(i+1)) {
			return false
		}
	}
	return true
}

// queueLate is the lateness that is a queue's and no policy's.
const queueLate = 2 * time.Second
