package analysis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLateAtFirst: a shape is told though the first retries are later than those that follow, as where many begin at once; a schedule that is none stays one.
func TestLateAtFirst(t *testing.T) {
	for _, tt := range []struct {
		waits []float64
		want  string
	}{
		{[]float64{0.4, 0.8, 1.6, 3.2}, "exponential 0.4"},
		{[]float64{1, 1, 1}, "constant 1"},
		{[]float64{2, 4, 6}, "linear 2"},
		{[]float64{1, 5, 6, 20}, "schedule 0"},
	} {
		sure := 0
		for seed := range uint64(10) {
			r := rand.New(rand.NewPCG(seed, 1))
			var gaps sample
			for i, wait := range tt.waits {
				var at []float64
				for range 12 {
					late := 0.002 + 0.002*r.Float64()
					if i == 0 {
						late = 0.006 + 0.004*r.Float64()
					}
					at = append(at, wait+late)
				}
				gaps = append(gaps, at)
			}
			found, ok := fitted(gaps)
			require.True(t, ok)
			b := found.presentable(gaps)
			require.Equal(t, tt.want, fmt.Sprint(b.shape, " ", b.first), "seed %d: %+v", seed, b)
			require.Equal(t, JitterNone, b.jitter())
			if found.shapeSure && found.jitterSure {
				sure++
			}
		}
		require.GreaterOrEqual(t, sure, 8, tt.want)
	}
}

// TestDensest: no gap is denser than is said, so that what is given up for another explanation is no better.
func TestDensest(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 1))
	for _, late := range latenesses() {
		for range 20_000 {
			b := backoff{share: []float64{1, 0, 0.5, 0.9}[r.IntN(4)], whole: r.IntN(4) == 0, late: late.lateness}
			high := []float64{0, 0.05, r.Float64(), 30 * r.Float64()}[r.IntN(4)]
			gap := []float64{b.share * high, high, high + late.usual*r.Float64(), 40 * r.Float64()}[r.IntN(4)]
			least := gap * r.Float64()
			most := b.densest([]float64{least, gap}, high)
			if b.whole {
				require.LessOrEqual(t, b.late.wholeDensity(gap, math.Floor(high+0.001)), most*(1+1e-9), "%+v %g %g", b, high, gap)
			} else {
				require.LessOrEqual(t, b.late.density(gap, b.share*high, high), most*(1+1e-9), "%+v %g %g", b, high, gap)
			}
		}
	}
}

// TestExplainsBetter: an explanation that is better is told exactly, any other is less.
func TestExplainsBetter(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	given := 0
	for range 2000 {
		b := backoff{share: []float64{1, 0, 0.5}[r.IntN(3)], whole: r.IntN(4) == 0, late: latenesses()[r.IntN(len(latenesses()))].lateness}
		wait, gaps := 10*r.Float64(), make([]float64, 60)
		for i := range gaps {
			gaps[i] = wait*(b.share+(1-b.share)*r.Float64()) + 0.05*r.Float64()
		}
		slices.Sort(gaps)
		other, exactly := b.explains(gaps, wait*(0.5+r.Float64())), b.explains(gaps, wait)
		got := b.explainsBetter(gaps, wait, other)
		if exactly > other {
			require.Equal(t, exactly, got)
			continue
		}
		require.LessOrEqual(t, got, other)
		if got < exactly {
			given++
		}
	}
	require.Greater(t, given, 20, "some are given up")
}

// TestFewWaits: two waits lie on many curves, so a shape that few choose takes three; and a cap is none where the growth before it is not known.
func TestFewWaits(t *testing.T) {
	for _, tt := range []struct {
		waits []float64
		least float64 // of a wait, as a share
		want  string
	}{
		{[]float64{1, 2}, 1, "exponential x2 up to 0"},
		{[]float64{1, 3}, 1, "unknown"},
		{[]float64{5, 30}, 1, "unknown"},
		{[]float64{5, 300}, 1, "schedule x0 up to 0"},
		{[]float64{5, 5}, 1, "constant x0 up to 0"},
		{[]float64{2, 6, 18}, 1, "exponential x3 up to 0"},
		{[]float64{1, 3, 4, 4}, 1, "unknown"},
		{[]float64{10, 60, 300, 300, 300}, 1, "schedule x0 up to 0"},
		{[]float64{10, 20, 40, 60}, 1, "exponential x2 up to 60"},
		{[]float64{10, 20, 40, 60}, 0.5, "exponential x2 up to 60"},
	} {
		r := rand.New(rand.NewPCG(1, 1))
		var gaps sample
		for _, wait := range tt.waits {
			var at []float64
			for range 40 {
				at = append(at, wait*(tt.least+(1-tt.least)*r.Float64())+0.003*r.ExpFloat64())
			}
			gaps = append(gaps, at)
		}
		found, ok := fitted(gaps)
		require.True(t, ok)
		b, got := found.presentable(gaps), "unknown"
		if found.shapeSure {
			got = fmt.Sprintf("%s x%v up to %v", b.shape, b.factor, b.most)
		}
		require.Equal(t, tt.want, got, "%v", tt.waits)
	}
}

