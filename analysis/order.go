package analysis

import (
	"cmp"
	"slices"
)

// A queue hides how long its tasks waited before they came to it, but not in which order they came: what is due first comes first, however long the queue is then.
// So waits without jitter come in the order that they say, and chance makes some overtake others.

// wait is the time between two attempts of a delivery, in nanoseconds since 1970.
type wait struct{ from, to int64 }

// order holds waits by the try after which they came, as sample does.
type order [][]wait

// mostOrdered bounds the memory for the waits after one try.
const mostOrdered = 5000

func (o *order) add(try int, from, to event) {
	for len(*o) < try {
		*o = append(*o, nil)
	}
	if at := &(*o)[try-1]; len(*at) < mostOrdered {
		*at = append(*at, wait{int64(from.at()), int64(to.at())})
	}
}

// keptBy reports whether the waits come in the order in which they are due by a backoff without jitter. Of few, nothing is told.
func (o order) keptBy(b backoff) bool {
	var all []due
	for i, waits := range o {
		all = append(all, dues(waits, b.high(i+1))...)
	}
	overtook, pairs := overtaking(all)
	return pairs >= fewPairs && 20*overtook <= pairs
}

// scrambled reports whether waits after the same try overtake each other, as no jitter makes them. With full jitter two pairs in five do, with equal jitter one in four.
func (o order) scrambled(b backoff) bool {
	overtook, pairs := 0, 0
	for i, waits := range o {
		some, of := overtaking(dues(waits, b.high(i+1)))
		overtook, pairs = overtook+some, pairs+of
	}
	return pairs >= fewPairs && 15*overtook >= pairs
}

const fewPairs = 30

// due is when a wait is over by its policy, when it was over, and within which time of others that would have it overtake them if it had jitter.
type due struct{ at, to, near int64 }

func dues(waits []wait, high float64) (all []due) {
	long := int64(high * 1e9)
	for _, one := range waits {
		all = append(all, due{one.from + long, one.to, long / 3})
	}
	return all
}

// overtaking counts the pairs of waits that are due soon after one another, and those of them that come the other way about.
func overtaking(all []due) (overtook, pairs int) {
	const aBit, neighbours = 50e6, 20
	slices.SortFunc(all, func(a, b due) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.to, b.to)) })
	for i, one := range all {
		seen := 0
		for _, later := range all[i+1:] {
			if apart := later.at - one.at; apart > one.near || seen == neighbours {
				break
			} else if apart < aBit {
				continue
			}
			seen++
			pairs++
			if later.to < one.to {
				overtook++
			}
		}
	}
	return overtook, pairs
}
