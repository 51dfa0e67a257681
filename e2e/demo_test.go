package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tour ends with two verdicts, told by the log that it wrote: the same seed is the same day, another seed another.
func TestDemo(t *testing.T) {
	t.Parallel()
	one, again, other := demo(t, "1"), demo(t, "1"), demo(t, "2")

	require.Equal(t, one.day, again.day)
	require.NotEqual(t, one.day, other.day)
	for _, tour := range []tour{one, other} {
		require.Contains(t, tour.said, "\ncareful: retries whatever is not a 2xx, 200 ms x2, jitter, 8 attempts\nPASS  20 of 20 deliveries arrived ")
		require.Regexp(t, `\nhasty: retries broken connections, never looks at the status\nFAIL  \d+ of 20 deliveries arrived, \d+ lost `, tour.said)
		require.Contains(t, tour.said, "  cause   not retried after a non-200 answer: ")
		require.Contains(t, tour.said, "  mend    response.raise_for_status()")
	}
}

// tour is what demo has said, and what its log says of each delivery.
type tour struct{ said, day string }

func demo(t *testing.T, seed string) tour {
	t.Helper()
	text, err := exec.Command(binaries.Race, "demo", "--quiet", "--seed", seed, "--log", t.TempDir()).Output()
	require.NoError(t, err)
	said, named, found := strings.Cut(string(text), "\nlog: ")
	require.True(t, found, "the log is named in:\n%s", text)
	log, _, _ := strings.Cut(named, " ")
	for _, sender := range []string{"careful", "hasty"} {
		page := filepath.Join(log, sender+".html")
		require.Contains(t, said, "  page    "+page+"\n")
		drawn, err := os.ReadFile(page)
		require.NoError(t, err)
		require.Contains(t, string(drawn), "of 20 deliveries arrived")
	}
	listed, err := exec.Command(binaries.Race, "deliveries", log, "--settle", "0s").Output()
	require.NoError(t, err)
	lines := strings.Split(regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(string(listed), "RECEIVER"), "\n")
	slices.Sort(lines) // they began at once
	return tour{said, strings.Join(lines, "\n")}
}
