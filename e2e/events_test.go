package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// What the events tell is what the log has, line by line, and who comes again is told what he has missed.
func TestEventsAreTheLogsLines(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, nil)
	proxy := start(t, "[[rule]]\nname = \"<first>\"\nwhen.attempt = 1\nreset = true\n")
	sender := newSender(t, proxy)
	events := listen(t, proxy, "")
	for n := range 5 {
		sender.result(target.URL+"/hook?a=1&b=<2>", fmt.Sprintf("wh_%d", n/2))
	}
	var ids, lines []string
	for range 5 {
		id, line := nextAttempt(t, events)
		ids, lines = append(ids, id), append(lines, line)
	}
	require.Equal(t, attemptLines(t, proxy), lines)
	again := listen(t, proxy, ids[1])
	for _, want := range lines[2:] {
		_, line := nextAttempt(t, again)
		require.Equal(t, want, line)
	}
	proxy.Stop(t)
	_, _ = io.ReadAll(events) // ends, however: the proxy has
}

// Readers that never read hold up neither a sender nor the end.
func TestReadersThatNeverRead(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, nil)
	proxy := startQuiet(t, "")
	address := strings.TrimPrefix(proxy.Admin, "http://")
	for range 32 {
		conn, err := net.Dial("tcp", address)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, conn.Close()) })
		require.NoError(t, conn.(*net.TCPConn).SetReadBuffer(4096))
		_, err = fmt.Fprintf(conn, "GET /api/v1/events HTTP/1.1\r\nHost: %s\r\n\r\n", address)
		require.NoError(t, err)
	}
	harness.Until(t, "no room for one more reader", harness.Patience, func() bool {
		answer, err := http.Head(proxy.Admin + "/api/v1/events")
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		return answer.StatusCode == http.StatusServiceUnavailable
	})
	sender := newSender(t, proxy)
	for n := range 1000 {
		require.Equal(t, "200", sender.result(target.URL+"/hook", fmt.Sprintf("wh_%d_%s", n, strings.Repeat("x", 2000))))
	}
	proxy.Stop(t)
	require.Len(t, proxy.Log.Attempts(t), 1000)
}

// listen opens the stream of events, behind the attempt of an id ("": from now on).
func listen(t *testing.T, proxy *harness.Faultline, last string) *bufio.Reader {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, proxy.Admin+"/api/v1/events", nil)
	require.NoError(t, err)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, resp.Body.Close()) })
	require.Equal(t, 200, resp.StatusCode)
	events := bufio.NewReader(resp.Body)
	greeting, err := events.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "retry: 2000\n", greeting)
	return events
}

// nextAttempt is the next event that is an attempt.
func nextAttempt(t *testing.T, events *bufio.Reader) (id, line string) {
	t.Helper()
	for {
		text, err := events.ReadString('\n')
		require.NoError(t, err)
		if rest, ok := strings.CutPrefix(text, "id: "); ok {
			id = strings.TrimSuffix(rest, "\n")
		}
		if rest, ok := strings.CutPrefix(text, "data: "); ok && id != "" {
			return id, rest
		}
	}
}

// attemptLines are the log's lines of attempts.
func attemptLines(t *testing.T, proxy *harness.Faultline) []string {
	t.Helper()
	var lines []string
	for _, line := range strings.SplitAfter(proxy.Log.Text(t), "\n") {
		if strings.HasPrefix(line, `{"v":1,"event":"attempt"`) {
			lines = append(lines, line)
		}
	}
	return lines
}
