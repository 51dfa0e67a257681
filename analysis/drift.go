package analysis

import (
	"cmp"
	"math"
	"slices"
)

// What chance does to one wait has nothing to do with the next, but a queue's length changes slowly. So a queue can be told though nothing is seen of what keeps its
// workers busy: retries that begin one after another have had nearly the same gap, and in time it becomes another.

// drifts reports whether many of the waits drift so.
func (o order) drifts() bool {
	all, drifting := 0, 0
	for _, waits := range o {
		all += len(waits)
		if drift(waits) {
			drifting += len(waits)
		}
	}
	return 3*drifting >= all && drifting > 0
}

// fewDrifting is how many waits may seem to drift by chance.
const fewDrifting = 12

// drift reports whether waits after one try do: by von Neumann's ratio, which is 2 for what is independent.
func drift(waits []wait) bool {
	if len(waits) < fewDrifting {
		return false
	}
	waits = slices.Clone(waits)
	slices.SortFunc(waits, func(a, b wait) int { return cmp.Or(cmp.Compare(a.to, b.to), cmp.Compare(a.from, b.from)) })
	gaps, sum := make([]float64, len(waits)), 0.0
	for i, one := range waits {
		gaps[i] = float64(one.to-one.from) / 1e9
		sum += gaps[i]
	}
	mean, steps, around := sum/float64(len(gaps)), 0.0, 0.0
	for i, gap := range gaps {
		around += (gap - mean) * (gap - mean)
		if i > 0 {
			steps += (gap - gaps[i-1]) * (gap - gaps[i-1])
		}
	}
	apart := math.Sqrt(around / float64(len(gaps)))
	return apart > 0.1 && apart > 0.05*mean && steps < 0.5*around
}
