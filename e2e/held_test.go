package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// The tests of this file do not run beside others, which would slow them down.

// held is a sender with a connection of its own.
type held struct {
	conn   net.Conn
	answer *bufio.Reader
}

func holdOn(t *testing.T, address string) *held {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() }) // it may be closed already
	return &held{conn, bufio.NewReader(conn)}
}

// post sends an attempt with an id of its own.
func (h *held) post(target, path, id string) error {
	_, err := fmt.Fprintf(h.conn, "POST http://%[1]s%[2]s HTTP/1.1\r\nHost: %[1]s\r\nWebhook-Id: %[3]s\r\nContent-Length: 2\r\n\r\n{}", target, path, id)
	return err
}

// took sends an attempt and says how long its whole answer took.
func (h *held) took(target, path, id string) (time.Duration, error) {
	begun := time.Now()
	if err := h.post(target, path, id); err != nil {
		return 0, err
	}
	answer, err := http.ReadResponse(h.answer, nil)
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return 0, err
	}
	if answer.StatusCode != 200 {
		return 0, fmt.Errorf("status %d", answer.StatusCode)
	}
	return time.Since(begun), nil
}

// Delays are never short, and hardly late, with a thousand attempts held at once, a thousand of which end a second.
func TestDelaysAreExact(t *testing.T) {
	const senders, each, delay = 1000, 5, time.Second
	target := newLoadTarget(t, true, nil)
	proxy := startQuiet(t, "[[rule]]\nname = \"slow\"\nmatch.path = \"/slow\"\nlatency = \"1s\"")
	took := make([][]time.Duration, senders)
	failures := make([]error, senders)
	var running sync.WaitGroup
	for n := range senders {
		sender := holdOn(t, hostOf(proxy.URL))
		running.Go(func() {
			<-time.After(time.Duration(n) * delay / senders)
			for i := range each {
				d, err := sender.took(target.address, "/slow", fmt.Sprintf("%d-%d", n, i))
				if err != nil {
					failures[n] = err
					return
				}
				took[n] = append(took[n], d-delay)
			}
		})
	}
	running.Wait()
	for n, err := range failures {
		require.NoError(t, err, "sender %d", n)
	}
	late := slices.Sorted(slices.Values(slices.Concat(took...)))
	require.Len(t, late, senders*each)
	t.Logf("late by %v at the least, %v at the median, %v at the 99th percentile, %v at the most",
		late[0], late[len(late)/2], late[len(late)*99/100], late[len(late)-1])
	require.GreaterOrEqual(t, late[0], time.Duration(0), "a delay was short")

	// What is left without the target's part and the delay: how late the delay itself was, and all that faultline did besides.
	var own []float64
	for _, attempt := range proxy.Log.WaitFor(t, "attempt", senders*each) {
		own = append(own, attempt.MS.Total-attempt.MS.Target-float64(delay.Milliseconds()))
	}
	slices.Sort(own)
	t.Logf("by the log, without the target's part: %.3f ms at the least, %.3f at the median, %.3f at the 99th percentile", own[0], own[len(own)/2], own[len(own)*99/100])
	require.GreaterOrEqual(t, own[0], 0.0, "a delay was short")
}

// Ten thousand attempts that hang cost little memory, block nobody, and are let go at once when their senders leave.
func TestTenThousandHang(t *testing.T) {
	const hanging, probes, memory, patience = 10_000, 200, 400 * mebibyte, 3 * time.Second
	target := newLoadTarget(t, true, nil)
	proxy := startQuiet(t, "[[rule]]\nname = \"hang\"\nmatch.path = \"/hang\"\nhang = true")
	senders := make([]*held, min(hanging, int(mostFiles(t)-1000)))
	if len(senders) < hanging {
		t.Logf("this machine allows %d descriptors: %d attempts hang", mostFiles(t), len(senders))
	}
	before := passing(t, proxy, target, probes)
	for n := range senders {
		senders[n] = holdOn(t, hostOf(proxy.URL))
		require.NoError(t, senders[n].post(target.address, "/hang", fmt.Sprint("hang", n)))
	}
	harness.Until(t, "all to hang", harness.Patience, func() bool { return gauge(t, proxy, `faultline_attempts_in_flight{phase="held"} `) == len(senders) })
	proxy.Log.WaitFor(t, "open", len(senders))

	meanwhile := passing(t, proxy, target, probes)
	resident := residentMemory(t, proxy.Pid())
	t.Logf("%d hang in %d MiB; an attempt takes %v, %v before", len(senders), resident/mebibyte, meanwhile, before)
	require.Less(t, resident, int64(memory))

	for _, sender := range senders {
		require.NoError(t, sender.conn.Close())
	}
	left := time.Now()
	harness.Until(t, "all to be let go", patience, func() bool { return gauge(t, proxy, `faultline_attempts_in_flight{phase="held"} `) == 0 })
	t.Logf("let go within %v", time.Since(left))
	let := 0
	for _, attempt := range proxy.Log.WaitFor(t, "attempt", len(senders)+2*probes) {
		if attempt.End == "silence" && attempt.EndedBy == "sender" && attempt.Outcome == "unanswered" {
			let++
		}
	}
	require.Equal(t, len(senders), let)
	require.Empty(t, target.twice)
}

// passing is the median of how long attempts take that no rule touches, one after the other.
func passing(t *testing.T, proxy *harness.Faultline, target *loadTarget, attempts int) time.Duration {
	t.Helper()
	sender := holdOn(t, hostOf(proxy.URL))
	took := make([]time.Duration, attempts)
	for n := range took {
		var err error
		took[n], err = sender.took(target.address, "/pass", fmt.Sprintf("pass-%d-%d", sender.conn.LocalAddr().(*net.TCPAddr).Port, n))
		require.NoError(t, err)
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// mostFiles is how many files this process may have open; the Go runtime has raised it to the most that is allowed, also that of faultline.
func mostFiles(t *testing.T) uint64 {
	t.Helper()
	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	return limit.Cur
}
