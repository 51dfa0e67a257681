package e2e

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
	"github.com/faultline/faultline/internal/wiretest"
)

// A mistake of the user's is an exit code 2 and a clear line, never a stack trace.
func TestMistakesAtTheStart(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, taken.Close()) })
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	used := start(t, "")

	for _, test := range []struct {
		name     string
		scenario string
		log      string
		flags    []string
		want     []string // on stderr
	}{
		{
			name:     "unknown keys and a bad value, all of them by line",
			scenario: "name = \"x\"\nsede = 1\n[[rule]]\nname = \"r\"\nstatus = 99\nlatency = \"soon\"\n",
			want:     []string{"scenario.toml:2: sede", "scenario.toml:5: ", "scenario.toml:6: "},
		},
		{
			name:     "a rule without a fault",
			scenario: "[[rule]]\nname = \"does nothing\"\n",
			want:     []string{"scenario.toml:1: rule[0]: rule without a fault"},
		},
		{
			name:     "no TOML",
			scenario: "name = \"x\nseed = 1\n",
			want:     []string{"scenario.toml:1: not TOML: "},
		},
		{
			name:  "a taken port",
			flags: []string{"--listen", taken.Addr().String()},
			want:  []string{taken.Addr().String(), "address already in use"},
		},
		{
			name:  "a taken admin port",
			flags: []string{"--admin", taken.Addr().String()},
			want:  []string{taken.Addr().String(), "address already in use"},
		},
		{
			name: "a log folder below a file",
			log:  filepath.Join(file, "log"),
			want: []string{filepath.Join(file, "log"), "not a directory"},
		},
		{
			name: "a log folder that another faultline writes",
			log:  used.Log.Dir,
			want: []string{used.Log.Dir},
		},
		{
			name:  "a ready file that cannot be written",
			flags: []string{"--ready-file", filepath.Join(file, "ready")},
			want:  []string{"write ready file", file, "not a directory"},
		},
		{
			name:  "an unknown flag",
			flags: []string{"--lisen", "127.0.0.1:0"},
			want:  []string{"--lisen"},
		},
		{
			name:  "an address that is none",
			flags: []string{"--listen", "nonsense"},
			want:  []string{"nonsense"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			options := harness.Options{Binary: binaries.Race, Scenario: test.scenario, Log: test.log, Flags: test.flags}
			if options.Log == "" {
				options.Log = t.TempDir()
			}
			p := harness.Launch(t, options)

			require.Equal(t, 2, p.ExitCode(t), "exit code; stderr: %s", p.Stderr())
			for _, want := range test.want {
				require.Contains(t, p.Stderr(), want)
			}
			requireNoTrace(t, p)
		})
	}
}

// requireNoTrace: nothing that only faultline's authors can read.
func requireNoTrace(t *testing.T, p *harness.Process) {
	t.Helper()
	for _, trace := range []string{"goroutine ", "panic", ".go:"} {
		require.NotContains(t, p.Stdout()+p.Stderr(), trace)
	}
}

// A target that cannot be reached is what any proxy says: 502, and why. It is a genuine failure: no rule, no fault.
func TestTargetThatCannotBeReached(t *testing.T) {
	t.Parallel()
	proxy := start(t, "")
	for _, test := range []struct {
		name, url, wantError string
	}{
		{"down", "http://" + wiretest.RefusingPort(t) + "/hook", "connection_refused"},
		{"unknown", "http://no-such-host.invalid/hook", "dns_error"},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := http.Client{Transport: harness.GoTransport(t, proxy.URL, "")}
			answer, err := client.Post(test.url, "application/json", strings.NewReader(`{}`))
			require.NoError(t, err)
			require.NoError(t, answer.Body.Close())

			require.Equal(t, http.StatusBadGateway, answer.StatusCode)
			require.Contains(t, answer.Header.Get("Proxy-Status"), test.wantError)
			requireGenuine(t, proxy, test.url)
		})
	}
	requireNoTrace(t, proxy.Process)
}

func requireGenuine(t *testing.T, proxy *harness.Faultline, url string) {
	t.Helper()
	for _, attempt := range proxy.Log.Attempts(t) {
		if attempt.URL != url {
			continue
		}
		require.Equal(t, "rejected", attempt.Outcome)
		require.Equal(t, "none", attempt.Reached)
		require.Equal(t, "proxy", attempt.EndedBy)
		require.Equal(t, 502, attempt.Status())
		require.Equal(t, []string{}, attempt.Faults) // not null
		require.Equal(t, []string{}, attempt.Rules)
		return
	}
	t.Fatalf("no record of the attempt at %s", url)
}
