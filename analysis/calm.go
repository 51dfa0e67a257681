package analysis

import (
	"cmp"
	"math"
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
	if f.share == 1 && f.late.evenly {
		unknown = !order.keptBy(f.backoff)
		if order.scrambled(f.backoff) {
			*f, _ = fittedWith(gaps, jitters()[1:])
			unknown = false
		}
	}
	if unknown || f.share < 1 && !f.stands(gaps) {
		f.shapeSure, f.jitterSure = false, false
	}
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
