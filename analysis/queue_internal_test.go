package analysis

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSleepingWorkers: the gaps of three runs of a Celery worker whose two processes sleep between the re-sends of a session, by the try before them. They stand
// behind halves and whole seconds, and are the queue's: nothing is told of the policy, which is up to 1, 2 and 4 s.
func TestSleepingWorkers(t *testing.T) {
	for _, gaps := range []sample{
		{
			{26.220, 26.717, 26.689, 27.185, 27.191, 27.690, 27.695, 28.195, 28.197, 28.702, 7.056, 7.057, 7.056},
			{4.558, 4.561, 4.525, 4.058, 4.025, 3.555, 3.032, 2.548, 4.039, 2.547, 2.993, 3.043, 3.037},
			{2.540, 2.044, 2.088, 1.554, 1.026, 2.095, 1.085, 1.570, 2.096, 3.009, 4.014, 4.029, 4.010},
		},
		{
			{26.150, 26.655, 26.643, 27.147, 27.151, 27.648, 27.656, 28.145, 28.154, 28.649, 7.046, 7.046, 7.048},
			{4.549, 4.541, 4.508, 4.036, 4.007, 3.535, 3.504, 2.027, 2.469, 3.012, 3.534, 2.990, 3.506},
			{2.000, 1.510, 1.515, 1.549, 1.021, 1.558, 3.047, 1.033, 4.038, 2.034, 2.062, 4.024, 4.009},
		},
		{
			{26.207, 26.704, 26.692, 27.176, 27.195, 27.688, 27.698, 28.184, 28.196, 28.684, 7.049, 7.045, 7.042},
			{4.539, 4.540, 4.494, 4.047, 4.002, 3.541, 3.002, 3.548, 2.502, 2.540, 2.542, 2.972, 3.511},
			{1.548, 1.554, 0.520, 1.040, 1.009, 3.006, 2.466, 4.478, 2.469, 3.520, 2.024, 3.463, 4.102},
		},
	} {
		found, ok := fitted(gaps)
		require.True(t, ok)
		found.doubt(gaps, nil, nil)
		require.False(t, found.shapeSure || found.jitterSure, "%+v", found.backoff)
	}
}

// What seems calm is believed when it is shorter than the rest, and no plain backoff behind a queue.
func TestCalm(t *testing.T) {
	short, long := []float64{1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7}, []float64{2, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6, 2.7}
	all := sample{slices.Concat(short, long)}
	require.True(t, sample{long}.longer(all))
	require.False(t, sample{short}.longer(all))
	require.False(t, all.longer(all))

	for _, tt := range []struct {
		first  []float64
		hidden bool
	}{{[]float64{5.001, 5.002}, false}, {[]float64{5.3, 6.1}, true}} {
		out, hidden := sample{nil, {300}}.filled(sample{tt.first, {300, 307}})
		require.Equal(t, sample{tt.first, {300}}, out, "what is not seen is not taken for 0")
		require.Equal(t, tt.hidden, hidden)
	}

	for _, tt := range []struct {
		waits []float64
		plain bool
	}{
		{[]float64{1.15, 2, 4}, true},
		{[]float64{3.6, 2, 4}, true},
		{[]float64{5, 6, 7.5}, true},
		{[]float64{5, 30, 120}, false},
		{[]float64{60, 10, 60}, false},
	} {
		require.Equal(t, tt.plain, backoff{shape: ShapeSchedule, table: tt.waits}.plainBehindQueue(), "%v", tt.waits)
	}
}

// A jitter spreads waits evenly: those of a queue that empties stand elsewhere after each try.
func TestStands(t *testing.T) {
	full := backoff{shape: ShapeConstant, first: 4, late: lateness{usual: 0.01}}
	var spread, late []float64
	for i := range 40 {
		spread, late = append(spread, float64(i)/10), append(late, 2+float64(i)/20)
	}
	require.True(t, full.stands(sample{spread, spread}))
	require.False(t, full.stands(sample{late, spread}))
}
