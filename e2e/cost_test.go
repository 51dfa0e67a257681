package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// What forwarding an attempt may leave to the collector, with its decision, its record, its metrics and its line on the terminal. The collector's work, and with
// it the delays of others, is as much as attempts leave behind.
const (
	mostAllocations = 100
	mostAllocated   = 9 << 10 // bytes
)

func TestAllocationsOfAnAttempt(t *testing.T) {
	t.Parallel()
	proxy := harness.Start(t, harness.Options{Binary: binaries.Plain, Scenario: manyRules()})
	attempt := plainAttempts(t, strings.TrimPrefix(proxy.URL, "http://"), plainTarget(t))
	for range 6000 { // until what is used again is there
		attempt()
	}
	const n = 4000
	asked, begun := allocated(t, proxy), allocated(t, proxy)
	for range n {
		attempt()
	}
	ended := allocated(t, proxy)
	each := (ended.count - begun.count - (begun.count - asked.count)) / n // asking costs something, too
	size := (ended.bytes - begun.bytes - (begun.bytes - asked.bytes)) / n
	t.Logf("an attempt: %.1f allocations, %.0f bytes", each, size)
	require.LessOrEqual(t, each, float64(mostAllocations))
	require.LessOrEqual(t, size, float64(mostAllocated))
}

type allocations struct{ count, bytes float64 }

// allocated is what faultline has allocated so far.
func allocated(t *testing.T, proxy *harness.Faultline) (so allocations) {
	_, text := get(t, proxy.Admin+"/metrics")
	for name, to := range map[string]*float64{"go_memstats_mallocs_total": &so.count, "go_memstats_alloc_bytes_total": &so.bytes} {
		found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(text)
		require.Len(t, found, 2, name)
		var err error
		*to, err = strconv.ParseFloat(found[1], 64)
		require.NoError(t, err)
	}
	return so
}

// manyRules are a hundred rules for other hosts, and five for other paths.
func manyRules() string {
	var text strings.Builder
	text.WriteString("seed = 1\n\n[delivery]\nkey = \"header:Webhook-Id\"\n")
	for i := range 100 {
		fmt.Fprintf(&text, "\n[[rule]]\nname = \"host %d\"\nmatch.host = \"h%d.example\"\nstatus = 500\n", i, i)
	}
	for i := range 5 {
		fmt.Fprintf(&text, "\n[[rule]]\nname = \"path %d\"\nmatch.path = \"/never/%d/*\"\nstatus = 500\n", i, i)
	}
	return text.String()
}

const plainBody = 1024 // bytes

// plainTarget answers 200 to the webhooks of one connection.
func plainTarget(t *testing.T) (host string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		requests := bufio.NewReader(conn)
		for readPlainly(requests, plainBody) == nil {
			if _, err := conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok")); err != nil {
				return
			}
		}
	}()
	return listener.Addr().String()
}

// plainAttempts sends the same webhook by one connection, each time that it is called.
func plainAttempts(t *testing.T, proxy, target string) (attempt func()) {
	conn, err := net.Dial("tcp", proxy)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	request := fmt.Appendf(nil, "POST http://%s/hook HTTP/1.1\r\nHost: %s\r\nUser-Agent: python-requests/2.28.1\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\n"+
		"Connection: keep-alive\r\nWebhook-Id: msg_1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", target, target, plainBody, strings.Repeat("x", plainBody))
	answers := bufio.NewReader(conn)
	return func() {
		_, err := conn.Write(request)
		require.NoError(t, err)
		status, err := answers.Peek(len("HTTP/1.1 200 "))
		require.NoError(t, err)
		require.Equal(t, "HTTP/1.1 200 ", string(status))
		require.NoError(t, readPlainly(answers, len("ok")))
	}
}

// readPlainly reads a head, and a body of so many bytes.
func readPlainly(from *bufio.Reader, body int) error {
	for {
		line, err := from.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			break
		}
	}
	_, err := from.Discard(body)
	return err
}
