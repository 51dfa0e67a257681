package faults_test

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
)

var update = flag.Bool("update", false, "write goldens anew")

// TestReference: the page about faults says what the table says.
func TestReference(t *testing.T) {
	const page = "../docs/faults.md"
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(faults.Reference()), 0o644))
	}
	got, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, faults.Reference(), string(got), "make golden writes it anew")
}
