package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// TestForwardsAsSent: what arrives at the target is what the sender wrote, but for what concerns the connection, and Via.
func TestForwardsAsSent(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "")
	sender := wiretest.Dial(t, p.address)
	sender.Send("POST http://" + target.Address() + "/a%2Fb//c?x=%41&y HTTP/1.1\r\n" +
		"Host: " + target.Address() + "\r\n" +
		"Accept-Encoding: gzip, br\r\nX-Twice: a\r\nX-Twice: b\r\nX-Empty:\r\nConnection: X-Private, keep-alive\r\nX-Private: 1\r\n" +
		"Keep-Alive: timeout=5\r\nProxy-Authorization: Basic eDp5\r\nTE: trailers\r\nVia: 1.0 earlier\r\nContent-Length: 3\r\n\r\nabc")
	sender.Answer("POST")
	require.Equal(t, []string{
		"POST /a%2Fb//c?x=%41&y HTTP/1.1\r\nHost: " + target.Address() + "\r\n" +
			"Accept-Encoding: gzip, br\r\nVia: 1.0 earlier\r\nX-Empty: \r\nX-Twice: a\r\nX-Twice: b\r\n" +
			"Via: 1.1 faultline-test\r\nContent-Length: 3\r\n\r\nabc",
	}, target.Requests())
}

// TestBodies: bodies of every framing and size arrive whole, and their hash is in the log.
func TestBodies(t *testing.T) {
	const limit = 128 << 10
	tests := []struct {
		name string
		size int
	}{{"empty", 0}, {"small", 10}, {"one write", 64 << 10}, {"streamed", 64<<10 + 1}, {"over limits.body", 300 << 10}}
	for _, tt := range tests {
		for _, chunked := range []bool{false, true} {
			for _, rule := range []string{"", "[[rule]]\nname = \"needs the key\"\nwhen.attempt = 99\nreset = true"} {
				t.Run(fmt.Sprintf("%s, chunked %t, held %t", tt.name, chunked, rule != ""), func(t *testing.T) {
					target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
					p := start(t, rule, func(c *proxy.Config) { c.Limits.Body = limit })
					body := strings.Repeat("x", tt.size)
					sender := wiretest.Dial(t, p.address)
					if chunked {
						sender.Send("POST http://" + target.Address() + "/ HTTP/1.1\r\nHost: " + target.Address() + "\r\nTransfer-Encoding: chunked\r\n\r\n")
						w := newChunks(sender.Conn)
						_, err := io.WriteString(w, body)
						require.NoError(t, err)
						require.NoError(t, w.Close())
						sender.Send("\r\n")
					} else {
						sender.Send(wiretest.Post(target.Address(), "/", body))
					}
					resp, _ := sender.Answer("POST")
					require.Equal(t, 200, resp.StatusCode)
					a := p.journal.attempts(t, 1)[0]
					require.Equal(t, int64(tt.size), a.Request.Bytes)
					require.Equal(t, sha256Hex(body), a.Request.SHA256)
					require.Equal(t, deliveries.Whole, a.Reached)
					wantFrom := "body"
					if tt.size > limit {
						wantFrom = "body-prefix"
					}
					require.Equal(t, wantFrom, a.KeyFrom)
					require.Equal(t, body, bodyOf(t, target.Requests()[0]))
				})
			}
		}
	}
}

// TestRetriesShareADelivery: the same body twice is attempt 2 of one delivery until it was acknowledged, then a new delivery, whether or not the body
// was held back.
func TestRetriesShareADelivery(t *testing.T) {
	for _, rule := range []string{"", "[[rule]]\nname = \"needs the key\"\nwhen.attempt = 99\nreset = true"} {
		target := wiretest.Listen(t, func(c *wiretest.Conn) {
			answer := "HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
			if _, err := c.ReadRequest(); err != nil {
				return
			}
			if c.Number%2 == 0 {
				answer = wiretest.OK
			}
			_, _ = io.WriteString(c, answer) // a proxy that has gone is seen below
		})
		p := start(t, rule)
		for range 4 {
			p.one(t, wiretest.Post(target.Address(), "/hook", `{"n":1}`, "Connection: close"))
		}
		a := p.journal.attempts(t, 4)
		require.Equal(t, []int{1, 2, 1, 2}, []int{a[0].Attempt, a[1].Attempt, a[2].Attempt, a[3].Attempt})
		require.Equal(t, a[0].Delivery, a[1].Delivery)
		require.NotEqual(t, a[1].Delivery, a[2].Delivery)
	}
}

