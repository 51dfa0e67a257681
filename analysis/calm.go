package analysis

import (
	"cmp"
	"math"
)

// Some gaps of a busy sender are calm: no queue was seen that can have lengthened them. What they say is believed when they are enough, and shorter than the others.

// fewCalm is how many must say what is told of many gaps that a queue may have lengthened.
const fewCalm = 12

// longer reports whether the calm gaps are rather longer than all (Mann and Whitney): then the queue was not seen for what it was, for none makes gaps shorter.
func (s sample) longer(all sample) bool {
	balance, chance := 0.0, 0.0
	for i, at := range s {
		n, others := float64(len(at)), float64(len(all[i])-len(at))
		chance += n * others * (n + others + 1) / 3
		for _, gap := range at {
			for _, other := range all[i] {
				balance += float64(cmp.Compare(gap, other))
			}
		}
	}
	return balance > 2*math.Sqrt(chance)
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
