package faults_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
)

var update = flag.Bool("update", false, "write goldens anew")

// TestReference: the page about faults says what the table says, and what clients were seen to make of it.
func TestReference(t *testing.T) {
	const page = "../docs/faults.md"
	text, err := os.ReadFile("../docs/clients.json")
	require.NoError(t, err)
	var seen faults.Seen
	require.NoError(t, json.Unmarshal(text, &seen))
	want := faults.Reference(seen)
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
	}
	got, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, want, string(got), "make golden writes it anew")
}
