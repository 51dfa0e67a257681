package analysis

import (
	"math"
	"slices"
)

// ranking are the best scores of each shape and of each jitter.
type ranking struct {
	best   backoff
	score  float64
	shapes map[Shape]float64
	kinds  map[Jitter]float64
	plain  []backoff // the best without jitter of each shape, but for schedules
}

func (r *ranking) take(b backoff, score float64) {
	if score > r.score {
		r.best, r.score = b, score
	}
	if old, known := r.shapes[b.shape]; !known || score+b.unusualShape() > old {
		r.shapes[b.shape] = score + b.unusualShape()
		if b.shape != ShapeSchedule && b.share == 1 {
			r.plain = slices.DeleteFunc(r.plain, func(other backoff) bool { return other.shape == b.shape })
			r.plain = append(r.plain, b)
		}
	}
	if old, known := r.kinds[b.jitter()]; !known || score+b.unusualJitter() > old {
		r.kinds[b.jitter()] = score + b.unusualJitter()
	}
}

// What is unusual must explain much more than others to be told. To be doubted they need only explain less than it: here is what it is given back then.
const mostDoubt = 5.0

func (b backoff) unusualJitter() float64 {
	if b.jitter() == JitterSome {
		return mostDoubt
	}
	return 0
}

func (b backoff) unusualShape() float64 {
	if b.shape == ShapeLinear && b.share < 1 {
		return mostDoubt
	}
	return 0
}

// sureOf reports whether the best has no rival.
func sureOf[T comparable](scores map[T]float64, best T, score float64) bool {
	for other, got := range scores {
		if other != best && got > score-sure {
			return false
		}
	}
	return true
}

// simplify takes a shape for the schedule that it is but for a lateness which is not the same after each try, as of a sender that begins all at once.
func (r *ranking) simplify(gaps sample) {
	if r.best.shape != ShapeSchedule || r.best.share < 1 {
		return
	}
	schedule, best := r.best, math.Inf(-1)
	for _, b := range r.plain {
		if score := r.shapes[b.shape]; score > best && schedule.isLate(b, gaps) {
			r.best, best = b, score
		}
	}
	if r.best.shape != ShapeSchedule {
		r.score = best
		delete(r.shapes, ShapeSchedule)
	}
}

// isLate reports whether a schedule's waits are those of b, none shorter, and none longer than a sender is late.
func (s backoff) isLate(b backoff, gaps sample) bool {
	for i, at := range gaps {
		want, got := b.high(i+1), s.high(i+1)
		if len(at) > 0 && (got < want-grain(want) || got > want+0.02+0.03*want) {
			return false
		}
	}
	return true
}
