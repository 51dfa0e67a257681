package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// A restart in a used folder goes on with what was not acknowledged, says so, and puts a torn last line aside.
func TestRestartGoesOn(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, nil)
	options := harness.Options{Binary: binaries.Race, Log: t.TempDir(), Scenario: `
[delivery]
match.host = "127.0.0.1"

[[rule]]
name = "down"
match.path = "/down"
status = 503
`}
	send := func(proxy *harness.Faultline, path, id string) {
		t.Helper()
		_, err := newSender(t, proxy).post(target.URL+path, id)
		require.NoError(t, err)
	}
	numbers := func(log harness.Log, key string) []int {
		var of []int
		for _, attempt := range log.Attempts(t) {
			if attempt.Key == key {
				of = append(of, attempt.Attempt)
			}
		}
		return of
	}

	first := harness.Start(t, options)
	for range 2 {
		send(first, "/down", "wh_open")
	}
	send(first, "/well", "wh_done")
	first.Signal(t, syscall.SIGKILL)
	require.Equal(t, -1, first.ExitCode(t))
	tear(t, options.Log)

	second := harness.Start(t, options)
	second.WaitFor(t, "cut a torn last line")
	second.WaitFor(t, "goes on with 1 open deliveries")
	send(second, "/down", "wh_open")
	second.Stop(t)
	require.Equal(t, []int{1, 2, 3}, numbers(second.Log, "wh_open"))

	options.Flags = []string{"--fresh"}
	fresh := harness.Start(t, options)
	send(fresh, "/down", "wh_open")
	fresh.Stop(t)
	require.Equal(t, []int{1, 2, 3, 1}, numbers(fresh.Log, "wh_open"))
	require.Len(t, fresh.Log.Of(t, "run"), 3)
}

// tornLine is the beginning of a line whose end a power cut took.
const tornLine = `{"v":1,"event":"attempt","delivery":"5f2c`

// tear appends it to the newest segment; after the test it must stand in a file of its own.
func tear(t *testing.T, dir string) {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	require.NoError(t, err)
	require.NotEmpty(t, segments)
	newest, err := os.OpenFile(segments[len(segments)-1], os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	_, err = newest.WriteString(tornLine)
	require.NoError(t, err)
	require.NoError(t, newest.Close())
	t.Cleanup(func() {
		torn, err := filepath.Glob(filepath.Join(dir, "*.torn"))
		require.NoError(t, err)
		require.Len(t, torn, 1)
		text, err := os.ReadFile(torn[0])
		require.NoError(t, err)
		require.Equal(t, tornLine, strings.TrimSpace(string(text)))
	})
}

// Many attempts of one delivery at once are each counted, and each once.
func TestNumbersUnderConcurrency(t *testing.T) {
	t.Parallel()
	const senders, each = 64, 4
	target := harness.NewTarget(t, nil)
	for _, key := range []string{"header:Webhook-Id", "json:event"} {
		t.Run(key, func(t *testing.T) {
			proxy := start(t, fmt.Sprintf("[delivery]\nkey = %q\n[[rule]]\nname = \"never\"\nwhen.attempt = 100000\nstatus = 500\n", key))
			done := make(chan error, senders)
			for range senders {
				sender := newSender(t, proxy)
				go func() {
					var err error
					for range each {
						if _, failed := sender.post(target.URL+"/hook", "wh_one"); failed != nil {
							err = failed
						}
					}
					done <- err
				}()
			}
			for range senders {
				require.NoError(t, <-done)
			}
			proxy.Stop(t)

			counted := map[int]int{}
			for _, attempt := range proxy.Log.Attempts(t) {
				counted[attempt.Attempt]++
			}
			want := map[int]int{}
			for n := range senders * each {
				want[n+1] = 1
			}
			require.Equal(t, want, counted)
		})
	}
}
