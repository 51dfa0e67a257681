package analysis

import (
	"math"
	"slices"
)

// The fit looks for the backoff that makes what was seen most likely. Of two that explain it as well, the one that is told in fewer words wins (minimum
// description length): 1 s x2 is short, five numbers with four digits are not. All that is tried, and all that is held against it, stands here and in shapes.go.

// spread is a jitter with a lateness, and the waits after each try that explain the gaps best with it.
type spread struct {
	backoff         // a schedule
	score   float64 // its likelihood, less what is held against it
	against float64
}

// jitters are those that are tried, none first, and what is held against each (see backoff.share and backoff.whole).
func jitters() []jitter {
	return []jitter{
		{1, false, 0}, {0, false, 0}, {0.5, false, 0}, {0, true, 2},
		{0.2, false, 7}, {1.0 / 3, false, 7}, {0.6, false, 7}, {2.0 / 3, false, 7}, {0.75, false, 7}, {9.0 / 11, false, 7}, {0.9, false, 7},
	}
}

type jitter struct {
	share   float64
	whole   bool
	against float64
}

// sure is by how much, in the logarithm, one explanation must be likelier than any other to be told: 7 to 1.
const sure = 2.0

// fit is the backoff that explains gaps best, and whether its shape and its jitter are sure.
type fit struct {
	backoff
	shapeSure, jitterSure bool
}

// confirm leaves sure only what other gaps of the same sender say, too.
func (f *fit) confirm(gaps sample) {
	other, ok := fitted(gaps)
	alike := func(a, b float64) bool { return math.Abs(a-b) <= 0.3*max(a, b) }
	f.jitterSure = f.jitterSure && ok && other.jitter() == f.jitter()
	for i, at := range gaps {
		f.jitterSure = f.jitterSure && (len(at) == 0 || alike(other.high(i+1), f.high(i+1)))
	}
	f.shapeSure = f.shapeSure && ok && f.jitterSure && other.shape == f.shape && alike(other.high(1), f.high(1)) && alike(other.factor, f.factor)
}

// fitted looks for it; ok is false when there is nothing to explain.
func fitted(all sample) (f fit, ok bool) { return fittedWith(all, jitters()) }

// fittedWith looks for it among those with some jitters.
func fittedWith(all sample, jitters []jitter) (f fit, ok bool) {
	gaps := all.thinned()
	if gaps.size() == 0 {
		return fit{}, false
	}
	r := ranking{score: math.Inf(-1), shapes: make(map[Shape]float64), kinds: make(map[Jitter]float64)}
	for _, s := range spreads(gaps, jitters) {
		if s.score < r.score-sure-mostDoubt { // no shape explains more than a schedule of its own does
			break
		}
		for _, shape := range shapesOf(s, gaps) {
			r.take(shape, shape.logLikelihood(gaps)-s.against-shape.costs(gaps))
		}
	}
	r.simplify(gaps)
	lateness := r.best.jitter() == JitterSome && r.best.widest(gaps) < leastSpread
	return fit{r.best, r.best.seen(gaps) && sureOf(r.shapes, r.best.shape, r.score), !lateness && sureOf(r.kinds, r.best.jitter(), r.score)}, true
}

// spreads are all jitters and latenesses, the likeliest first.
func spreads(gaps sample, jitters []jitter) []spread {
	var all []spread
	for _, jitter := range jitters {
		for _, late := range latenesses() {
			s := spread{backoff: backoff{shape: ShapeSchedule, share: jitter.share, whole: jitter.whole, late: late.lateness}, against: jitter.against + late.against}
			s.table = make([]float64, len(gaps))
			for i, at := range gaps {
				if len(at) == 0 { // nothing was seen: as after the try before
					s.table[i] = s.table[max(0, i-1)]
					continue
				}
				s.table[i] = s.edge(at)
			}
			s.score = s.logLikelihood(gaps) - s.against
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b spread) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		default:
			return 0
		}
	})
	return all
}

