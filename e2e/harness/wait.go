package harness

import (
	"testing"
	"time"
)

// Patience is how long a test waits for what should come at once. It is generous: a machine under load is no failure.
const Patience = 30 * time.Second

// Until asks every ten milliseconds until the condition holds, and fails the test when it does not within the time given.
// What completes "waited 30s for …".
func Until(t testing.TB, what string, within time.Duration, condition func() bool) {
	t.Helper()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	ticks := time.NewTicker(10 * time.Millisecond)
	defer ticks.Stop()
	for !condition() {
		select {
		case <-deadline.C:
			t.Fatalf("waited %v for %s", within, what)
		case <-ticks.C:
		}
	}
}