// TestTargetFailures: a target's failure reaches the sender as what it is, and the log names it.
func TestTargetFailures(t *testing.T) {
	t.Parallel()
	play := func(answer string) func(*wiretest.Conn) {
		return func(c *wiretest.Conn) {
			if _, err := c.ReadRequest(); err == nil {
				_, _ = io.WriteString(c, answer) // a proxy that has gone is seen below
			}
		}
	}
	tests := []struct {
		name    string
		target  func(*wiretest.Conn)
		outcome deliveries.Outcome
		end     deliveries.End
		by      deliveries.Party
		got     string // beginning of what the sender gets
		ended   wiretest.Ended
		kind    string // Proxy-Status
	}{
		{
			name: "closes without an answer", target: play(""),
			outcome: deliveries.Rejected, end: deliveries.Complete, by: deliveries.ByProxy, got: "HTTP/1.1 502 ", ended: wiretest.Open, kind: "connection_terminated",
		},
		{
			name: "garbage", target: play("SSH-2.0-OpenSSH\r\n\r\n"),
			outcome: deliveries.Rejected, end: deliveries.Complete, by: deliveries.ByProxy, got: "HTTP/1.1 502 ", ended: wiretest.Open, kind: "http_protocol_error",
		},
		{
			name: "101 unasked", target: play("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
			outcome: deliveries.Rejected, end: deliveries.Complete, by: deliveries.ByProxy, got: "HTTP/1.1 502 ", ended: wiretest.Open, kind: "http_protocol_error",
		},
		{
			name: "endless head", target: play("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2<<20)),
			outcome: deliveries.Rejected, end: deliveries.Complete, by: deliveries.ByProxy, got: "HTTP/1.1 502 ", ended: wiretest.Open,
			kind: "http_response_header_section_size",
		},
		{
			name: "cut body", target: play("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
			outcome: deliveries.Broken, end: deliveries.Cut, by: deliveries.ByTarget, got: "HTTP/1.1 200 OK\r\n", ended: wiretest.FIN,
		},
		{
			name: "cut chunked body", target: play("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
			outcome: deliveries.Broken, end: deliveries.Cut, by: deliveries.ByTarget, got: "HTTP/1.1 200 OK\r\n", ended: wiretest.FIN,
		},
		{
			name: "reset in the body",
			target: func(c *wiretest.Conn) {
				play("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")(c)
				c.Reset()
			},
			outcome: deliveries.Broken, end: deliveries.Reset, by: deliveries.ByTarget, got: "HTTP/1.1 200 OK\r\n", ended: wiretest.RST,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := wiretest.Listen(t, tt.target)
			p := start(t, "")
			sender := wiretest.Dial(t, p.address)
			sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
			a := p.journal.attempts(t, 1)[0]
			got, ended := sender.Rest(300 * time.Millisecond)
			require.Equal(t, tt.ended, ended)
			require.True(t, strings.HasPrefix(got, tt.got), got)
			require.NotContains(t, got, "127.0.0.1")
			require.NotContains(t, got, "\r\n0\r\n")
			if tt.kind != "" {
				require.Contains(t, got, "Proxy-Status: faultline-test; error="+tt.kind+"\r\n")
			}
			require.Equal(t, tt.outcome, a.Outcome)
			require.Equal(t, tt.end, a.End)
			require.Equal(t, tt.by, a.EndedBy)
			require.Equal(t, deliveries.Whole, a.Reached)
			require.Empty(t, a.Faults)
			require.NotEmpty(t, a.Target.Error)
			require.Len(t, target.Requests(), 1)
		})
	}
}

// TestTargetDown: a refused connection and an unknown name are a gateway's 502, without addresses.
func TestTargetDown(t *testing.T) {
	tests := []struct{ name, host, kind string }{
		{"refused", wiretest.RefusingPort(t), "connection_refused"},
		{"unknown", "no-such-host.invalid", "dns_error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := start(t, "")
			sender := wiretest.Dial(t, p.address)
			sender.Send(wiretest.Post(tt.host, "/hook", "x"))
			resp, body := sender.Answer("POST")
			require.Equal(t, 502, resp.StatusCode)
			require.Equal(t, "faultline-test; error="+tt.kind, resp.Header.Get("Proxy-Status"))
			require.NotContains(t, body, "127.0.0.1")
			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, deliveries.Rejected, a.Outcome)
			require.Equal(t, deliveries.ByProxy, a.EndedBy)
			require.Equal(t, deliveries.None, a.Reached)
			require.False(t, *a.Delivered)
			require.Equal(t, "body", a.KeyFrom)
		})
	}
}

// TestIdleCloseIsTheSenders: a target that closes its connection between two answers is dialled anew, and nothing is sent twice; one that dies on the
// second request shows the sender a FIN, as it would have seen it directly.
func TestIdleCloseIsTheSenders(t *testing.T) {
	t.Run("closed while idle", func(t *testing.T) {
		closed := make(chan struct{}, 2)
		target := wiretest.Listen(t, func(c *wiretest.Conn) {
			if _, err := c.ReadRequest(); err == nil {
				_, _ = io.WriteString(c, wiretest.OK) // a proxy that has gone is seen below
			}
			_ = c.Close()
			closed <- struct{}{}
		})
		p := start(t, "")
		sender := wiretest.Dial(t, p.address)
		for range 2 {
			sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
			resp, _ := sender.Answer("POST")
			require.Equal(t, 200, resp.StatusCode)
			<-closed
		}
		require.Equal(t, 2, target.Connections())
		require.Len(t, target.Requests(), 2)
	})
	t.Run("dies on the second request", func(t *testing.T) {
		target := wiretest.Listen(t, func(c *wiretest.Conn) {
			if _, err := c.ReadRequest(); err == nil {
				_, _ = io.WriteString(c, wiretest.OK) // a proxy that has gone is seen below
			}
			_, _ = c.ReadRequest() // read, never answered
		})
		p := start(t, "")
		sender := wiretest.Dial(t, p.address)
		sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
		sender.Answer("POST")
		sender.Send(wiretest.Post(target.Address(), "/hook", "y"))
		got, ended := sender.Rest(wiretest.Patience)
		require.Empty(t, got)
		require.Equal(t, wiretest.FIN, ended)
		require.Equal(t, 1, target.Connections())
		a := p.journal.attempts(t, 2)[1]
		require.Equal(t, deliveries.Unanswered, a.Outcome)
		require.Equal(t, deliveries.Fin, a.End)
		require.Equal(t, deliveries.ByTarget, a.EndedBy)
		require.True(t, a.Target.Reused)
		require.Equal(t, deliveries.Whole, a.Reached)
		require.Nil(t, a.Delivered)
	})
}

// TestCutRequest: a sender that fails in its body leaves the target with nothing that looks whole, and is a delivery of its own.
func TestCutRequest(t *testing.T) {
	for _, size := range []string{"10", "1000000"} {
		ended := make(chan error, 1)
		target := wiretest.Listen(t, func(c *wiretest.Conn) {
			_, err := c.ReadRequest()
			ended <- err
		})
		p := start(t, "")
		sender := wiretest.Dial(t, p.address)
		sender.Send("POST http://" + target.Address() + "/ HTTP/1.1\r\nHost: x\r\nContent-Length: " + size + "\r\n\r\npart")
		require.NoError(t, sender.Conn.Close())
		a := p.journal.attempts(t, 1)[0]
		require.Equal(t, deliveries.Aborted, a.Outcome)
		require.Equal(t, deliveries.BySender, a.EndedBy)
		require.NotEqual(t, deliveries.Whole, a.Reached)
		require.False(t, *a.Delivered)
		if target.Connections() > 0 {
			require.Error(t, <-ended)
		}
	}
}

// TestSenderGone: the target is let go when the sender leaves while it waits.
func TestSenderGone(t *testing.T) {
	asked, gone := make(chan struct{}), make(chan struct{})
	target := wiretest.Listen(t, func(c *wiretest.Conn) {
		if _, err := c.ReadRequest(); err != nil {
			return
		}
		close(asked)
		_, _ = c.ReadRequest() // ends when the proxy closes
		close(gone)
	})
	p := start(t, "")
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
	<-asked
	require.NoError(t, sender.Conn.Close())
	<-gone
	a := p.journal.attempts(t, 1)[0]
	require.Equal(t, deliveries.Aborted, a.Outcome)
	require.Equal(t, deliveries.Silence, a.End)
	require.Equal(t, deliveries.BySender, a.EndedBy)
	require.Nil(t, a.Delivered)
}

// TestInterim: a 103 is passed on, and the final answer follows.
func TestInterim(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"+wiretest.OK))
	p := start(t, "")
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", "x", "Connection: close"))
	got, _ := sender.Rest(wiretest.Patience)
	require.True(t, strings.HasPrefix(got, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n"), got)
	require.Equal(t, 1, strings.Count(got, "Link:"))
}

// TestExpectContinue: the sender is asked for its body when the target asks for it, and not when the target answers at once.
func TestExpectContinue(t *testing.T) {
	head := func(target *wiretest.Target) string {
		return "POST http://" + target.Address() + "/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
	}
	t.Run("asked", func(t *testing.T) {
		target := wiretest.Listen(t, func(c *wiretest.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
			if _, err := c.ReadRequest(); err == nil {
				_, _ = io.WriteString(c, wiretest.OK)
			}
		})
		p := start(t, "")
		sender := wiretest.Dial(t, p.address)
		sender.Send(head(target))
		resp, _ := sender.Answer("POST")
		require.Equal(t, 100, resp.StatusCode)
		sender.Send("body")
		resp, _ = sender.Answer("POST")
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, int64(4), p.journal.attempts(t, 1)[0].Request.Bytes)
	})
	t.Run("refused at once", func(t *testing.T) {
		target := wiretest.Listen(t, func(c *wiretest.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			_, _ = io.Copy(io.Discard, c)
		})
		p := start(t, "")
		sender := wiretest.Dial(t, p.address)
		sender.Send(head(target))
		resp, _ := sender.Answer("POST")
		require.Equal(t, 413, resp.StatusCode)
		require.Equal(t, deliveries.Rejected, p.journal.attempts(t, 1)[0].Outcome)
	})
}

// TestStreams: what a target sends little by little arrives little by little.
func TestStreams(t *testing.T) {
	next := make(chan struct{})
	target := wiretest.Listen(t, func(c *wiretest.Conn) {
		if _, err := c.ReadRequest(); err != nil {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		for range 3 {
			_, _ = io.WriteString(c, "4\r\ntick\r\n")
			<-next
		}
		_, _ = io.WriteString(c, "0\r\n\r\n")
	})
	p := start(t, "")
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
	resp, err := http.ReadResponse(sender.Reader(), &http.Request{Method: "POST"})
	require.NoError(t, err)
	for range 3 {
		var tick [4]byte
		_, err := io.ReadFull(resp.Body, tick[:])
		require.NoError(t, err)
		next <- struct{}{}
	}
	rest, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Empty(t, rest)
}

// TestTurnedAway: what cannot be an attempt gets a reason, and no record.
func TestTurnedAway(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "", func(c *proxy.Config) { c.Guarded = []string{target.Address()} })
	tests := []struct {
		name, request, reason string
		status                int
	}{
		{"origin form", "POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "origin_form", 400},
		{"other scheme", "POST ftp://x/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "scheme", 400},
		{"has been here", wiretest.Post("x.test", "/", "", "Via: 1.0 a, 1.1 faultline-test"), "loop", 508},
		{"CONNECT without a port", "CONNECT x.test HTTP/1.1\r\nHost: x.test\r\n\r\n", "connect_target", 400},
		{"CONNECT to a mail server", "CONNECT x.test:25 HTTP/1.1\r\nHost: x.test\r\n\r\n", "connect_port", 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, _ := p.one(t, tt.request)
			require.Equal(t, tt.status, status)
			require.Equal(t, tt.reason, <-p.refused)
		})
	}
}

// TestTurnedAwayUnread: what the server itself cannot read is counted like what we turn away; a target's own 4xx is not.
func TestTurnedAwayUnread(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
	p := start(t, "")
	sender := wiretest.Dial(t, p.address)
	for range 2 {
		sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
		resp, _ := sender.Answer("POST")
		require.Equal(t, 404, resp.StatusCode)
	}
	sender.Send("POST http://" + target.Address() + "/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx")
	resp, _ := sender.Answer("POST")
	require.Equal(t, 400, resp.StatusCode)
	require.Equal(t, "malformed", <-p.refused)
	require.Empty(t, p.refused)
	p.journal.attempts(t, 2)
}

// TestGuardedAddresses: the proxy itself and the admin listener cannot be reached through it, however they are spelled.
func TestGuardedAddresses(t *testing.T) {
	admin := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "", func(c *proxy.Config) { c.Guarded = []string{admin.Address()} })
	_, adminPort, _ := strings.Cut(admin.Address(), ":")
	_, ownPort, _ := strings.Cut(p.address, ":")
	tests := []struct {
		host   string
		status int
	}{
		{"127.0.0.1:" + adminPort, 403}, {"localhost:" + adminPort, 403}, {"0.0.0.0:" + adminPort, 403}, {"[::ffff:127.0.0.1]:" + adminPort, 403},
		{"127.0.0.1:" + ownPort, 508}, {"localhost:" + ownPort, 508},
		{"169.254.169.254", 403},
	}
	for _, tt := range tests {
		status, _ := p.one(t, wiretest.Post(tt.host, "/", "x"))
		require.Equal(t, tt.status, status, tt.host)
	}
	require.Zero(t, admin.Connections())
}
