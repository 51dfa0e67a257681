package scenario_test

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

var update = flag.Bool("update", false, "write goldens anew")

// TestReference: the page about the language says what the language reads.
func TestReference(t *testing.T) {
	const page = "../docs/scenario.md"
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(scenario.Reference()), 0o644))
	}
	got, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, scenario.Reference(), string(got), "make golden writes it anew")
}
