package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

const (
	kills       = 12
	killSenders = 16
	killAfter   = 50 // answers in the first round, and so many more in each round after it
	// A start over a used log may take so many times as long as the first one, over an empty folder: a second, where that took 50 ms.
	slowerAgain = 20
)

// Every second attempt at /broken is answered by the proxy, the others by a target that is broken by itself; /well is well.
const killScenario = `
[delivery]
match.host = "127.0.0.1"
key = "header:Webhook-Id"

[[rule]]
name = "half of them"
match.path = "/broken"
when.every = 2
status = 500
`

// What a sender saw answered is in the log, once, whenever faultline dies; and the next start goes on.
func TestKillUnderLoad(t *testing.T) {
	t.Parallel()
	target := brokenTarget(t)
	options := harness.Options{Binary: binaries.Plain, Scenario: killScenario, Log: t.TempDir()}
	answered := map[string]int{} // status by send
	var firstStart time.Duration
	for round := range kills {
		began := time.Now()
		proxy := harness.Start(t, options)
		first, err := newSender(t, proxy).post(target.URL+"/well?send=first-"+fmt.Sprint(round), fmt.Sprintf("first-%d", round))
		took := time.Since(began)
		require.NoError(t, err)
		require.Equal(t, 200, first)
		if round == 0 {
			firstStart = took
		}
		require.Less(t, took, slowerAgain*firstStart, "from the start to the first answer, round %d", round)

		kill := func() { proxy.Signal(t, syscall.SIGKILL) }
		for send, status := range loadUntil(t, killAfter*(round+1), kill, proxy, target, round) {
			answered[send] = status
		}
	}
	last := harness.Start(t, options)
	last.Stop(t)

	require.GreaterOrEqual(t, len(answered), kills*killAfter)
	requireAnsweredOnce(t, answered, last.Log.Attempts(t))
	requireNumbersGoOn(t, last.Log.Attempts(t))
	requireOrder(t, last.Log.Attempts(t))
}

// An orderly end under load loses nothing either.
func TestSIGTERMUnderLoad(t *testing.T) {
	t.Parallel()
	target := brokenTarget(t)
	proxy := harness.Start(t, harness.Options{Binary: binaries.Race, Scenario: killScenario})

	answered := loadUntil(t, 500, func() { proxy.Signal(t, syscall.SIGTERM) }, proxy, target, 0)

	require.Equal(t, 0, proxy.ExitCode(t))
	requireAnsweredOnce(t, answered, proxy.Log.Attempts(t))
	require.Len(t, proxy.Log.Attempts(t), len(answered), "attempts recorded: none was cut")
	requireNumbersGoOn(t, proxy.Log.Attempts(t))
}

// brokenTarget answers 503 at /broken.
func brokenTarget(t *testing.T) *harness.Target {
	t.Helper()
	return harness.NewTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/broken" {
			http.Error(w, strings.Repeat("broken ", 200), http.StatusServiceUnavailable)
		}
	}))
}

// loadUntil sends from many senders at once and ends faultline in the middle of it, after so many answers. It returns what was answered.
func loadUntil(t *testing.T, enough int, end func(), proxy *harness.Faultline, target *harness.Target, round int) map[string]int {
	t.Helper()
	var mu sync.Mutex
	answered := map[string]int{}
	answers := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(answered)
	}
	var ending atomic.Bool
	var sending sync.WaitGroup
	for i := range killSenders {
		sender := newSender(t, proxy)
		sending.Go(func() {
			for n := 0; ; n++ {
				send := fmt.Sprintf("%d-%d-%d", round, i, n)
				url, id := target.URL+"/broken?send="+send, fmt.Sprintf("never-%d", i)
				if n%4 == 3 {
					url, id = target.URL+"/well?send="+send, "once-"+send
				}
				status, err := sender.post(url, id)
				if err != nil {
					if !ending.Load() {
						t.Errorf("sending %s before the end: %v", send, err)
					}
					return
				}
				mu.Lock()
				answered[send] = status
				mu.Unlock()
			}
		})
	}
	harness.Until(t, "answers under load", harness.Patience, func() bool { return answers() >= enough })
	ending.Store(true)
	end()
	sending.Wait()
	return answered
}

// requireAnsweredOnce: no attempt that was answered is missing, none is there twice, and each is what it was.
func requireAnsweredOnce(t *testing.T, answered map[string]int, attempts []harness.Line) {
	t.Helper()
	records := map[string]int{}
	for _, attempt := range attempts {
		_, send, _ := strings.Cut(attempt.URL, "?send=")
		records[send]++
		if status, seen := answered[send]; seen {
			require.Equal(t, status, attempt.Status(), "status of %s", send)
		}
	}
	for send := range answered {
		require.Equal(t, 1, records[send], "records of %s, which was answered", send)
	}
	for send, times := range records {
		require.Equal(t, 1, times, "records of %s", send)
	}
}

// requireNumbersGoOn: the deliveries that were never acknowledged count on, over all the restarts.
func requireNumbersGoOn(t *testing.T, attempts []harness.Line) {
	t.Helper()
	last, deliveries := map[string]int{}, map[string]string{}
	for _, attempt := range attempts {
		if !strings.HasPrefix(attempt.Key, "never-") {
			require.Equal(t, 1, attempt.Attempt, "attempt of %s", attempt.Key)
			continue
		}
		last[attempt.Key]++
		require.Equal(t, last[attempt.Key], attempt.Attempt, "attempt of %s in run %s", attempt.Key, attempt.Run)
		if deliveries[attempt.Key] == "" {
			deliveries[attempt.Key] = attempt.Delivery
		}
		require.Equal(t, deliveries[attempt.Key], attempt.Delivery)
	}
	require.Len(t, last, killSenders)
}

// requireOrder: the records of a run are numbered in the order in which they stand.
func requireOrder(t *testing.T, attempts []harness.Line) {
	t.Helper()
	last := map[string]uint64{}
	for _, attempt := range attempts {
		require.Greater(t, attempt.Seq, last[attempt.Run], "seq in run %s", attempt.Run)
		last[attempt.Run] = attempt.Seq
	}
	require.Len(t, last, kills)
}

// A kill cannot hide an attempt that hung: after a second it has a line.
func TestKillCannotHideAHang(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, nil)
	options := harness.Options{Binary: binaries.Race, Log: t.TempDir(), Scenario: `
[delivery]
key = "header:Webhook-Id"

[[rule]]
name = "hangs"
hang = true
`}
	proxy := harness.Start(t, options)
	gone := make(chan error, 1)
	go func() {
		_, err := newSender(t, proxy).post(target.URL+"/hook", "wh_1")
		gone <- err
	}()
	open := proxy.Log.WaitFor(t, "open", 1)
	proxy.Signal(t, syscall.SIGKILL)
	require.Error(t, <-gone)

	require.Len(t, open, 1)
	require.Equal(t, 1, open[0].Attempt)
	require.Equal(t, []string{"hangs"}, open[0].Rules)
	require.Equal(t, target.Host, open[0].Host)

	again := harness.Start(t, options)
	go func() {
		_, err := newSender(t, again).post(target.URL+"/hook", "wh_1")
		gone <- err
	}()
	open = again.Log.WaitFor(t, "open", 2)
	again.Stop(t)
	require.Error(t, <-gone)
	require.Equal(t, 2, open[1].Attempt, "the attempt after the one that was killed")
	require.Equal(t, open[0].Delivery, open[1].Delivery)
}
