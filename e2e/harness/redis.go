package harness

import (
	"os/exec"
	"strings"
	"testing"
)

// StartRedis starts a redis-server of the test's own, which keeps nothing, and returns its URL. A port that somebody took
// in the meantime is tried again.
func StartRedis(t testing.TB) string {
	t.Helper()
	const tries = 3
	for range tries {
		port := FreePort(t)
		p := Run(t, "redis-server", exec.Command("redis-server",
			"--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--dir", t.TempDir()))
		ready := func() bool { return strings.Contains(p.Stdout(), "Ready to accept connections") }
		Until(t, "redis-server to be ready", Patience, func() bool { return ready() || p.Ended() })
		if ready() {
			return "redis://127.0.0.1:" + port + "/0"
		}
	}
	t.Fatalf("redis-server did not start in %d tries", tries)
	return ""
}
