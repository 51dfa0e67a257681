package proxy_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// TestSenderLeaves: a sender that goes while its target works takes the target's connection with it.
func TestSenderLeaves(t *testing.T) {
	t.Parallel()
	for _, leave := range []string{"closes", "resets"} {
		t.Run(leave, func(t *testing.T) {
			asked, gone := make(chan struct{}, 16), make(chan error, 16)
			script := func(c *wiretest.Conn) {
				if _, err := c.ReadRequest(); err != nil {
					return
				}
				asked <- struct{}{}
				_, err := c.ReadRequest()
				gone <- err
			}
			for _, d := range doors() {
				t.Run(d.name, func(t *testing.T) {
					at(t, d, script, func(t *testing.T, s *scene) {
						sender := s.enter()
						sender.Send(s.post("/hook", "body"))
						<-asked
						if leave == "resets" {
							sender.Reset()
						} else {
							require.NoError(t, sender.Conn.Close())
						}
						require.Error(t, <-gone)
						s.recorded(truth{deliveries.Aborted, deliveries.Silence, deliveries.BySender, deliveries.Whole, "unknown"})
					})
				})
			}
		})
	}
}

// TestSenderLeavesInAnAnswer: the target is let go, and the log says that the sender did not get it all.
func TestSenderLeavesInAnAnswer(t *testing.T) {
	gone := make(chan error, 16)
	script := func(c *wiretest.Conn) {
		once("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")(c)
		block := make([]byte, 64<<10)
		for {
			if _, err := c.Write(block); err != nil {
				gone <- err
				return
			}
		}
	}
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			at(t, d, script, func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.post("/hook", "body"))
				_, err := io.CopyN(io.Discard, sender.Reader(), 100<<10)
				require.NoError(t, err)
				sender.Reset()
				require.Error(t, <-gone)
				a := s.p.journal.attempts(t, 1)[0]
				require.Equal(t, deliveries.Broken, a.Outcome)
				require.Equal(t, deliveries.BySender, a.EndedBy)
				require.Equal(t, deliveries.Whole, a.Reached)
				require.True(t, *a.Delivered)
			})
		})
	}
}

// TestConnectionsAreOwned: a sender's connection keeps one to its target and closes it with its own; senders share none.
func TestConnectionsAreOwned(t *testing.T) {
	gone := make(chan error, 16)
	script := func(c *wiretest.Conn) {
		wiretest.Answering(wiretest.OK)(c)
		gone <- nil
	}
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			at(t, d, script, func(t *testing.T, s *scene) {
				first, second := s.enter(), s.enter()
				for _, sender := range []*wiretest.Sender{first, second, first, second} {
					sender.Send(s.post("/hook", "body"))
					resp, _ := sender.Answer("POST")
					require.Equal(t, 200, resp.StatusCode)
				}
				require.Equal(t, 2, s.target.Connections())
				require.NoError(t, first.Conn.Close())
				<-gone
				second.Send(s.post("/hook", "body"))
				resp, _ := second.Answer("POST")
				require.Equal(t, 200, resp.StatusCode)
				require.Equal(t, 2, s.target.Connections())
				require.NoError(t, second.Conn.Close())
				<-gone
			})
		})
	}
}

// TestSenderCloses: Connection: close is the sender's own: it gets its answer, then a FIN; the answer of a target that closes does not close it.
func TestSenderCloses(t *testing.T) {
	everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
		sender := s.enter()
		sender.Send(s.post("/hook", "body", "Connection: close"))
		resp, body := sender.Answer("POST")
		require.True(t, resp.Close)
		require.Equal(t, "ok", body)
		rest, ended := sender.Rest(wiretest.Patience)
		require.Empty(t, rest)
		require.Equal(t, wiretest.FIN, ended)
		require.NotContains(t, s.target.Requests()[0], "Connection:")
		s.recorded(acknowledged())
	})
}

// TestHalfClosedSender: a sender that has nothing more to say after its answer is answered with a FIN.
func TestHalfClosedSender(t *testing.T) {
	everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
		sender := s.enter()
		sender.Send(s.post("/hook", "body"))
		resp, _ := sender.Answer("POST")
		require.Equal(t, 200, resp.StatusCode)
		require.NoError(t, sender.Conn.CloseWrite())
		rest, ended := sender.Rest(wiretest.Patience)
		require.Empty(t, rest)
		require.Equal(t, wiretest.FIN, ended)
		s.recorded(acknowledged())
	})
}

