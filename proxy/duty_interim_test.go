package proxy_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

// TestExpect: who waits for a 100 gets it when the target asks for the body, and not when it answers or says nothing.
func TestExpect(t *testing.T) {
	t.Parallel()
	expecting := func(s *scene) string { return s.head("POST", "/hook", "Expect: 100-continue", "Content-Length: 4") }
	readHead := func(c *wiretest.Conn) bool {
		for {
			line, err := c.Reader().ReadString('\n')
			if err != nil || line == "\r\n" {
				return err == nil
			}
		}
	}
	body := func(c *wiretest.Conn) string {
		var b [4]byte
		_, err := io.ReadFull(c.Reader(), b[:])
		if err != nil {
			return err.Error()
		}
		return string(b[:])
	}
	t.Run("asked", func(t *testing.T) {
		script := func(c *wiretest.Conn) {
			if readHead(c) {
				_, _ = io.WriteString(c, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n")
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"+body(c))
			}
		}
		everywhere(t, script, func(t *testing.T, s *scene) {
			sender := s.enter()
			sender.Send(expecting(s))
			for _, want := range []int{103, 100, 102} {
				resp, _ := sender.Answer("POST")
				require.Equal(t, want, resp.StatusCode)
			}
			sender.Send("sent")
			resp, got := sender.Answer("POST")
			require.Equal(t, 200, resp.StatusCode)
			require.Equal(t, "sent", got)
			s.recorded(acknowledged())
		})
	})
	for _, status := range []string{"413", "417", "200"} {
		t.Run(status+" at once", func(t *testing.T) {
			script := func(c *wiretest.Conn) {
				if readHead(c) {
					_, _ = io.WriteString(c, "HTTP/1.1 "+status+" x\r\nContent-Length: 0\r\n\r\n")
					_, _ = c.ReadRequest() // nothing comes of the body
				}
			}
			everywhere(t, script, func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(expecting(s))
				resp, _ := sender.Answer("POST")
				require.Equal(t, status, resp.Status[:3])
				want := truth{deliveries.Rejected, deliveries.Complete, deliveries.ByTarget, deliveries.Part, "no"}
				if status == "200" {
					want.outcome, want.delivered = deliveries.Acknowledged, "yes"
				}
				s.recorded(want)
				_ = sender.Conn.Close() // what it has not sent is not waited for
				shutdown(t, s.p)
				require.Empty(t, s.target.Requests())
			})
		})
	}
	t.Run("silence", func(t *testing.T) {
		for _, d := range doors() {
			t.Run(d.name, func(t *testing.T) {
				t.Parallel()
				heard := make(chan struct{})
				script := func(c *wiretest.Conn) {
					if readHead(c) {
						heard <- struct{}{}
						_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"+body(c))
					}
				}
				at(t, d, script, func(t *testing.T, s *scene) {
					waits, goesOn := s.enter(), s.enter()
					waits.Send(expecting(s))
					<-heard
					goesOn.Send(expecting(s) + "sent")
					<-heard
					_, got := goesOn.Answer("POST")
					require.Equal(t, "sent", got)
					waits.Send("sent") // it has waited for long enough
					_, got = waits.Answer("POST")
					require.Equal(t, "sent", got, "and was told nothing")
					for _, a := range s.p.journal.attempts(t, 2) {
						require.Equal(t, acknowledged(), truthOf(a))
					}
				})
			})
		}
	})
	t.Run("asked by a rule that needs the body", func(t *testing.T) {
		script := func(c *wiretest.Conn) {
			if readHead(c) {
				_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"+body(c))
			}
		}
		for _, d := range doors() {
			t.Run(d.name, func(t *testing.T) {
				t.Parallel()
				under(t, "[[rule]]\nname = \"x\"\nmatch.body = \"never\"\nstatus = 500", d, script, func(t *testing.T, s *scene) {
					sender := s.enter()
					sender.Send(expecting(s))
					resp, _ := sender.Answer("POST")
					require.Equal(t, 100, resp.StatusCode)
					sender.Send("sent")
					resp, got := sender.Answer("POST")
					require.Equal(t, 200, resp.StatusCode, "it is asked once")
					require.Equal(t, "sent", got)
				})
			})
		}
	})
	t.Run("lost after delivery", func(t *testing.T) {
		script := func(c *wiretest.Conn) {
			if readHead(c) {
				_, _ = io.WriteString(c, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"+body(c))
			}
		}
		for _, d := range doors() {
			t.Run(d.name, func(t *testing.T) {
				t.Parallel()
				under(t, "[[rule]]\nname = \"x\"\ndeliver_first = true\nclose = true", d, script, func(t *testing.T, s *scene) {
					sender := s.enter()
					sender.Send(expecting(s))
					resp, _ := sender.Answer("POST")
					require.Equal(t, 100, resp.StatusCode)
					sender.Send("sent")
					got, ended := sender.Rest(wiretest.Patience)
					require.Empty(t, got)
					require.Equal(t, wiretest.FIN, ended)
					require.Equal(t, truth{deliveries.Unanswered, deliveries.Fin, deliveries.ByProxy, deliveries.Whole, "yes"}, truthOf(s.p.journal.attempts(t, 1)[0]))
				})
			})
		}
	})
}

// TestInterimAnswers: those before the last word pass, in order, with their fields, which do not stay for the last word.
func TestInterimAnswers(t *testing.T) {
	const interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n" +
		"HTTP/1.1 103 Early Hints\r\nLink: </b>\r\nLink: </c>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 199 Odd\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
	everywhere(t, wiretest.Answering(interim+wiretest.OK), func(t *testing.T, s *scene) {
		sender := s.enter()
		sender.Send(s.post("/hook", "body"))
		for _, want := range []struct {
			status int
			links  []string
		}{{103, []string{"</a>"}}, {103, []string{"</b>", "</c>"}}, {102, nil}, {199, nil}, {100, nil}, {200, nil}} {
			resp, _ := sender.Answer("POST")
			require.Equal(t, want.status, resp.StatusCode)
			require.Equal(t, want.links, resp.Header["Link"])
			require.NotContains(t, resp.Header, "X-Hop")
		}
		s.recorded(acknowledged())
	})
}
