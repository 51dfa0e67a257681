package main

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
)

func TestAttemptLines(t *testing.T) {
	start := time.Date(2026, 11, 24, 14, 0, 1, 0, time.Local)
	wait := int64(30_000)
	base := deliveries.Attempt{
		Start: start, Key: "wh_2f9", Attempt: 1, Method: "POST", Endpoint: "http://hooks.example.com/claims", Delivery: "d1",
		End: deliveries.Complete, Outcome: deliveries.Rejected, EndedBy: deliveries.ByProxy, Answer: &deliveries.Answer{Status: 503},
	}
	with := func(change func(*deliveries.Attempt)) *deliveries.Attempt {
		a := base
		change(&a)
		return &a
	}
	tests := []struct {
		name     string
		attempts []*deliveries.Attempt
		want     string // of the last one
	}{
		{"answered", []*deliveries.Attempt{&base}, "14:00:01 wh_2f9 #1 POST hooks.example.com/claims   503\n"},
		{"faulted, told to wait", []*deliveries.Attempt{with(func(a *deliveries.Attempt) {
			a.Rules, a.Answer = []string{"busy"}, &deliveries.Answer{Status: 503, RetryAfterMS: &wait}
		})}, "14:00:01 wh_2f9 #1 POST hooks.example.com/claims   503  [busy]   Retry-After 30s\n"},
		{"too early", []*deliveries.Attempt{
			with(func(a *deliveries.Attempt) { a.Answer = &deliveries.Answer{Status: 503, RetryAfterMS: &wait} }),
			with(func(a *deliveries.Attempt) { a.Attempt, a.Start = 2, start.Add(time.Second) }),
		}, "14:00:02 wh_2f9 #2 POST hooks.example.com/claims   503   came 29s before Retry-After allows\n"},
		{"silence", []*deliveries.Attempt{with(func(a *deliveries.Attempt) {
			a.Answer, a.End, a.EndedBy, a.MS.Total = nil, deliveries.Silence, deliveries.BySender, 2940
		})}, "14:00:01 wh_2f9 #1 POST hooks.example.com/claims   silence by sender   2.9 s\n"},
		{"what would move the cursor", []*deliveries.Attempt{with(func(a *deliveries.Attempt) { a.Key, a.Rules = "\x1b[2J\nx", []string{"a\tb"} })},
			"14:00:01 \uFFFD[2J\uFFFDx #1 POST hooks.example.com/claims   503  [a\uFFFDb]\n"},
		{"no key", []*deliveries.Attempt{with(func(a *deliveries.Attempt) { a.Key = "" })}, "14:00:01 - #1 POST hooks.example.com/claims   503\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			terminal := newTerminal(world{stdout: &out}, false)
			for _, a := range tt.attempts {
				out.Reset()
				terminal.attempt(a)
				terminal.flush()
			}
			require.Equal(t, tt.want, out.String())
		})
	}
}

func TestConnectLines(t *testing.T) {
	start := time.Date(2026, 11, 24, 14, 0, 1, 0, time.Local)
	until := start.Add(time.Minute)
	tests := []struct {
		name string
		line deliveries.Connect
		want string
	}{
		{"faulted", deliveries.Connect{Start: start, Host: "a.test:443", Rules: []string{"down"}, End: deliveries.Reset}, "14:00:01 CONNECT a.test:443   reset  [down]\n"},
		{"failed", deliveries.Connect{Start: start, Host: "a.test:443", End: deliveries.Fin, Error: "broken"}, "14:00:01 CONNECT a.test:443   fin   broken\n"},
		{
			"a listener closes", deliveries.Connect{Start: start, Host: "a.test:443", Listener: "127.0.0.1:9001", Rules: []string{"down"}, End: deliveries.Refused},
			"14:00:01 listener 127.0.0.1:9001   refused  [down]\n",
		},
		{
			"and opens", deliveries.Connect{Start: start, Until: &until, Listener: "127.0.0.1:9001", Rules: []string{"down"}, End: deliveries.Refused},
			"14:01:01 listener 127.0.0.1:9001   no longer refused  [down]\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			newTerminal(world{stdout: &out}, false).connect(&tt.line)
			require.Equal(t, tt.want, out.String())
		})
	}
}

// TestManyLines: the first of many lines is written at once, and those that follow closely together.
func TestManyLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out written
		terminal := newTerminal(world{stdout: &out}, false)
		line := func(key string) { terminal.attempt(&deliveries.Attempt{Key: key, End: deliveries.Reset}) }
		requireWrites := func(want int) {
			t.Helper()
			writes, _ := out.so()
			require.Equal(t, want, writes)
		}
		line("1")
		requireWrites(1)
		line("2")
		line("3")
		requireWrites(1)
		time.Sleep(restTime)
		synctest.Wait()
		requireWrites(2)
		line("4")
		terminal.say("the end")
		requireWrites(3)
		time.Sleep(2 * restTime)
		synctest.Wait()
		line("5")
		requireWrites(4)
		_, text := out.so()
		require.Equal(t, 6, strings.Count(text, "\n"))
	})
}

// written counts its writes, which come from a timer, too.
type written struct {
	mu     sync.Mutex
	text   strings.Builder
	writes int
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes++
	return w.text.Write(p)
}

func (w *written) so() (writes int, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.writes, w.text.String()
}
