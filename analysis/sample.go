package analysis

import (
	"math"
	"slices"
)

// sample holds gaps, in seconds, by the try after which they came: sample[0] are those after the first.
type sample [][]float64

// add takes a gap after a try.
func (s *sample) add(try int, seconds float64) {
	for len(*s) < try {
		*s = append(*s, nil)
	}
	(*s)[try-1] = append((*s)[try-1], seconds)
}

// clone is a sample that can be added to.
func (s sample) clone() sample {
	out := make(sample, len(s))
	for i, gaps := range s {
		out[i] = slices.Clone(gaps)
	}
	return out
}

// size is how many gaps there are.
func (s sample) size() int {
	n := 0
	for _, gaps := range s {
		n += len(gaps)
	}
	return n
}

// places is after how many different tries there are gaps.
func (s sample) places() int {
	n := 0
	for _, gaps := range s {
		if len(gaps) > 0 {
			n++
		}
	}
	return n
}

// longest is the longest gap, 0 when there is none.
func (s sample) longest() float64 {
	longest := 0.0
	for _, gaps := range s {
		for _, g := range gaps {
			longest = max(longest, g)
		}
	}
	return longest
}

const (
	mostPlaces  = 40 // gaps after later tries tell nothing more about a policy
	mostAtPlace = 60
)

// thinned is a sample of a size that can be fitted quickly: of each place its quantiles, sorted. So the same gaps give the same, in whatever order they came.
func (s sample) thinned() sample {
	out := make(sample, min(len(s), mostPlaces))
	for i := range out {
		gaps := slices.Clone(s[i])
		slices.Sort(gaps)
		if len(gaps) <= mostAtPlace {
			out[i] = gaps
			continue
		}
		out[i] = make([]float64, mostAtPlace)
		for j := range out[i] {
			out[i][j] = gaps[int(math.Round(float64(j)*float64(len(gaps)-1)/(mostAtPlace-1)))]
		}
	}
	return out
}

// quantile is the value of sorted numbers below which a share of them lies.
func quantile(sorted []float64, share float64) float64 {
	return sorted[int(math.Round(share*float64(len(sorted)-1)))]
}
