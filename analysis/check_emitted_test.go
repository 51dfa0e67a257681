package analysis

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAddEmitted: what never came to the wire fails whatever else passes; what nobody noted tells nothing; and without any other question those that came must have arrived.
func TestAddEmitted(t *testing.T) {
	tests := []struct {
		name        string
		before      Report
		keys        int
		missing     []string
		undelivered int
		want        Result
		says        string
	}{
		{"all came", Report{Verdict: Pass, Asked: 1, Checks: []Check{{Result: Pass}}}, 3, nil, 0, Pass, "emitted pass: 3 of 3 keys came to the wire"},
		{"all came, and something else is wrong", Report{Verdict: Fail, Asked: 1, Checks: []Check{{Result: Fail}}}, 3, nil, 1, Fail, "emitted pass: 3 of 3 keys came to the wire"},
		{"one is missing", Report{Verdict: Pass, Asked: 1, Checks: []Check{{Result: Pass}}}, 3, []string{"wh_2"}, 0, Fail, "emitted FAIL: 1 of 3 keys never came to the wire"},
		{"nothing was noted", Report{Verdict: Pass, Asked: 1, Checks: []Check{{Result: Pass}}}, 0, nil, 0, Inconclusive, "emitted inconclusive: no key was noted"},
		{"nothing else is asked, all arrived", Report{Verdict: Inconclusive}, 3, nil, 0, Pass, "emitted pass"},
		{"nothing else is asked, one did not arrive", Report{Verdict: Inconclusive}, 3, nil, 1, Inconclusive, "emitted inconclusive: 1 of 3 keys did not arrive"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.before
			r.AddEmitted(tt.keys, tt.missing, tt.undelivered)
			require.Equal(t, tt.want, r.Verdict)
			require.Equal(t, tt.before.Asked+1, r.Asked)
			added := r.Checks[len(r.Checks)-1]
			require.Contains(t, added.Brief(), tt.says)
			require.Equal(t, tt.missing, added.Evidence)
			require.NotContains(t, r.Text("log"), "--show wh_2", "the log knows nothing of it")
		})
	}
}
