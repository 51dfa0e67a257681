package deliveries

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestClockOfShuffledLines: what goes back again and again is the order of the lines, not the clock.
func TestClockOfShuffledLines(t *testing.T) {
	for _, tt := range []struct {
		name   string
		steps  int
		steady bool
	}{
		{"never", 0, true},
		{"once", 1, false},
		{"as often as it may be", mostSteps, false},
		{"once more", mostSteps + 1, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c clock
			for i := range tt.steps + 1 {
				require.Equal(t, i, c.saw(seen("a", uint64(i+1), 1, -10_000*i).sign()))
			}
			require.Equal(t, tt.steady, c.steady())
		})
	}
}

// TestClockWithoutNumbers: lines without numbers may stand in any order.
func TestClockWithoutNumbers(t *testing.T) {
	var c clock
	c.saw(seen("a", 0, 1, 10_000).sign())
	c.saw(seen("a", 0, 1, 0).sign())
	require.True(t, c.steady())
}
