package matrix

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// TestOneOf: of several faults that a rule may bring, each client meets the one that the log names, and has what that failure itself gives; every one of them
// comes.
func TestOneOf(t *testing.T) {
	t.Parallel()
	alternatives := chosen(rows(), func(r row) bool { return slices.Contains([]string{"status", "close", "truncate"}, r.name) })
	require.Len(t, alternatives, 3)
	var picks []row
	for i := range 8 {
		picks = append(picks, row{
			name:  fmt.Sprintf("one-of-%d", i),
			truth: healthy(), // as soon
			fault: fmt.Sprintf("one_of = [{ %s }, { %s }, { %s }]", alternatives[0].fault, alternatives[1].fault, alternatives[2].fault),
		})
	}
	s := newStage(t, slices.Concat(alternatives, picks), answerHealthily)
	truth := post(t, alternatives, s.direct)

	got := post(t, picks, s.places[forward])

	s.faultline.Stop(t)
	attempts := recorded(t, s.faultline.Log)[forward]
	met := map[string]int{}
	for _, pick := range picks {
		for _, client := range harness.Clients() {
			all := attempts[sent{pick.path(), client}]
			require.Len(t, all, 1)
			require.Len(t, all[0].Faults, 1)
			at := slices.IndexFunc(alternatives, func(r row) bool { return r.kind == all[0].Faults[0] })
			require.GreaterOrEqual(t, at, 0)
			met[alternatives[at].name]++
			want := truth[cell{alternatives[at].name, client}]
			if listed := find(forward, alternatives[at], client); listed != nil {
				want.Error = listed.instead
			}
			require.Equal(t, want, got[cell{pick.name, client}], "%s with %s, by %s", alternatives[at].name, client, pick.name)
		}
	}
	require.Len(t, met, 3, "alternatives that came: %v", met)
}
