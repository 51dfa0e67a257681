package e2e

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The tour ends within its time, with what it found in the log that it wrote: the same seed is the same day, another seed another.
func TestDemo(t *testing.T) {
	t.Parallel()
	one, again, other := demo(t, "1"), demo(t, "1"), demo(t, "2")

	require.Equal(t, one, again)
	require.NotEqual(t, one, other)
	for _, text := range []string{one, other} {
		require.Contains(t, text, "PASS  careful: 20 of 20 deliveries arrived, 0 lost")
		require.Contains(t, text, "FAIL  hasty: ")
		require.Contains(t, text, "lost (never retried)")
	}
}

// demo runs the tour and returns what it says at its end, without the line that names the log.
func demo(t *testing.T, seed string) string {
	t.Helper()
	began := time.Now()
	text, err := exec.Command(binaries.Race, "demo", "--quiet", "--seed", seed, "--log", t.TempDir()).Output()
	require.NoError(t, err)
	require.Less(t, time.Since(began), 20*time.Second)
	found, _, named := strings.Cut(string(text), "\nlog: ")
	require.True(t, named, "the log is named in:\n%s", text)
	return found
}