// TestSmallJitter: waits of 5 s that differ by a fifth either way are not told to be 4 s, and late by up to 2 s: they overtake each other.
func TestSmallJitter(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	var gaps sample
	var came order
	for i := range 120 {
		gap := 4 + 2*r.Float64()
		began := int64(i) * 2e8
		gaps.add(1+i%2, gap)
		came.add(1+i%2, event(2*began), event(2*(began+int64(gap*1e9))))
	}
	p := Policy{Obeys: ObedienceUnknown}
	p.fitGaps(gaps, gaps, came)
	require.Equal(t, JitterSome, p.Jitter)
	require.InDelta(t, 5, p.First.Seconds(), 0.25)

	p = Policy{Obeys: ObedienceUnknown}
	p.fitGaps(gaps, gaps, nil)
	require.Empty(t, p.Jitter)
	require.Nil(t, p.First)
}

// TestFirstRetriesLater: a sender that begins with all at once is later with what it retries first. That makes no schedule of waits that double.
func TestFirstRetriesLater(t *testing.T) {
	for _, waits := range [][]float64{{0.4, 0.8, 1.6, 3.2}, {0.5, 1, 2, 4}, {0.5, 1.5, 4.5}, {1, 2, 4}} {
		for seed := range uint64(30) {
			r := rand.New(rand.NewPCG(seed, 0))
			var gaps sample
			for range 12 {
				for i, wait := range waits {
					late := 0.003 + 0.006*r.Float64()
					if i == 0 {
						late = 0.008 + 0.004*r.Float64()
					}
					gaps.add(i+1, wait+late)
				}
			}
			var p Policy
			p.fitGaps(gaps, gaps.clone(), nil)
			require.Equal(t, ShapeExponential, p.Shape, "%v, seed %d", waits, seed)
			require.Equal(t, waits[0], p.First.Seconds(), "%v, seed %d", waits, seed)
		}
	}
}

// TestLateAtRandom: senders each of whose attempts is late by itself, which is no queue and no jitter, are told for what they are, also where nearly all seems
// busy; where another explanation is as good, that is not told.
func TestLateAtRandom(t *testing.T) {
	late := func(most float64) func(r *rand.Rand, _ float64) float64 {
		return func(r *rand.Rand, _ float64) float64 { return most * r.Float64() }
	}
	for _, tt := range []struct {
		name  string
		waits []float64
		late  func(r *rand.Rand, wait float64) float64
		want  string
		busy  string // where all seems so
	}{
		{"doubling, late by up to 1 s", []float64{1, 2, 4, 8, 16}, late(1), "exponential 1s none", "exponential 1s none"},
		{"doubling, late by up to 2 s", []float64{5, 10, 20, 40}, late(2), "exponential 5s none", "exponential 5s none"},
		{"doubling up to a cap", []float64{1, 2, 4, 8, 10, 10}, late(1), "exponential 1s none", "exponential 1s none"},
		{"constant", []float64{2, 2}, late(1), "constant 2s none", "unknown"},
		{"constant, hardly late", []float64{180, 180, 180}, func(r *rand.Rand, _ float64) float64 { return 0.1 * r.ExpFloat64() }, "constant 3m0s none", "constant 3m0s none"},
		{"constant, late by milliseconds", []float64{0.1, 0.1, 0.1}, func(r *rand.Rand, _ float64) float64 { return 0.002 + 0.025*r.Float64() }, "constant 105ms none", "constant 105ms none"},
		{"10 s with jitter, rather than 9 s and late", []float64{9, 9}, late(2), "constant 10s some", "unknown"},
		{"equal jitter", []float64{1, 2, 4, 8}, func(r *rand.Rand, wait float64) float64 { return -wait / 2 * r.Float64() }, "exponential 1s equal", "exponential 1s equal"},
	} {
		for name, want := range map[string]string{"calm": tt.want, "busy": tt.busy} {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				p := Policy{Obeys: ObedienceUnknown}
				gaps, came := lateGaps(tt.waits, tt.late)
				calm := gaps
				if name == "busy" {
					calm = nil
					for _, at := range gaps {
						calm = append(calm, at[:3])
					}
				}
				p.fitGaps(gaps, calm, came)
				got := "unknown"
				if p.Shape != "" {
					got = fmt.Sprint(p.Shape, " ", p.First, " ", p.Jitter)
				}
				require.Equal(t, want, got)
			})
		}
	}
}

// lateGaps are those of a hundred deliveries that begin within fifty seconds.
func lateGaps(waits []float64, late func(r *rand.Rand, wait float64) float64) (gaps sample, came order) {
	r := rand.New(rand.NewPCG(3, 3))
	for i := range 100 {
		at := int64(i) * 5e8
		for n, wait := range waits {
			gap := wait + late(r, wait)
			gaps.add(n+1, gap)
			came.add(n+1, event(2*at), event(2*(at+int64(gap*1e9))))
			at += int64(gap * 1e9)
		}
	}
	return gaps, came
}
