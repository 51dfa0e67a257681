package e2e

import (
	"bufio"
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
	freshAttempts(t, proxy, target.URL) // what is made once is made
	startFDs, startGoroutines := descriptors(t, proxy.Pid()), goroutines(t, proxy)
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
		return descriptors(t, proxy.Pid()) <= startFDs && goroutines(t, proxy) <= startGoroutines
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

// Variables that lead faultline to itself do not: it takes none of them for its way to a target.
func TestOwnVariablesLeadNowhere(t *testing.T) {
	t.Parallel()
	certificate, ca := harness.NewCertificate(t)
	plain, secure := harness.NewTarget(t, nil), harness.NewTLSTarget(t, nil, certificate)
	address := "127.0.0.1:" + harness.FreePort(t)
	proxy := harness.Start(t, harness.Options{
		Binary: binaries.Race,
		Env: []string{
			"HTTP_PROXY=http://" + address, "HTTPS_PROXY=http://" + address, "http_proxy=http://" + address, "https_proxy=http://" + address,
			"ALL_PROXY=http://" + address, "NO_PROXY=", "no_proxy=",
		},
		Flags: []string{"--listen", address},
	})
	require.Equal(t, "http://"+address, proxy.URL)
	// Go would take no proxy for an address of the loopback, nor for localhost in small letters.
	posts := []harness.Post{
		{Client: harness.Curl, URL: strings.Replace(plain.URL, "127.0.0.1", "Localhost", 1)},
		{Client: harness.Curl, URL: strings.Replace(secure.URL, "127.0.0.1", "Localhost", 1), CA: ca},
		{Client: harness.Requests, URL: plain.URL},
	}

	for i, result := range harness.Send(t, proxy.URL, posts) {
		require.Equal(t, harness.Result{Status: 200}, result, posts[i].URL)
	}

	require.Len(t, plain.Seen(), 2)
	require.Len(t, secure.Seen(), 1)
	require.Len(t, proxy.Log.Attempts(t), 2)
	require.Len(t, proxy.Log.WaitFor(t, "tunnel", 1), 1)
}

// A request for the proxy itself is a loop, which is refused at once.
func TestRequestsForTheProxyItself(t *testing.T) {
	t.Parallel()
	proxy := start(t, "")
	address := strings.TrimPrefix(proxy.URL, "http://")
	for _, host := range []string{address, strings.Replace(address, "127.0.0.1", "localhost", 1), strings.Replace(address, "127.0.0.1", "0.0.0.0", 1)} {
		status, _ := say(t, address, "POST http://"+host+"/hook HTTP/1.1\r\nHost: "+host+"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		require.Equal(t, 508, status, host)
	}
}

// say sends raw text and reads one answer.
func say(t *testing.T, address, text string) (int, string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer conn.Close() // the answer was read
	require.NoError(t, conn.SetDeadline(time.Now().Add(harness.Patience)))
	_, err = io.WriteString(conn, text)
	require.NoError(t, err)
	answer, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: strings.Fields(text)[0]})
	require.NoError(t, err)
	if answer.StatusCode == 200 && strings.HasPrefix(text, "CONNECT ") {
		return answer.StatusCode, ""
	}
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(body)
}

// The admin listener is nobody's target, however it is spelled.
func TestAdminListenerCannotBeReachedThroughTheProxy(t *testing.T) {
	t.Parallel()
	proxy := start(t, "")
	address := strings.TrimPrefix(proxy.URL, "http://")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(proxy.Admin, "http://"))
	require.NoError(t, err)
	hostname, err := os.Hostname()
	require.NoError(t, err)
	for _, host := range []string{
		"127.0.0.1", "localhost", "LocalHost", "localhost.", "127.0.0.1.", "0.0.0.0", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
		"[::ffff:0:0]", "[64:ff9b::7f00:1]", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.000.000.001", "0",
		"127%2e0.0.1", "①②⑦.⓪.⓪.①", "nobody@127.0.0.1", hostname,
	} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			at := host + ":" + port

			status, body := say(t, address, "GET http://"+at+"/metrics HTTP/1.1\r\nHost: "+at+"\r\nConnection: close\r\n\r\n")
			require.GreaterOrEqual(t, status, 400)
			require.NotContains(t, body, "faultline_")
			status, _ = say(t, address, "CONNECT "+at+" HTTP/1.1\r\nHost: "+at+"\r\n\r\n")
			require.GreaterOrEqual(t, status, 400)
		})
	}
	for name, text := range map[string]string{
		"as the Host of another target": "GET http://127.0.0.1:1/metrics HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nConnection: close\r\n\r\n",
		"as the Host of no target":      "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nConnection: close\r\n\r\n",
	} {
		status, body := say(t, address, text)
		require.GreaterOrEqual(t, status, 400, name)
		require.NotContains(t, body, "faultline_", name)
	}
}

// Tunnels lead to 443: a mail server is no webhook.
func TestConnectToOtherPorts(t *testing.T) {
	t.Parallel()
	proxy := start(t, "")
	for _, host := range []string{"mail.example.com:25", "192.0.2.1:25", "192.0.2.1:22"} {
		status, _ := say(t, strings.TrimPrefix(proxy.URL, "http://"), "CONNECT "+host+" HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
		require.Equal(t, 403, status, host)
	}
}
