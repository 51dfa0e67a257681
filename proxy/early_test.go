package proxy_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

// TestEarlyAnswer: a target that answers in the middle of an upload, and goes on reading for a moment or does not, is heard by a sender that
// finishes its upload before it looks, every time.
func TestEarlyAnswer(t *testing.T) {
	t.Parallel()
	const answer = "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig"
	tests := []struct {
		name string
		then func(*wiretest.Conn)
	}{
		{"and reads on", func(c *wiretest.Conn) {
			_ = c.CloseWrite() // a proxy that has gone is seen below
			_, _ = io.Copy(io.Discard, c)
		}},
		{"and resets", func(c *wiretest.Conn) { _ = c.Close() }}, // with bytes unread: a RST
	}
	for _, tt := range tests {
		for _, held := range []bool{false, true} {
			rule := ""
			if held {
				rule = "[[rule]]\nname = \"needs the key\"\nwhen.attempt = 99\nreset = true"
			}
			t.Run(tt.name, func(t *testing.T) {
				target := wiretest.Listen(t, func(c *wiretest.Conn) {
					_, _ = io.CopyN(io.Discard, c, 64<<10)
					_, _ = io.WriteString(c, answer)
					tt.then(c)
				})
				p := start(t, rule)
				for range 30 {
					sender := wiretest.Dial(t, p.address)
					sender.Send("POST http://" + target.Address() + "/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n")
					_, err := io.WriteString(sender.Conn, strings.Repeat("x", 2_000_000))
					require.NoError(t, err)
					require.NoError(t, sender.Conn.SetReadDeadline(time.Now().Add(wiretest.Patience)))
					resp, err := http.ReadResponse(sender.Reader(), &http.Request{Method: "POST"})
					require.NoError(t, err)
					require.Equal(t, 413, resp.StatusCode)
					body, err := io.ReadAll(resp.Body)
					require.NoError(t, err)
					require.Equal(t, "big", string(body))
				}
			})
		}
	}
}

// TestEarlyAnswerToASlowUpload: the answer comes while the upload goes on, which may be finished.
func TestEarlyAnswerToASlowUpload(t *testing.T) {
	target := wiretest.Listen(t, func(c *wiretest.Conn) {
		_, _ = io.CopyN(io.Discard, c, 1<<10)
		_, _ = io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
		_ = c.CloseWrite() // a proxy that has gone is seen below
		_, _ = io.Copy(io.Discard, c)
	})
	p := start(t, "")
	sender := wiretest.Dial(t, p.address)
	sender.Send("POST http://" + target.Address() + "/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + strings.Repeat("x", 100_000))
	resp, body := sender.Answer("POST")
	require.Equal(t, 413, resp.StatusCode)
	require.Equal(t, "big", body)
	for range 9 {
		sender.Send(strings.Repeat("x", 100_000))
	}
	_, ended := sender.Rest(500 * time.Millisecond)
	require.NotEqual(t, wiretest.RST, ended)
	require.Equal(t, deliveries.Rejected, p.journal.attempts(t, 1)[0].Outcome)
}

// TestEarlyAnswerThenTheRest: a target that has answered before it has read the body, and reads on, gets all of it, and keeps its connection.
func TestEarlyAnswerThenTheRest(t *testing.T) {
	const size = 2_000_000
	got := make(chan int64, 16)
	script := func(c *wiretest.Conn) {
		for {
			r, err := http.ReadRequest(c.Reader())
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, wiretest.OK) // a proxy that has gone is seen below
			n, _ := io.Copy(io.Discard, r.Body)
			got <- n
		}
	}
	everywhere(t, script, func(t *testing.T, s *scene) {
		sender := s.enter()
		for range 2 {
			sender.Send(s.head("POST", "/hook", "Content-Length: "+itoa(size)))
			for range 10 {
				sender.Send(strings.Repeat("x", size/10))
			}
			resp, body := sender.Answer("POST")
			require.Equal(t, 200, resp.StatusCode)
			require.Equal(t, "ok", body)
			require.EqualValues(t, size, <-got)
		}
		require.Equal(t, 1, s.target.Connections())
		for _, a := range s.p.journal.attempts(t, 2) {
			require.Equal(t, acknowledged(), truthOf(a))
		}
	})
}

// TestEarlyAnswerToOneWhoStops: a sender that stops its upload to read an early answer gets it whole.
func TestEarlyAnswerToOneWhoStops(t *testing.T) {
	everywhere(t, func(c *wiretest.Conn) {
		if _, err := http.ReadRequest(c.Reader()); err == nil {
			_, _ = io.WriteString(c, wiretest.OK) // a proxy that has gone is seen below
			_, _ = io.Copy(io.Discard, c)
		}
	}, func(t *testing.T, s *scene) {
		sender := s.enter()
		sender.Send(s.head("POST", "/hook", "Content-Length: 1000000") + "half")
		resp, body := sender.Answer("POST")
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, "ok", body)
		require.Equal(t, deliveries.Part, s.p.journal.attempts(t, 1)[0].Reached)
	})
}

// TestHeadGoesAhead: a target hears of a small body that is slow to come, and what it answers to the head alone is heard. A sender that breaks off then leaves
// it with what a direct one would leave.
func TestHeadGoesAhead(t *testing.T) {
	t.Parallel()
	t.Run("answered", func(t *testing.T) {
		script := func(c *wiretest.Conn) {
			if _, err := http.ReadRequest(c.Reader()); err == nil {
				_, _ = io.WriteString(c, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
			}
			_, _ = io.Copy(io.Discard, c)
		}
		everywhere(t, script, func(t *testing.T, s *scene) {
			sender := s.enter()
			sender.Send(s.head("POST", "/hook", "Content-Length: 10") + "part")
			resp, _ := sender.Answer("POST")
			require.Equal(t, 413, resp.StatusCode)
			s.recorded(truth{deliveries.Rejected, deliveries.Complete, deliveries.ByTarget, deliveries.Part, "no"})
		})
	})
	leave := map[string]func(*wiretest.Sender){
		"closed": func(s *wiretest.Sender) { _ = s.Conn.Close() },
		"reset":  (*wiretest.Sender).Reset,
	}
	for name, leave := range leave {
		for _, d := range doors() {
			t.Run("broken off, "+name+", "+d.name, func(t *testing.T) {
				t.Parallel()
				read := make(chan string, 2)
				script := func(c *wiretest.Conn) {
					r, err := http.ReadRequest(c.Reader())
					if err != nil {
						read <- err.Error()
						return
					}
					part, _ := io.ReadAll(io.LimitReader(r.Body, 4))
					read <- string(part)
					_, err = io.ReadAll(r.Body)
					read <- fmt.Sprint(errors.Is(err, syscall.ECONNRESET))
				}
				at(t, d, script, func(t *testing.T, s *scene) {
					sender := s.enter()
					sender.Send(s.head("POST", "/hook", "Content-Length: 10") + "part")
					require.Equal(t, "part", <-read)
					leave(sender)
					require.Equal(t, "true", <-read, "RST")
					s.recorded(truth{deliveries.Aborted, deliveries.Silence, deliveries.BySender, deliveries.Part, "no"})
				})
			})
		}
	}
}
