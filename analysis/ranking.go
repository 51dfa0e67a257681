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
	plain  []plain // the best without jitter of each shape, and the best of round numbers, but for schedules
	table  backoff // the best schedule
}

// plain is a backoff without jitter.
type plain struct {
	backoff
	score float64
	round bool // it is kept as the best of round numbers
}

func (r *ranking) take(b backoff, score float64) {
	if score > r.score {
		r.best, r.score = b, score
	}
	if old, known := r.shapes[b.shape]; !known || score+b.unusualShape() > old {
		r.shapes[b.shape] = score + b.unusualShape()
		if b.shape == ShapeSchedule {
			r.table = b
		} else if b.share == 1 {
			r.keep(plain{b, score, false})
		}
	}
	if b.shape != ShapeSchedule && b.share == 1 && b.isRound() {
		r.keep(plain{b, score, true})
	}
	if old, known := r.kinds[b.jitter()]; !known || score+b.unusualJitter() > old {
		r.kinds[b.jitter()] = score + b.unusualJitter()
	}
}

// keep takes a plain backoff in the place of one of its kind that is no better.
func (r *ranking) keep(p plain) {
	at := slices.IndexFunc(r.plain, func(other plain) bool { return other.shape == p.shape && other.round == p.round })
	if at < 0 {
		r.plain = append(r.plain, p)
	} else if p.score > r.plain[at].score {
		r.plain[at] = p
	}
}

// isRound reports whether all of its numbers are round.
func (b backoff) isRound() bool {
	for _, number := range [...]float64{b.first, b.step, b.factor, b.most} {
		if number != 0 && roundness(number) == 0 {
			return false
		}
	}
	return true
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
	schedule, known := r.shapes[ShapeSchedule]
	if !known || schedule <= r.score-sure || r.table.share < 1 || r.best.share < 1 {
		return
	}
	found, best := r.best, math.Inf(-1)
	for _, p := range r.plain {
		if (p.shape == r.best.shape || r.best.shape == ShapeSchedule) && p.score > best && r.table.isLate(p.backoff, gaps) {
			found, best = p.backoff, p.score
		}
	}
	if !math.IsInf(best, -1) {
		r.best, r.score = found, r.shapes[found.shape]
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