// TestSenderLeavesUnread: a sender that goes while its body is still unread is noticed, though nobody reads: from a target that takes no more, from a delay,
// and before it was asked for its body.
func TestSenderLeavesUnread(t *testing.T) {
	tests := []struct {
		name    string
		rule    string
		request func(s *scene) string
		leave   func(sender *wiretest.Sender)
		want    truth
	}{
		{
			"target does not read", "",
			func(s *scene) string {
				return s.head("POST", "/hook", "Content-Length: 50000000", "Webhook-Id: 1") + strings.Repeat("x", 100_000)
			},
			(*wiretest.Sender).Reset,
			truth{deliveries.Aborted, deliveries.Silence, deliveries.BySender, deliveries.Part, "no"},
		},
		{
			"delayed, body larger than what is held", "[[rule]]\nname = \"x\"\nlatency = \"1h\"",
			func(s *scene) string { return s.post("/hook", strings.Repeat("x", 70_000), "Webhook-Id: 1") },
			func(sender *wiretest.Sender) { _ = sender.Conn.Close() },
			truth{deliveries.Unanswered, deliveries.Silence, deliveries.BySender, deliveries.None, "no"},
		},
		{
			"delayed, body not asked for", "[[rule]]\nname = \"x\"\nlatency = \"1h\"",
			func(s *scene) string {
				return s.head("POST", "/hook", "Content-Length: 4", "Expect: 100-continue", "Webhook-Id: 1")
			},
			func(sender *wiretest.Sender) { _ = sender.Conn.Close() },
			truth{deliveries.Unanswered, deliveries.Silence, deliveries.BySender, deliveries.None, "no"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, d := range doors() {
				t.Run(d.name, func(t *testing.T) {
					t.Parallel()
					reading := make(chan struct{})
					under(t, tt.rule, d, func(*wiretest.Conn) { <-reading }, func(t *testing.T, s *scene) {
						defer close(reading)
						sender := s.enter()
						sender.Send(tt.request(s))
						wait[*deliveries.Open](t, s.p.journal, 1)
						tt.leave(sender)
						require.Equal(t, tt.want, truthOf(s.p.journal.attempts(t, 1)[0]))
					}, func(c *proxy.Config) { c.Limits.Body = 1 << 10 })
				})
			}
		})
	}
}

// TestSenderLeavesBeforeTheTarget: a sender that goes while its target is still being reached ends the attempt, and the target hears nothing of it.
func TestSenderLeavesBeforeTheTarget(t *testing.T) {
	t.Parallel()
	for _, d := range doors() {
		if d.scheme != "https" {
			continue // the kernel completes a connection in clear by itself
		}
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := &scene{t: t, door: d, authority: wiretest.NewAuthority(t)}
			reached, gone := make(chan struct{}), make(chan error, 1)
			s.target = wiretest.Listen(t, func(c *wiretest.Conn) {
				close(reached)
				_, err := io.Copy(io.Discard, c.TCPConn) // the handshake is never answered
				gone <- err
			})
			s.host = s.target.Address()
			s.p = start(t, "[tls]\nintercept = [\"127.0.0.1\"]", opening(s.authority))
			sender := s.enter()
			sender.Send(s.post("/hook", "body"))
			<-reached
			require.NoError(t, sender.Conn.Close())
			<-gone
			s.recorded(truth{deliveries.Aborted, deliveries.Silence, deliveries.BySender, deliveries.None, "no"})
		})
	}
}

// TestSenderLeavesASilentTarget: so it is where nobody answers, for a body that goes out slowly and for a CONNECT, too.
func TestSenderLeavesASilentTarget(t *testing.T) {
	t.Parallel()
	leave := map[string]func(*wiretest.Sender){
		"close": func(s *wiretest.Sender) { _ = s.Conn.Close() },
		"reset": (*wiretest.Sender).Reset,
	}
	for name, leave := range leave {
		t.Run("request, "+name, func(t *testing.T) {
			t.Parallel()
			p := start(t, "[[rule]]\nname = \"slow\"\nbandwidth.up = \"1KiB/s\"")
			sender := wiretest.Dial(t, p.address)
			sender.Send(wiretest.Post(wiretest.SilentPort(t), "/hook", "body", "Webhook-Id: 1"))
			wait[*deliveries.Open](t, p.journal, 1)
			leave(sender)
			require.Equal(t, deliveries.BySender, p.journal.attempts(t, 1)[0].EndedBy)
		})
		t.Run("connect, "+name, func(t *testing.T) {
			t.Parallel()
			p, sender := connecting(t)
			leave(sender)
			require.Equal(t, deliveries.Silence, wait[*deliveries.Connect](t, p.journal, 1)[0].End)
		})
	}
}

// connecting is a sender whose CONNECT has no answer yet, as the proxy on the way gives none.
func connecting(t *testing.T) (*running, *wiretest.Sender) {
	t.Helper()
	asked := make(chan struct{})
	parent := wiretest.Listen(t, func(c *wiretest.Conn) {
		if _, err := c.ReadRequest(); err != nil {
			return
		}
		close(asked)
		_, _ = io.Copy(io.Discard, c)
	})
	p := start(t, "", func(c *proxy.Config) { c.Parent = parent.Address() })
	sender := wiretest.Dial(t, p.address)
	sender.Send(connectTo("127.0.0.1:443"))
	<-asked
	return p, sender
}
