package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// Senders that only hold connections, in every way there is, keep nobody waiting, and leave nothing behind. This test does not run beside others, which
// would slow it down.
func TestHeldConnectionsKeepNobodyWaiting(t *testing.T) {
	target := harness.NewTarget(t, nil)
	proxy := startQuiet(t, "[[rule]]\nname = \"held\"\nmatch.path = \"/hang\"\nhang = true\n")
	address := strings.TrimPrefix(proxy.URL, "http://")
	freshAttempts(t, proxy, target.URL)     // what is made once is made
	startGoroutines := goroutines(t, proxy) // asked first: the scrape's own connection stays open
	startFDs := descriptors(t, proxy.Pid())
	before := freshAttempts(t, proxy, target.URL)

	crowd := &crowd{t: t, address: address}
	crowd.abortUploads(150, target.Host)
	slow := crowd.dial(50)
	crowd.send(crowd.dial(100), "POST "+target.URL+"/hang HTTP/1.1\r\nHost: "+target.Host+"\r\nContent-Length: 2\r\n\r\n{}")
	idle := crowd.dial(300)
	crowd.send(idle[:150], "POST "+target.URL+"/hook HTTP/1.1\r\nHost: "+target.Host+"\r\nContent-Length: 2\r\n\r\n{}") // the others never say a word
	crowd.dial(50)                                                                                                      // 500 in all
	proxy.Log.WaitFor(t, "open", 100)
	stopDripping := crowd.drip(slow, 3)

	during := freshAttempts(t, proxy, target.URL)
	requireConnections(t, proxy, 500)
	peak := peakMemory(t, proxy.Pid())
	stopDripping()
	crowd.leave()

	t.Logf("a fresh attempt took %v before, %v among 500 connections; the peak was %d KiB", before, during, peak/1024)
	require.Less(t, during, 10*before, "the same order")
	require.Less(t, peak, int64(64*mebibyte))
	harness.Until(t, "descriptors and goroutines to be given back", 5*time.Second, func() bool {
		return descriptors(t, proxy.Pid()) <= startFDs+ownConnections && goroutines(t, proxy) <= startGoroutines+ownConnections
	})
	attempts := proxy.Log.Attempts(t)
	requireGivenUp(t, attempts, target.URL+"/upload", "aborted", 150)
	requireGivenUp(t, attempts, target.URL+"/hang", "unanswered", 100)
	for _, seen := range target.Seen() {
		require.Equal(t, "/hook", seen.Path, "an attempt that its sender gave up came to its end")
	}
}

// requireGivenUp checks that so many attempts at a URL are recorded as left by their senders, with an outcome.
func requireGivenUp(t *testing.T, attempts []harness.Line, url, outcome string, want int) {
	t.Helper()
	got := 0
	for _, attempt := range attempts {
		if attempt.URL != url {
			continue
		}
		got++
		require.Equal(t, outcome, attempt.Outcome)
		require.Equal(t, "sender", attempt.EndedBy)
		require.NotEqual(t, "whole", attempt.Reached)
	}
	require.Equal(t, want, got, "attempts at %s", url)
}

// freshAttempts is how long an attempt on a new connection takes: the median of some, over a second.
func freshAttempts(t *testing.T, proxy *harness.Faultline, target string) time.Duration {
	t.Helper()
	took := make([]time.Duration, 41)
	tick := time.NewTicker(time.Second / time.Duration(len(took)))
	defer tick.Stop()
	for i := range took {
		<-tick.C
		transport := harness.GoTransport(t, proxy.URL, "")
		sender := goSender{client: &http.Client{Transport: transport}}
		began := time.Now()
		status, err := sender.post(target+"/hook", fmt.Sprintf("wh_%d", i))
		took[i] = time.Since(began)
		require.NoError(t, err)
		require.Equal(t, 200, status)
		transport.CloseIdleConnections()
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// crowd is a lot of connections to one address.
type crowd struct {
	t       *testing.T
	address string
	conns   []*net.TCPConn
}

func (c *crowd) dial(n int) []*net.TCPConn {
	c.t.Helper()
	dialed := make([]*net.TCPConn, n)
	for i := range dialed {
		conn, err := net.Dial("tcp", c.address)
		require.NoError(c.t, err)
		dialed[i] = conn.(*net.TCPConn)
		c.t.Cleanup(func() { _ = conn.Close() }) // it was closed by leave, unless the test has failed
	}
	c.conns = append(c.conns, dialed...)
	return dialed
}

func (c *crowd) send(conns []*net.TCPConn, text string) {
	c.t.Helper()
	for _, conn := range conns {
		_, err := io.WriteString(conn, text)
		require.NoError(c.t, err)
	}
}

// abortUploads begins uploads and resets them in their middle.
func (c *crowd) abortUploads(n int, host string) {
	c.t.Helper()
	half := "POST http://" + host + "/upload HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 200000\r\n\r\n" + strings.Repeat("x", 100_000)
	for _, conn := range c.dial(n) {
		c.send([]*net.TCPConn{conn}, half)
		require.NoError(c.t, conn.SetLinger(0))
		require.NoError(c.t, conn.Close())
	}
	c.conns = c.conns[:len(c.conns)-n]
}

// drip sends a byte of a head a second on each connection, until it is stopped. It returns after the first of them.
func (c *crowd) drip(conns []*net.TCPConn, first int) (stop func()) {
	over, begun := make(chan struct{}), make(chan struct{})
	var dripping sync.WaitGroup
	dripping.Go(func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for sent, letter := range "POST http://127.0.0.1:1/slow HTTP/1.1" {
			if sent == first {
				close(begun)
			}
			for _, conn := range conns {
				if _, err := io.WriteString(conn, string(letter)); err != nil {
					c.t.Errorf("a slow head was cut short: %v", err)
				}
			}
			select {
			case <-tick.C:
			case <-over:
				return
			}
		}
	})
	<-begun
	return func() {
		close(over)
		dripping.Wait()
	}
}

func (c *crowd) leave() {
	c.t.Helper()
	for _, conn := range c.conns {
		require.NoError(c.t, conn.Close())
	}
}

// ownConnections is how many descriptors and goroutines the test's own scrapes and attempts have, or have not, at any moment: 500 connections are the subject.
const ownConnections = 3

func descriptors(t *testing.T, pid int) int {
	t.Helper()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	require.NoError(t, err)
	return len(open)
}

func goroutines(t *testing.T, proxy *harness.Faultline) int { return gauge(t, proxy, "go_goroutines ") }

func gauge(t *testing.T, proxy *harness.Faultline, name string) int {
	t.Helper()
	_, metrics := get(t, proxy.Admin+"/metrics")
	for line := range strings.Lines(metrics) {
		if text, found := strings.CutPrefix(line, name); found {
			value, err := strconv.Atoi(strings.TrimSpace(text))
			require.NoError(t, err)
			return value
		}
	}
	t.Fatalf("no %s in the metrics", name)
	return 0
}

func requireConnections(t *testing.T, proxy *harness.Faultline, least int) {
	t.Helper()
	require.GreaterOrEqual(t, gauge(t, proxy, "faultline_connections "), least)
}
