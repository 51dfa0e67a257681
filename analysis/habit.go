package analysis

import (
	"math"
	"slices"
)

// habit is what specimens show together.
type habit struct {
	gaps   sample
	ends   map[ending][2]int // followed by another attempt, left
	waited []float64

	fit    *fit // of the gaps, once it was asked for
	sorted bool
}

func (h *habit) add(one specimen) {
	for _, g := range one.gaps {
		h.gaps.add(g.try, g.seconds)
	}
	if h.ends == nil {
		h.ends = make(map[ending][2]int)
	}
	for _, e := range one.ends {
		counts := h.ends[e.how]
		if e.followed {
			counts[0]++
		} else {
			counts[1]++
		}
		h.ends[e.how] = counts
	}
	h.waited = append(h.waited, one.waited...)
	h.fit, h.sorted = nil, false
}

// merged are both.
func (h *habit) merged(other *habit) *habit {
	out := &habit{gaps: h.gaps.clone(), ends: make(map[ending][2]int), waited: slices.Concat(h.waited, other.waited)}
	for i, gaps := range other.gaps {
		for _, gap := range gaps {
			out.gaps.add(i+1, gap)
		}
	}
	for _, ends := range [...]map[ending][2]int{h.ends, other.ends} {
		for how, counts := range ends {
			sum := out.ends[how]
			out.ends[how] = [2]int{sum[0] + counts[0], sum[1] + counts[1]}
		}
	}
	return out
}

// size is how much they show.
func (h *habit) size() int {
	n := h.gaps.size() + len(h.waited)
	for _, counts := range h.ends {
		n += counts[0] + counts[1]
	}
	return n
}

// ready puts the numbers into order.
func (h *habit) ready() {
	if h.sorted {
		return
	}
	for _, gaps := range h.gaps {
		slices.Sort(gaps)
	}
	slices.Sort(h.waited)
	h.sorted = true
}

// fitted is the backoff that explains the gaps best.
func (h *habit) fitted() *fit {
	if h.fit == nil {
		found, _ := fitted(h.gaps)
		h.fit = &found
	}
	return h.fit
}

// leastSeen is how often something must have been seen on both sides to tell two senders apart by it.
const leastSeen = 8

// differs reports whether two habits cannot be one sender's: one retries what the other never does, or their timeouts differ, or their waits do.
func (h *habit) differs(other *habit) bool {
	return h.neverDoes(other) || other.neverDoes(h) || h.timesOut(other) || h.waitsOtherwise(other)
}

// neverDoes reports whether h never retries after an ending after which other does mostly.
func (h *habit) neverDoes(other *habit) bool {
	for how, counts := range h.ends {
		theirs := other.ends[how]
		if counts[0] == 0 && counts[1] >= leastSeen && theirs[0] >= leastSeen && theirs[0] > theirs[1] {
			return true
		}
	}
	return false
}

// timesOut reports whether the times after which they give up waiting for an answer differ.
func (h *habit) timesOut(other *habit) bool {
	h.ready()
	other.ready()
	if len(h.waited) < leastSeen || len(other.waited) < leastSeen {
		return false
	}
	low, high := h.waited, other.waited
	if quantile(low, 0.5) > quantile(high, 0.5) {
		low, high = high, low
	}
	return quantile(low, 0.95) < 0.8*quantile(high, 0.05)
}

// waitsOtherwise reports whether their waits differ, by more than how late their attempts are: the one's policy does not explain the other's gaps.
func (h *habit) waitsOtherwise(other *habit) bool {
	h.ready()
	other.ready()
	if h.gaps.size() < leastSeen || other.gaps.size() < leastSeen || !h.gapsDiffer(other) {
		return false
	}
	if h.fitted().alike(other.fitted().backoff, min(len(h.gaps), len(other.gaps))) {
		return false
	}
	apart := h.fitted().alone(h.gaps) + other.fitted().alone(other.gaps)
	together := math.Inf(-1)
	both := h.merged(other)
	for _, one := range [...]*fit{both.fitted(), h.fitted(), other.fitted()} {
		costs := one.costs(both.gaps.thinned())
		together = max(together, one.withAnyLateness(h.gaps)+one.withAnyLateness(other.gaps)-costs)
	}
	const clearly = 15 // in the logarithm: 3 million to 1
	return apart > together+clearly
}

// alike reports whether two backoffs wait about as long after so many tries: what lies between is how far away an endpoint is.
func (b backoff) alike(other backoff, tries int) bool {
	near := func(x, y float64) bool { return math.Abs(x-y) <= 0.25*max(x, y)+0.1 }
	for try := 1; try <= tries; try++ {
		if !near(b.low(try), other.low(try)) || !near(b.high(try), other.high(try)) {
			return false
		}
	}
	return true
}

// gapsDiffer reports whether, after some try, the gaps of both are unlikely to be from one distribution (Kolmogorov and Smirnov).
func (h *habit) gapsDiffer(other *habit) bool {
	for i := range min(len(h.gaps), len(other.gaps)) {
		a, b := h.gaps[i], other.gaps[i]
		if len(a) < 4 || len(b) < 4 {
			continue
		}
		const unlikely = 1.95 // one in a thousand
		if distance(a, b)*math.Sqrt(float64(len(a)*len(b))/float64(len(a)+len(b))) > unlikely {
			return true
		}
	}
	return false
}

// distance is the largest distance between the shares of two sorted samples that lie below a value.
func distance(a, b []float64) (most float64) {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		at := min(a[i], b[j])
		for i < len(a) && a[i] == at {
			i++
		}
		for j < len(b) && b[j] == at {
			j++
		}
		most = max(most, math.Abs(float64(i)/float64(len(a))-float64(j)/float64(len(b))))
	}
	return most
}

// alone is how well the fit explains the gaps that it was made for, less what is held against it.
func (f *fit) alone(gaps sample) float64 {
	gaps = gaps.thinned()
	return f.withAnyLateness(gaps) - f.costs(gaps)
}

// withAnyLateness is how well the fit's waits explain gaps, however late their sender is.
func (f *fit) withAnyLateness(gaps sample) float64 {
	gaps = gaps.thinned()
	best := math.Inf(-1)
	for _, late := range latenesses() {
		b := f.backoff
		b.late = late.lateness
		best = max(best, b.explainsLate(gaps)-late.against)
	}
	return best
}

// explainsLate is how well the backoff explains gaps of which those after one try may be late together, as a queue was long just then.
func (b backoff) explainsLate(gaps sample) float64 {
	sum, forgiven := 0.0, 0.0
	for i, at := range gaps {
		if len(at) == 0 {
			continue
		}
		high := b.high(i + 1) // of a schedule the last repeats
		direct := b.explains(at, high)
		if free := b.edge(at); free > high && free <= high+longestQueue {
			forgiven = max(forgiven, b.explains(at, free)-lateTogether-direct)
		}
		sum += direct
	}
	return sum + forgiven
}
