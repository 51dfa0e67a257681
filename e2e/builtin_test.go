package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// A name that is no file is a scenario that ships with faultline; a variable stands for a flag.
func TestBuiltInScenarioByName(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, nil)
	proxy := harness.Start(t, harness.Options{
		Binary: binaries.Race,
		Flags:  []string{"lost-acknowledgement"},
		Env:    []string{"FAULTLINE_QUIET=true", "FAULTLINE_NO_SUCH_FLAG=ignored"},
	})
	sender := newSender(t, proxy)

	require.Equal(t, "no answer", sender.result(target.URL+"/hook", "wh_1"))
	require.Equal(t, "200", sender.result(target.URL+"/hook", "wh_1"))

	require.Len(t, target.Seen(), 2, "the target has it twice: the duplicate that the scenario is about")
	attempts := proxy.Log.WaitFor(t, "attempt", 2)
	require.Equal(t, "unanswered", attempts[0].Outcome)
	require.Equal(t, "whole", attempts[0].Reached)
	require.True(t, *attempts[0].Delivered)
	require.Equal(t, 200, attempts[0].Target.Status)
	require.Equal(t, []string{"acknowledgement lost"}, attempts[0].Rules)
	require.Equal(t, "acknowledged", attempts[1].Outcome)
	require.NotContains(t, proxy.Stdout(), "wh_1", "printed in spite of FAULTLINE_QUIET")
}
