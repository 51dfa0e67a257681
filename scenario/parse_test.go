package scenario_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// The example of the documentation is a scenario, and means what it says.
func TestParseExample(t *testing.T) {
	text, err := os.ReadFile("testdata/example.toml")
	require.NoError(t, err)

	s, problems := scenario.Parse("testdata/example.toml", string(text), fstest.MapFS{})

	require.Empty(t, problems)
	require.Equal(t, "claims-outage", s.Name)
	require.Equal(t, uint64(42), s.Seed)
	require.True(t, s.SeedGiven)
	require.Equal(t, "Europe/Berlin", s.Location.String())
	require.Equal(t, scenario.ClockFirstAttempt, s.Clock)
	require.Len(t, s.Rules, 5)
	require.Equal(t, []string{"hooks.example.com", "*.partner.test"}, s.Hosts())
	require.Regexp(t, "^claims-outage@[0-9a-f]{12}$", s.Label())
}
