package analysis

import "math"

// lateness is how much later than due a sender's attempts come: a worker is busy, a queue is long, a connection is made. It is never early. Most attempts are
// late by about usual seconds; one in ten may be late by a second or so whatever is usual. With evenly, all are late by up to usual seconds, each as likely.
type lateness struct {
	usual  float64
	evenly bool
}

// latenesses are the ones that are tried, and what is held against each: that senders are late by seconds needs more evidence than milliseconds.
func latenesses() []struct {
	lateness
	against float64
} {
	type tried = struct {
		lateness
		against float64
	}
	return []tried{
		{lateness{0.002, false}, 0}, {lateness{0.01, false}, 0}, {lateness{0.05, false}, 0.5}, {lateness{0.2, false}, 1},
		{lateness{0.7, false}, 2}, {lateness{2, false}, 3}, {lateness{1, true}, 3}, {lateness{2, true}, 3}, {lateness{3, true}, 4},
	}
}

const (
	strange = 0.01 // the chance of what no policy explains: an attempt that somebody made by hand, a clock that was set
	decades = 20   // natural ones: a strange gap may be anything from a millisecond to months
	latest  = 3    // seconds later than due by whole seconds: more is as strange as any
)

// density is how likely a gap is when the policy waits between low and high seconds, any time of these as likely.
func (l lateness) density(gap, low, high float64) float64 {
	explained := 0.0
	if l.evenly {
		explained = evenLate(gap, low, high, l.usual)
	} else {
		explained = 0.9*expLate(gap, low, high, l.usual) + 0.1*expLate(gap, low, high, 1)
	}
	return (1-strange)*explained + strange/(decades*(gap+0.001))
}

// densest is what density does not exceed for gaps from the least on and waits that differ by up to width.
func (l lateness) densest(least, width float64) float64 {
	return (1-strange)/max(min(l.usual, 1), width) + strange/(decades*(least+0.001))
}

// wholeDensity is the same when the policy waits for any whole number of seconds up to high, all as likely.
func (l lateness) wholeDensity(gap, high float64) float64 {
	sum := 0.0
	for wait := max(0, math.Floor(gap)-latest); wait <= min(high, math.Ceil(gap)); wait++ {
		sum += l.density(gap, wait, wait)
	}
	return max(sum, strange/(decades*(gap+0.001))) / (high + 1)
}

// densestWhole is what wholeDensity does not exceed for gaps from the least on.
func (l lateness) densestWhole(least, high float64) float64 {
	return (latest + 2) * l.densest(least, 0) / (high + 1)
}

// grain is by how much a gap may seem to be shorter than was waited: clocks and roundings.
func grain(seconds float64) float64 { return 0.001 + 0.002*seconds }

// expLate is the density of a wait between low and high with a lateness that is exponential with mean late: f = U[low, high] * Exp(late).
func expLate(gap, low, high, late float64) float64 {
	width := high - low
	early := grain(low)
	switch {
	case gap < low:
		return math.Exp((gap-low)/early) / (early + max(width, late))
	case width < early:
		return math.Exp((low-gap)/late) / (early + late)
	case gap <= high:
		return (1 - math.Exp((low-gap)/late)) / width
	default:
		return (math.Exp((high-gap)/late) - math.Exp((low-gap)/late)) / width
	}
}

// evenLate is the same with a lateness that is anything up to most: f = U[low, high] * U[0, most].
func evenLate(gap, low, high, most float64) float64 {
	width := high - low
	early := grain(low)
	switch {
	case gap < low:
		return math.Exp((gap-low)/early) / (early + max(width, most))
	case gap > high+most:
		return 0
	case width < early:
		return 1 / (early + most)
	default:
		return (min(high, gap) - max(low, gap-most)) / (width * most)
	}
}
