package proxy_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
)

// TestUnsizedAnswers: an answer that ends with the target's connection is whole, and the sender's connection goes on.
func TestUnsizedAnswers(t *testing.T) {
	body := strings.Repeat("until the close ", 10_000)
	everywhere(t, once("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"+body), func(t *testing.T, s *scene) {
		sender := s.enter()
		for range 2 {
			sender.Send(s.post("/hook", "body"))
			resp, got := sender.Answer("POST")
			require.Equal(t, []string{"chunked"}, resp.TransferEncoding)
			require.Equal(t, body, got)
		}
		for _, a := range s.p.journal.attempts(t, 2) {
			require.Equal(t, acknowledged(), truthOf(a))
		}
	})
}

// TestStreamedAnswers: what a target sends little by little arrives as it comes, its head first, however it is framed.
func TestStreamedAnswers(t *testing.T) {
	tests := []struct{ name, head, before, after, end string }{
		{"chunked", "Transfer-Encoding: chunked\r\n", "4\r\n", "\r\n", "0\r\n\r\n"},
		{"Content-Length", "Content-Length: 12\r\n", "", "", ""},
		{"until the close", "", "", "", ""},
		{"server-sent events", "Content-Type: text/event-stream\r\n", "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, version := range []string{"1.1", "1.0"} {
				t.Run(version, func(t *testing.T) {
					t.Parallel()
					streamed(t, version, "HTTP/1.1 200 OK\r\n"+tt.head+"\r\n", tt.before, tt.after, tt.end)
				})
			}
		})
	}
}

func streamed(t *testing.T, version, head, before, after, end string) {
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			next := make(chan struct{})
			told := func() bool {
				select {
				case <-next:
					return true
				case <-t.Context().Done():
					return false
				}
			}
			script := func(c *wiretest.Conn) {
				once(head)(c)
				for range 3 {
					if !told() {
						return
					}
					_, _ = io.WriteString(c, before+"tick"+after)
				}
				if told() {
					_, _ = io.WriteString(c, end)
				}
			}
			at(t, d, script, func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.line("POST", "/hook") + " HTTP/" + version + "\r\nHost: " + s.host + "\r\nContent-Length: 0\r\n\r\n")
				require.NoError(t, sender.Conn.SetReadDeadline(time.Now().Add(wiretest.Patience)))
				resp, err := http.ReadResponse(sender.Reader(), &http.Request{Method: "POST"})
				require.NoError(t, err)
				for n := range 3 {
					next <- struct{}{}
					want := "tick"
					if n == 2 && resp.ContentLength == 12 {
						want = "tic" // the last byte comes with the record, at once
					}
					got := make([]byte, len(want))
					_, err := io.ReadFull(resp.Body, got)
					require.NoError(t, err)
					require.Equal(t, want, string(got))
				}
				next <- struct{}{}
				_, err = io.ReadAll(resp.Body)
				require.NoError(t, err)
				s.recorded(acknowledged())
			})
		})
	}
}
