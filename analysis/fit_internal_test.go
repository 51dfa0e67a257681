package analysis

import (
	"fmt"
	"math/rand/v2"
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
