package analysis

import (
	"math"
	"slices"
	"time"
)

// countScale is an axis up for numbers, from 0 to at least most.
type countScale struct{ top, height float64 }

// countsUp is one with its ticks, at round numbers.
func countsUp(most, height int) (countScale, []tick) {
	const rows = 4
	step := 1
	for i := 0; step*rows < most; i++ {
		step = [...]int{2, 5, 10}[i%3] * int(math.Pow10(i/3))
	}
	top := max(1, (most+step-1)/step) * step
	s := countScale{float64(top), float64(height)}
	var ticks []tick
	for n := 0; n <= top; n += step {
		ticks = append(ticks, tick{At: pixels(s.y(n)), Text: thousands(n)})
	}
	return s, ticks
}

func (s countScale) y(n int) float64 { return s.height * (1 - float64(n)/s.top) }

// leastBar is how high a bar is at least, however few it stands for.
const leastBar = 1.5

// stack are the bars of one step, from the axis up.
func (s countScale) stack(x, w float64, counts byOutcome, title string) []rect {
	var bars []rect
	below := s.height
	for i, o := range outcomes() {
		if counts[i] == 0 {
			continue
		}
		h := max(leastBar, s.height-s.y(counts[i]))
		below -= h
		if h > 4 { // a seam, which tells one from the other whatever the colours
			h--
		}
		bars = append(bars, rect{X: share(x), W: share(w), Y: pixels(max(0, below)), H: pixels(h), Class: string(o), Title: title})
	}
	return bars
}

// logScale is an axis of times on which each tenfold is as long as the next.
type logScale struct{ from, to time.Duration }

// at is the share of the axis that lies below a time.
func (s logScale) at(d time.Duration) float64 {
	whole := math.Log(float64(s.to) / float64(s.from))
	return min(1, max(0, math.Log(float64(max(d, 1))/float64(s.from))/whole))
}

// ticks are usual times on the axis that stand clear of each other by a share of it, the rounder before the others.
func (s logScale) ticks(clear float64) []time.Duration {
	var chosen []time.Duration
	for _, times := range [][]time.Duration{roundTimes(), usualTimes()} {
		for _, d := range times {
			stands := !slices.ContainsFunc(chosen, func(o time.Duration) bool { return math.Abs(s.at(o)-s.at(d)) < clear })
			if d >= s.from && d <= s.to && stands {
				chosen = append(chosen, d)
			}
		}
	}
	slices.Sort(chosen)
	return chosen
}

// spareOdd makes ticks spare that do not stand at round times, where there are enough that do.
func spareOdd(ticks []tick, times []time.Duration) {
	const enough = 3
	round := roundTimes()
	n := 0
	for _, d := range times {
		if slices.Contains(round, d) {
			n++
		}
	}
	for i, d := range times {
		if n >= enough {
			ticks[i].Spare = !slices.Contains(round, d)
		}
	}
}

// roundTimes are about ten times the one before each.
func roundTimes() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{
		100 * time.Microsecond, time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second, 10 * time.Second, time.Minute, 10 * time.Minute, time.Hour,
		12 * time.Hour, 5 * day, 50 * day,
	}
}

// usualTimes are those that people count in.
func usualTimes() []time.Duration {
	const day = 24 * time.Hour
	var all []time.Duration
	for unit := 100 * time.Microsecond; unit <= time.Second; unit *= 10 {
		all = append(all, unit, 2*unit, 5*unit)
	}
	return append(all, 10*time.Second, 20*time.Second, 30*time.Second, time.Minute, 2*time.Minute, 5*time.Minute, 10*time.Minute, 20*time.Minute, 30*time.Minute,
		time.Hour, 2*time.Hour, 5*time.Hour, 12*time.Hour, day, 2*day, 5*day, 10*day, 20*day, 50*day, 100*day, 200*day, 365*day)
}
