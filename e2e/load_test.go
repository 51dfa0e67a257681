package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// The tests of this file do not run beside others, which would slow them down.

// startQuiet starts the binary without the race detector, which says nothing of each attempt.
func startQuiet(t *testing.T, scenario string) *harness.Faultline {
	t.Helper()
	return harness.Start(t, harness.Options{Binary: binaries.Plain, Scenario: scenario, Flags: []string{"--quiet"}})
}

// A tool that measures failures causes none: not one in 100,000 attempts.
func TestLoadWithoutAFalseFailure(t *testing.T) {
	const attempts = 100_000
	target := newLoadTarget(t, true)
	proxy := startQuiet(t, "")
	began := time.Now()

	senders := load(t, attempts, strings.TrimPrefix(proxy.URL, "http://"), "http://"+target.address, target.address)

	t.Logf("%d attempts in %v", attempts, time.Since(began))
	requireNoneFailed(t, senders)
	acknowledged, idleCloses, sent := met(senders)
	require.Equal(t, attempts, acknowledged)
	require.Zero(t, idleCloses)
	requireSameAtTarget(t, senders, target)
	require.Equal(t, sent, target.bytes)
	_, metrics := get(t, proxy.Admin+"/metrics")
	require.Contains(t, metrics, fmt.Sprintf(`faultline_attempts_total{host=%q,outcome="acknowledged",placement="forward"} %d`, target.address, attempts))
	require.Contains(t, metrics, "faultline_log_lost_records_total 0")
}

// A target that closes its connections without saying so is met as it is met directly: an attempt is never answered with a failure that is
// faultline's own, nor sent twice.
func TestLoadOnATargetThatCloses(t *testing.T) {
	const attempts = 24_000
	target := newLoadTarget(t, false)
	proxy := startQuiet(t, "")

	direct := load(t, attempts, target.address, "", target.address)
	requireNoneFailed(t, direct)
	requireSameAtTarget(t, direct, target)
	again := newLoadTarget(t, false)
	through := load(t, attempts, strings.TrimPrefix(proxy.URL, "http://"), "http://"+again.address, again.address)
	requireNoneFailed(t, through)
	requireSameAtTarget(t, through, again)

	_, metDirectly, _ := met(direct)
	acknowledged, metThrough, _ := met(through)
	t.Logf("idle closes met: %d directly, %d through faultline", metDirectly, metThrough)
	require.Equal(t, attempts, acknowledged+metThrough)
	require.GreaterOrEqual(t, metThrough, again.cut, "requests that the target cut by its close")
	require.LessOrEqual(t, metThrough, metDirectly*5/4, "what faultline spares its senders is fine, what it adds is not")
	requireIdleCloses(t, proxy.Log.WaitFor(t, "attempt", attempts), metThrough)
}

// requireIdleCloses checks that what was not acknowledged is recorded as a close of the target's, on a connection that was used before.
func requireIdleCloses(t *testing.T, attempts []harness.Line, want int) {
	t.Helper()
	got := 0
	for _, attempt := range attempts {
		if attempt.Outcome == "acknowledged" {
			continue
		}
		got++
		require.Equal(t, "unanswered", attempt.Outcome)
		require.Equal(t, "fin", attempt.End)
		require.Equal(t, "target", attempt.EndedBy)
		require.NotNil(t, attempt.Target)
		require.True(t, attempt.Target.Reused)
		require.Nil(t, attempt.Answer)
		if attempt.Reached == "whole" {
			require.Nil(t, attempt.Delivered, "whether the target did it is not known")
		}
	}
	require.Equal(t, want, got, "attempts that were not acknowledged, of %d", len(attempts))
}
