package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
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
	target := newLoadTarget(t, true, nil)
	proxy := startQuiet(t, "")
	began := time.Now()

	senders := load(attempts, way{address: hostOf(proxy.URL), prefix: "http://" + target.address, host: target.address})

	t.Logf("%d attempts in %v", attempts, time.Since(began))
	requireNoneFailed(t, senders)
	requireAllAcknowledged(t, proxy.Log)
	acknowledged, idleCloses, sent := met(senders)
	require.Equal(t, attempts, acknowledged)
	require.Zero(t, idleCloses)
	requireSameAtTarget(t, senders, target)
	require.Equal(t, sent, target.bytes)
	_, metrics := get(t, proxy.Admin+"/metrics")
	require.Contains(t, metrics, fmt.Sprintf(`faultline_attempts_total{host=%q,outcome="acknowledged",placement="forward"} %d`, target.address, attempts))
	require.Contains(t, metrics, "faultline_log_lost_records_total 0")
}

// requireAllAcknowledged looks at the lines of attempts as text: there are a lot of them.
func requireAllAcknowledged(t *testing.T, log harness.Log) {
	t.Helper()
	for line := range strings.Lines(log.Text(t)) {
		if strings.Contains(line, `"event":"attempt"`) && !strings.Contains(line, `"outcome":"acknowledged"`) {
			t.Fatalf("a false failure: %s", line)
		}
	}
}

// A target that closes its connections without saying so is met as it is met directly, in every placement: an attempt is never answered with a
// failure that is faultline's own, nor sent twice.
func TestLoadOnATargetThatCloses(t *testing.T) {
	certificate, ca := harness.NewCertificate(t)
	caDir := t.TempDir()
	https := &tls.Config{Certificates: []tls.Certificate{certificate}}
	for _, test := range []struct {
		name     string
		attempts int
		target   *tls.Config
		through  func(proxy *harness.Faultline, target string) way
	}{
		{"forward", 24_000, nil, func(proxy *harness.Faultline, target string) way {
			return way{address: hostOf(proxy.URL), prefix: "http://" + target, host: target}
		}},
		{"gateway", 6000, https, func(proxy *harness.Faultline, target string) way {
			return way{address: hostOf(proxy.Gateways[0]), host: target}
		}},
		{"intercept", 6000, https, func(proxy *harness.Faultline, target string) way {
			return way{address: hostOf(proxy.URL), host: target, connect: true, tls: trusting(t, filepath.Join(caDir, "ca.pem"))}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			target, twin := newLoadTarget(t, false, test.target), newLoadTarget(t, false, test.target)
			direct := way{address: twin.address, host: twin.address}
			gateway := "127.0.0.1:0=http://" + target.address
			if test.target != nil {
				direct.tls, gateway = trusting(t, ca), "127.0.0.1:0=https://"+target.address
			}
			proxy := harness.Start(t, harness.Options{
				Binary: binaries.Plain, Scenario: intercepting(caDir, ca), Flags: []string{"--quiet", "--gateway", gateway},
			})

			directly := load(test.attempts, direct)
			through := load(test.attempts, test.through(proxy, target.address))

			requireNoneFailed(t, directly)
			requireNoneFailed(t, through)
			requireSameAtTarget(t, directly, twin)
			requireSameAtTarget(t, through, target)
			_, metDirectly, _ := met(directly)
			acknowledged, metThrough, _ := met(through)
			t.Logf("idle closes met: %d directly, %d through faultline", metDirectly, metThrough)
			require.Equal(t, test.attempts, acknowledged+metThrough)
			require.GreaterOrEqual(t, metThrough, target.cut, "requests that the target cut by its close")
			require.LessOrEqual(t, metThrough, metDirectly*3/2+30, "what faultline spares its senders is fine; chance is no more than this")
			requireIdleCloses(t, proxy.Log.WaitFor(t, "attempt", test.attempts), metThrough)
		})
	}
}

func hostOf(url string) string { return strings.TrimPrefix(url, "http://") }

// trusting is how a client trusts the certificates of a file, for 127.0.0.1.
func trusting(t *testing.T, file string) *tls.Config {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(text))
	return &tls.Config{ServerName: "127.0.0.1", RootCAs: pool}
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
