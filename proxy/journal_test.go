package proxy_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// TestNothingEndsUnrecorded: while the log cannot write, no sender gets a last byte, a FIN or a RST.
func TestNothingEndsUnrecorded(t *testing.T) {
	t.Parallel()
	const quiet = 300 * time.Millisecond // long enough for an answer that is wrongly let through to arrive
	const long = "HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n"
	tests := []struct {
		name   string
		rule   string
		answer string
		upTo   int // bytes of the answer that may be seen before the record; -1: all but the end of the body
	}{
		{name: "relayed", rule: "enabled = false\nreset = true", answer: wiretest.OK},
		{name: "relayed, large", rule: "enabled = false\nreset = true", answer: long + fmt.Sprintf("%020000d", 7), upTo: 19_999},
		{name: "relayed, chunked", rule: "enabled = false\nreset = true",
			answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", upTo: 2},
		{name: "relayed, without a body", rule: "enabled = false\nreset = true", answer: "HTTP/1.1 204 No Content\r\n\r\n"},
		{name: "relayed, cut", rule: "enabled = false\nreset = true", answer: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nhalf", upTo: 4},
		{name: "status", rule: "status = { code = 500, body = \"no\" }"},
		{name: "status without a body", rule: "status = 500"},
		{name: "reset", rule: "reset = true"},
		{name: "close", rule: "close = true"},
		{name: "hang", rule: `hang = { for = "1ms" }`},
		{name: "acknowledgement lost", rule: "deliver_first = true\nreset = true", answer: wiretest.OK},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := wiretest.Listen(t, func(c *wiretest.Conn) {
				if _, err := c.ReadRequest(); err == nil {
					_, _ = c.Write([]byte(tt.answer)) // a proxy that has gone is seen below
				}
			})
			p := start(t, "[[rule]]\nname = \"x\"\n"+tt.rule)
			p.journal.gate = make(chan struct{})
			sender := wiretest.Dial(t, p.address)
			sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
			<-p.journal.waiting // the attempt stands before its record
			got, ended := sender.Rest(quiet)
			require.Equal(t, wiretest.Open, ended)
			require.LessOrEqual(t, bodyBytes(got), tt.upTo)
			require.NotContains(t, got, "\r\n0\r\n")
			if tt.upTo == 0 {
				require.Empty(t, got)
			}
			close(p.journal.gate)
			p.journal.attempts(t, 1)
		})
	}
}

// bodyBytes is how many bytes of got come after a head, chunk framing left out.
func bodyBytes(got string) int {
	_, body := cutHead(got)
	return len(body)
}

func cutHead(got string) (head, body string) {
	head, body, _ = strings.Cut(got, "\r\n\r\n")
	if strings.Contains(head, "chunked") {
		_, body, _ = strings.Cut(body, "\r\n")
		body, _, _ = strings.Cut(body, "\r\n")
	}
	return head, body
}

// TestRefusesWithoutLog: with log.required, a log that cannot be written refuses attempts until it can.
func TestRefusesWithoutLog(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	var full atomic.Bool
	p := start(t, "", func(c *proxy.Config) {
		c.Accepts = func() error {
			if full.Load() {
				return errors.New("no space left on device")
			}
			return nil
		}
	})
	full.Store(true)
	status, body := p.one(t, wiretest.Post(target.Address(), "/hook", "x"))
	require.Equal(t, 503, status)
	require.Contains(t, body, "log.required")
	require.Equal(t, "log", <-p.refused)
	full.Store(false)
	status, _ = p.one(t, wiretest.Post(target.Address(), "/hook", "x"))
	require.Equal(t, 200, status)
	require.Len(t, target.Requests(), 1)
}

// TestUnrecordedIsNotSeenToEnd: an attempt whose record cannot be written ends with a RST, not with its answer.
func TestUnrecordedIsNotSeenToEnd(t *testing.T) {
	for _, rule := range []string{"", "[[rule]]\nname = \"x\"\nstatus = 200", "[[rule]]\nname = \"x\"\nclose = true"} {
		target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
		p := start(t, rule)
		p.journal.fails = errors.New("no space left on device")
		sender := wiretest.Dial(t, p.address)
		sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
		got, ended := sender.Rest(wiretest.Patience)
		require.Empty(t, got)
		require.Equal(t, wiretest.RST, ended)
	}
}