// edge is the longest wait that explains sorted gaps best. It is looked for where gaps begin, for they are never early, and where they end.
func (b backoff) edge(gaps []float64) float64 {
	best, score := 0.0, math.Inf(-1)
	var tried []float64
	try := func(high float64) {
		if b.share < 1 {
			high = max(high, leastJitter)
		}
		for _, high := range [...]float64{nice(high, b.rounding()), high} {
			if slices.Contains(tried, high) {
				continue
			}
			tried = append(tried, high)
			if got := b.explainsBetter(gaps, high, score); got > score {
				best, score = high, got
			}
		}
	}
	if b.share > 0 {
		try(0)
		for _, share := range [...]float64{0, 0.02, 0.05, 0.1, 0.25} {
			try(quantile(gaps, share) / b.share)
		}
	}
	if b.share < 1 {
		n := float64(len(gaps))
		for _, share := range [...]float64{1, 0.98, 0.95, 0.9, 0.75} {
			try(quantile(gaps, share))
			try(quantile(gaps, share)*(n+1)/n - b.late.usual)
			try(math.Floor(quantile(gaps, share)))
		}
	}
	return best
}

// leastSpread is the least, in seconds, that waits of no known jitter must differ by to be told to have it: less may be lateness, and a tenth of it surely is.
const leastSpread = 1.0

// leastJitter is the shortest wait that is given a jitter: less is lateness.
const leastJitter = 0.05

// rounding is how far from an estimate a round number may lie: one is as exact as the beginning of the gaps, or only as their end.
func (b backoff) rounding() float64 {
	if b.share == 1 {
		return 0.02
	}
	return 0.05
}

// costs is what is held against a backoff: the length of the shortest text that gives its numbers, and what makes its shape unusual.
func (b backoff) costs(gaps sample) float64 {
	n := gaps.size()
	if b.jitter() == JitterSome && b.widest(gaps) < leastSpread/10 {
		return math.Inf(1)
	}
	switch b.shape {
	case ShapeConstant, ShapeNone:
		return b.number(b.first, n)
	case ShapeLinear:
		return b.number(b.first, n) + b.number(b.step, n) + b.linearCosts()
	case ShapeExponential:
		return b.number(b.first, n) + ratio(b.factor, n) + b.capCosts(gaps)
	case ShapeSchedule:
		if !b.grows(gaps) {
			return math.Inf(1)
		}
		sum := 2.0
		for i, at := range gaps {
			if len(at) > 0 {
				sum += b.number(b.table[i], len(at))
			}
		}
		return sum
	default:
		panic("analysis: shape " + string(b.shape))
	}
}

// grows reports whether any wait of a schedule is longer than one before. Those that differ by no more than attempts are late on a busy machine are one wait; and
// those that only shrink are a queue's that empties, no policy's.
func (b backoff) grows(gaps sample) bool {
	const busy, factor = 0.02, 1.1
	least := math.Inf(1)
	for i, at := range gaps {
		if len(at) == 0 {
			continue
		}
		if b.table[i] > factor*least+busy {
			return true
		}
		least = min(least, b.table[i])
	}
	return false
}

// linearCosts are what is held against waits that grow by the same time: few do, and hardly any with jitter.
func (b backoff) linearCosts() float64 {
	if b.share < 1 {
		return 9
	}
	return 3
}

// capCosts are those of a cap; one that cuts nothing off is none.
func (b backoff) capCosts(gaps sample) float64 {
	if b.most == 0 {
		return 0
	}
	if b.factor > plausible && b.growing(gaps) < fewGrowing { // as far as was seen, it is a schedule
		return math.Inf(1)
	}
	uncapped := b
	uncapped.most = 0
	if uncapped.high(len(gaps)) < 1.15*b.most {
		return math.Inf(1)
	}
	return b.number(b.most, gaps.size())
}

// number is the length, in natural units, of a text that gives a wait: short for a round one, else as long as n gaps can tell it exactly.
func (b backoff) number(wait float64, n int) float64 {
	if short := roundness(wait); short > 0 {
		return short
	}
	exact := wait / float64(n)
	if b.share == 1 {
		exact = (b.late.usual + grain(wait)) / float64(n)
	}
	return max(6, math.Log(20*wait/exact))
}

// ratio is the same of a factor. Most people double.
func ratio(factor float64, n int) float64 {
	if factor == 2 {
		return 1
	}
	if short := roundness(factor); short > 0 {
		return short
	}
	return max(6, math.Log(20*float64(n)))
}
