package e2e

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tour ends with what it found in the log that it wrote: the same seed is the same day, another seed another.
func TestDemo(t *testing.T) {
	t.Parallel()
	one, again, other := demo(t, "1"), demo(t, "1"), demo(t, "2")

	require.Equal(t, one, again)
	require.NotEqual(t, one, other)
	for _, text := range []string{one, other} {
		require.Contains(t, text, "PASS  careful: 20 of 20 events arrived, 0 lost")
		require.Contains(t, text, "FAIL  hasty: ")
		require.Contains(t, text, "lost (never retried)")
	}
}

// demo runs the tour and returns what it says, without the lines that name addresses and the log.
func demo(t *testing.T, seed string) string {
	t.Helper()
	text, err := exec.Command(binaries.Race, "demo", "--quiet", "--seed", seed, "--log", t.TempDir()).Output()
	require.NoError(t, err)
	_, said, named := strings.Cut(string(text), "\n")
	require.True(t, named, "the addresses are named in:\n%s", text)
	found, _, named := strings.Cut(said, "\nlog: ")
	require.True(t, named, "the log is named in:\n%s", text)
	return found
}
