package analysis

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Merging results commutes, is associative, and nothing undoes a fail.
func TestResultsMerge(t *testing.T) {
	all := []Result{Pass, Fail, Inconclusive}
	for _, a := range all {
		require.Equal(t, a, a.and(a))
		require.Equal(t, a, a.and(Pass))
		require.Equal(t, Fail, a.and(Fail))
		for _, b := range all {
			require.Equal(t, a.and(b), b.and(a))
			for _, c := range all {
				require.Equal(t, a.and(b).and(c), a.and(b.and(c)))
			}
		}
	}
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 412 * time.Microsecond: "0.41 ms", 15 * time.Millisecond: "15 ms", 1500 * time.Millisecond: "1.5 s", 59 * time.Second: "59 s", 90 * time.Second: "1m30s",
		2 * time.Hour: "2h", 75*time.Hour + 35*time.Minute: "3d4h", -3 * time.Second: "-3 s",
	} {
		require.Equal(t, want, period(d))
	}
	for share, want := range map[float64]string{0: "0%", 1: "100%", 0.98: "98%", 0.9999: "99.99%", 0.99999: "99.99%", 0.005: "0.5%", 0.00001: "0%", 0.666: "66%"} {
		require.Equal(t, want, percent(share), share)
	}
	require.Equal(t, "1 delivery, 0 deliveries, 2 gaps", counted(1, "delivery")+", "+counted(0, "delivery")+", "+counted(2, "gap"))
}

func TestNice(t *testing.T) {
	for _, tt := range []struct{ x, within, want float64 }{
		{1.003, 0.02, 1}, {0.9989, 0.02, 1}, {180.02, 0.02, 180}, {1.52, 0.02, 1.5}, {1.78, 0.001, 1.78}, {7.777777, 0.0001, 7.777777}, {0, 0.02, 0}, {3600.4, 0.02, 3600}, {95, 0.001, 95},
	} {
		require.InDelta(t, tt.want, nice(tt.x, tt.within), 1e-9, tt.x)
	}
}
