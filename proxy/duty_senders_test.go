package proxy_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

// TestSenderLeaves: a sender that goes while its target works takes the target's connection with it.
func TestSenderLeaves(t *testing.T) {
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
