package analysis

import (
	"cmp"
	"math"
	"slices"
)

// Some gaps of a busy sender are calm: no queue was seen that can have lengthened them. What they say is believed when they are enough, and shorter than the others.

// fewCalm is how many must say what is told of many gaps that a queue may have lengthened.
const fewCalm = 12

// steadyShare is up to which gap, in seconds, a queue counts by its length alone. Of longer ones it counts by its share (arrival.queued), so the longest are calm more often.
const steadyShare = 5.0

// longer reports whether the calm gaps are rather longer than all (Mann and Whitney): then the queue was not seen for what it was, for none makes gaps shorter.
func (s sample) longer(all sample) bool {
	balance, chance := 0.0, 0.0
	calm, every := s.thinned(), all.thinned()
	for i, at := range calm {
		if longest := every[i]; len(longest) > 0 && longest[len(longest)-1] > steadyShare {
			continue
		}
		sum := 0
		for _, gap := range at {
			for _, other := range every[i] {
				sum += cmp.Compare(gap, other)
			}
		}
		n, others := float64(len(s[i])), float64(len(all[i])-len(s[i]))
		chance += n * others * (n + others + 1) / 3
		balance += float64(sum) * n * (n + others) / float64(max(1, len(at)*len(every[i])))
	}
	return balance > 2*math.Sqrt(chance)
}

// heed leaves sure what the spread of calm gaps and their order bear out. Of those that come late by up to seconds, any time of these as likely, nobody knows whether it is
// chance that makes them differ, unless they overtake each other as no queue makes them, or keep their order as no chance does.
func (f *fit) heed(gaps sample, order order) {
	unknown := false
	if f.share == 1 && !f.tight(gaps) && !order.keptBy(f.backoff) && !f.plainlyLate(gaps) {
		unknown = !f.late.evenly || !order.scrambled(f.backoff)
		if !unknown {
			*f, _ = fittedWith(gaps, jitters()[1:])
		}
	}
	if unknown || f.share < 1 && !f.stands(gaps) {
		f.shapeSure, f.jitterSure = false, false
	}
	f.shapeSure = f.shapeSure && (f.share < 1 || !f.denied(gaps))
}

// plainlyLate reports whether a backoff of round numbers and lateness are the better explanation than a jitter, though no order says so. A jitter would make long waits
// differ by as much more, and lateness is the same for all; of waits that are all the same, the rounder number is meant, the shortest or the middle.
func (b backoff) plainlyLate(gaps sample) bool {
	if roundness(b.first) == 0 {
		return false
	}
	if b.shape == ShapeConstant && b.late.evenly {
		middle := roundness(b.first + b.late.usual/2)
		return middle == 0 || roundness(b.first) < middle
	}
	return b.high(len(gaps)) >= wideSpan*b.high(1)
}

const wideSpan = 4

// tight reports whether most gaps are as long as a backoff without jitter says, and more than it takes to choose its numbers; or all are, and it is of round ones.
func (b backoff) tight(gaps sample) bool {
	within, all := 0, 0
	for i, at := range gaps {
		due := b.high(i + 1)
		for _, gap := range at {
			all++
			if gap-due <= 0.05+0.02*due {
				within++
			}
		}
	}
	return 2*within >= all && (within >= min(b.numbers(), gaps.places())+2 || b.exact(gaps))
}

// exact reports whether all gaps are what a backoff without jitter says, and that is round numbers.
func (b backoff) exact(gaps sample) bool {
	for i, at := range gaps {
		if len(at) > 0 && !atRound(nice(b.high(i+1), 0.002), at) {
			return false
		}
	}
	return true
}

// near reports whether nearly all gaps are hardly longer than a backoff without jitter says: what else made them so does not change its numbers.
func (b backoff) near(gaps sample) bool {
	near := 0
	for i, at := range gaps {
		due := b.high(i + 1)
		for _, gap := range at {
			if gap >= due-2*grain(due) && gap <= 0.05+1.02*due {
				near++
			}
		}
	}
	return 10*near >= 9*gaps.size()
}

// atRound reports whether gaps are a wait that is a round number of seconds, minutes or hours.
func atRound(wait float64, gaps []float64) bool {
	round := false
	for _, unit := range [...]float64{1, 60, 3600} {
		round = round || roundness(wait/unit) > 0 && wait >= unit
	}
	if short := roundness(wait); short > 0 && short <= roundness(1.5) {
		round = true
	}
	for _, gap := range gaps {
		round = round && math.Abs(gap-wait) <= 0.02+0.002*wait
	}
	return round
}

// denied reports whether after some try none of the gaps is as a backoff without jitter says: what is strange once is believed, but not what always is.
func (b backoff) denied(gaps sample) bool {
	for i, at := range gaps {
		due, near := b.high(i+1), len(at) == 0
		for _, gap := range at {
			near = near || gap >= due-2*grain(due) && gap <= due+0.05*due+longestQueue
		}
		if !near {
			return true
		}
	}
	return false
}

// filled are the calm gaps, and all after those tries after which none is calm; hidden says that there are such, and that they are no round number.
func (s sample) filled(all sample) (out sample, hidden bool) {
	out = make(sample, len(all))
	for i, at := range all {
		if i < len(s) && len(s[i]) > 0 {
			at = s[i]
		} else if len(at) > 0 {
			hidden = hidden || !atRound(nice(slices.Min(at), 0.02), at)
		}
		out[i] = at
	}
	return out, hidden
}

// plainBehindQueue reports whether a schedule may be a constant backoff, or one that grows as most do, some of whose waits a queue has lengthened.
func (b backoff) plainBehindQueue() bool {
	if b.shape != ShapeSchedule {
		return false
	}
	for _, plain := range [...]backoff{
		{shape: ShapeConstant, first: 1}, {shape: ShapeLinear, first: 1, step: 1}, {shape: ShapeExponential, first: 1, factor: 2}, {shape: ShapeExponential, first: 1, factor: 3},
	} {
		first := math.Inf(1) // the longest with which no wait is longer than the schedule's
		for i, wait := range b.table {
			first = min(first, wait/plain.high(i+1))
		}
		queued := 0.0
		for i, wait := range b.table {
			queued = max(queued, wait-first*plain.high(i+1))
		}
		if queued <= longestQueue {
			return true
		}
	}
	return false
}
