package analysis

import (
	"math"
	"slices"
)

// shapesOf are the backoffs of every shape that a spread suggests.
func shapesOf(s spread, gaps sample) []backoff {
	constant := s.as(ShapeConstant)
	constant.first = constant.edge(pooled(gaps))
	shapes := []backoff{constant}
	if gaps.places() < 2 {
		return shapes
	}
	shapes = append(shapes, s.linear(gaps)...)
	shapes = append(shapes, s.exponentials(gaps)...)
	return append(shapes, s.backoff)
}

// as is the spread's jitter and lateness in another shape.
func (s spread) as(shape Shape) backoff {
	return backoff{shape: shape, share: s.share, whole: s.whole, late: s.late, table: s.table}
}

// pooled are the gaps after all tries, sorted.
func pooled(gaps sample) []float64 {
	all := slices.Concat(gaps...)
	slices.Sort(all)
	return all
}

// point is a wait after a try, with its weight.
type point struct{ try, wait, weight float64 }

// points are the spread's waits after the tries that were seen, of those from first to before.
func (s spread) points(gaps sample, before int) []point {
	var all []point
	for i := range min(before, len(gaps)) {
		if len(gaps[i]) > 0 {
			all = append(all, point{float64(i), s.table[i], float64(len(gaps[i]))})
		}
	}
	return all
}

// leastSquares fits wait = at + slope * try. ok is false when the points are fewer than two.
func leastSquares(points []point) (at, slope float64, ok bool) {
	var w, x, y float64
	for _, p := range points {
		w, x, y = w+p.weight, x+p.weight*p.try, y+p.weight*p.wait
	}
	var xx, xy float64
	for _, p := range points {
		xx, xy = xx+p.weight*(p.try-x/w)*(p.try-x/w), xy+p.weight*(p.try-x/w)*(p.wait-y/w)
	}
	if len(points) < 2 || xx == 0 {
		return 0, 0, false
	}
	slope = xy / xx
	return y/w - slope*x/w, slope, true
}

// linear is one that grows by the same time.
func (s spread) linear(gaps sample) []backoff {
	first, step, ok := leastSquares(s.points(gaps, len(gaps)))
	if !ok || first <= 0 || step < leastStep*first || step > mostStep*first {
		return nil
	}
	b := s.as(ShapeLinear)
	b.first, b.step = first, step
	return b.variants(gaps)
}

// What grows by less is constant, what grows by more is a schedule.
const (
	leastFactor, mostFactor = 1.15, 12
	leastStep, mostStep     = 0.1, 4 // shares of the first wait
)

// exponentials are those that grow by the same factor, without a cap and with one wherever the waits stop growing.
func (s spread) exponentials(gaps sample) []backoff {
	var all []backoff
	for before := len(gaps); before >= 2; before-- {
		most, flat := s.plateau(gaps, before)
		if before < len(gaps) && !flat {
			break // the waits still grow here: no cap lies before it
		}
		b, ok := s.exponential(gaps, before)
		if !ok {
			continue
		}
		b.most = most
		all = append(all, b.variants(gaps)...)
		doubling := b.doubling(s.points(gaps, before)).rounded()
		all = append(all, doubling)
		if b.whole {
			all = append(all, doubling.floored())
		}
	}
	return all
}

// exponential is the one that the waits of the tries before a place suggest.
func (s spread) exponential(gaps sample, before int) (b backoff, ok bool) {
	points := s.points(gaps, before)
	for i := range points {
		if points[i].wait < leastGrowing {
			return b, false
		}
		points[i].wait = math.Log(points[i].wait)
	}
	first, slope, ok := leastSquares(points)
	b = s.as(ShapeExponential)
	b.first, b.factor = math.Exp(first), math.Exp(slope)
	return b, ok && b.factor >= leastFactor && b.factor <= mostFactor
}

// leastGrowing is the shortest wait that can grow: less is lateness.
const leastGrowing = 0.02

// doubling is b with the factor that most people choose, and the first wait that the others suggest then.
func (b backoff) doubling(points []point) backoff {
	var firsts []float64
	for _, p := range points {
		firsts = append(firsts, p.wait/math.Pow(2, p.try))
	}
	slices.Sort(firsts)
	b.factor, b.first = 2, quantile(firsts, 0.5)
	return b
}

// plateau is the wait in the middle of those from a place on, and whether they are all alike.
func (s spread) plateau(gaps sample, from int) (most float64, flat bool) {
	var waits []float64
	for _, p := range s.points(gaps, len(gaps)) {
		if int(p.try) >= from {
			waits = append(waits, p.wait)
		}
	}
	if len(waits) == 0 {
		return 0, from == len(gaps)
	}
	slices.Sort(waits)
	most = quantile(waits, 0.5)
	return most, waits[0] >= 0.7*most && waits[len(waits)-1] <= 1.4*most
}

// variants are b with its numbers where they explain the gaps best, and with round ones beside these and beside those that it has.
func (b backoff) variants(gaps sample) []backoff {
	best := b.improved(gaps)
	all := []backoff{best, best.rounded(), b.rounded()}
	if b.whole {
		all = append(all, best.floored())
	}
	return all
}

// floored is b, of which whole seconds are waited, with those of the first wait: what is behind the point is lateness.
func (b backoff) floored() backoff {
	b.first = max(1, math.Floor(b.first+0.001))
	return b
}

// rounded is b with round numbers.
func (b backoff) rounded() backoff {
	b.first, b.step, b.most = nice(b.first, 2*b.rounding()), nice(b.step, 2*b.rounding()), nice(b.most, 2*b.rounding())
	b.factor = nice(b.factor, 2*b.rounding())
	return b
}

// improved is b with its numbers moved, by ever smaller steps, to where they explain the gaps best.
func (b backoff) improved(gaps sample) backoff {
	score := b.logLikelihood(gaps)
	for _, step := range [...]float64{0.1, 0.03, 0.01, 0.003, 0.001} {
		for range 4 {
			moved := false
			for _, other := range b.beside(step) {
				if got := other.logLikelihood(gaps); got > score {
					b, score, moved = other, got, true
				}
			}
			if !moved {
				break
			}
		}
	}
	return b
}

// beside are the backoffs of which one number differs by a share.
func (b backoff) beside(step float64) []backoff {
	var all []backoff
	for _, by := range [...]float64{1 + step, 1 - step} {
		first, growth, most := b, b, b
		first.first *= by
		growth.factor, growth.step = max(leastFactor, growth.factor*by), growth.step*by
		most.most *= by
		all = append(all, first, growth, most)
	}
	return all
}

// Two waits lie on many curves: that they grow in a way that few choose is told of three.
const (
	fewGrowing = 3
	plausible  = 3.0 // the largest factor of those that people choose
	farApart   = 10
)

// seen reports whether there are enough waits to tell the shape.
func (b backoff) seen(gaps sample) bool {
	switch b.shape {
	case ShapeConstant, ShapeNone:
		return true
	case ShapeLinear:
		return gaps.places() >= fewGrowing
	case ShapeSchedule: // nobody multiplies by more
		return gaps.places() >= fewGrowing || b.high(2) > farApart*b.high(1)
	case ShapeExponential: // most people double
		return nice(b.factor, b.rounding()) == 2 || b.growing(gaps) >= fewGrowing
	default:
		panic("analysis: shape " + string(b.shape))
	}
}

// growing is after how many tries there are gaps, of those before an exponential backoff reaches its cap.
func (b backoff) growing(gaps sample) int {
	n := 0
	for i, at := range gaps {
		if len(at) > 0 && (b.most == 0 || b.high(i+1) < b.most) {
			n++
		}
	}
	return n
}
