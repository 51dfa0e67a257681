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
