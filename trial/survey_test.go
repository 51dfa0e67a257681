package trial

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// TestBlows: each is a scenario without a problem whose one rule has the fault that it names, every kind is there, and no two have one name.
func TestBlows(t *testing.T) {
	met := make(map[string]bool)
	names := make(map[string]bool)
	for _, blow := range Blows() {
		t.Run(blow.Name, func(t *testing.T) {
			rules, problems := scenario.Parse(blow.Name, blow.Scenario(), nil)
			require.Empty(t, problems)
			require.Len(t, rules.Rules, 1)
			var kinds []string
			for _, f := range rules.Rules[0].Injections() {
				kinds = append(kinds, f.Kind)
			}
			require.Contains(t, kinds, blow.Kind)
			require.False(t, names[blow.Name])
		})
		met[blow.Kind], names[blow.Name] = true, true
	}
	for _, kind := range faults.Kinds() {
		require.True(t, met[kind.Name], "no failure has %s", kind.Name)
	}
}
