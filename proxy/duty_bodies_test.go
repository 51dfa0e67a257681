package proxy_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

// neverWhole is a target that must never see a whole request. That is judged once all its connections have ended.
func neverWhole(t *testing.T) func(*wiretest.Conn) {
	var seen atomic.Int32
	t.Cleanup(func() { require.Zero(t, seen.Load(), "a request came whole") })
	return func(c *wiretest.Conn) {
		if _, err := c.ReadRequest(); err == nil {
			seen.Add(1)
		}
	}
}

// TestCutRequests: a sender that breaks off its body leaves the target with nothing that looks whole.
func TestCutRequests(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 200<<10)
	tests := []struct {
		name, framing, part string
	}{
		{"Content-Length", "Content-Length: 10", "part"},
		{"Content-Length, nothing of it", "Content-Length: 10", ""},
		{"Content-Length, one byte short", "Content-Length: 10", "123456789"},
		{"Content-Length, large", "Content-Length: 1000000", large},
		{"chunked, in a chunk", chunked, "a\r\npart"},
		{"chunked, after a chunk", chunked, "4\r\npart\r\n"},
		{"chunked, before the last line", chunked, "4\r\npart\r\n0\r\n"},
		{"chunked, in the trailers", chunked, "4\r\npart\r\n0\r\nX-Sum: "},
		{"chunked, large", chunked, fmt.Sprintf("%x\r\n%s\r\n", len(large), large)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, leave := range []string{"closes", "half-closes", "resets"} {
				t.Run(leave, func(t *testing.T) {
					everywhere(t, neverWhole(t), func(t *testing.T, s *scene) {
						sender := s.enter()
						sender.Send(s.head("POST", "/hook", tt.framing) + tt.part)
						switch leave {
						case "closes":
							require.NoError(t, sender.Conn.Close())
						case "half-closes":
							require.NoError(t, sender.Conn.CloseWrite())
						case "resets":
							sender.Reset()
						}
						a := s.p.journal.attempts(t, 1)[0]
						require.Equal(t, deliveries.Aborted, a.Outcome)
						require.Equal(t, deliveries.Silence, a.End)
						require.Equal(t, deliveries.BySender, a.EndedBy)
						require.NotEqual(t, deliveries.Whole, a.Reached)
						require.False(t, *a.Delivered)
					})
				})
			}
		})
	}
}

// TestPipelined: requests that are sent before the answers to those before them are answered in order.
func TestPipelined(t *testing.T) {
	script := func(c *wiretest.Conn) {
		for {
			raw, err := c.ReadRequest()
			if err != nil {
				return
			}
			_, path, _ := strings.Cut(raw, " ")
			path, _, _ = strings.Cut(path, " ")
			if _, err := fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(path), path); err != nil {
				return
			}
		}
	}
	everywhere(t, script, func(t *testing.T, s *scene) {
		sender := s.enter()
		sender.Send(s.post("/1", "one") + s.head("POST", "/2", chunked) + "3\r\ntwo\r\n0\r\n\r\n" + s.head("GET", "/3") + s.post("/4", "") + s.post("/5", "five"))
		for _, path := range []string{"/1", "/2", "/3", "/4", "/5"} {
			_, body := sender.Answer("POST")
			require.Equal(t, path, body)
		}
		require.Len(t, s.target.Requests(), 5)
		require.Equal(t, 1, s.target.Connections())
	})
}

// TestLargeBodies: they stream both ways at once, framed by length and by chunks; 100 MiB where it costs no TLS.
func TestLargeBodies(t *testing.T) {
	echo := func(c *wiretest.Conn) {
		r, err := http.ReadRequest(bufio.NewReaderSize(c, 64<<10))
		if err != nil {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n") // a proxy that has gone is seen by the sender
		_, _ = io.Copy(c, r.Body)
	}
	for _, framing := range []string{chunked, "Content-Length: "} {
		t.Run(framing, func(t *testing.T) {
			everywhere(t, echo, func(t *testing.T, s *scene) {
				size, field := 8<<20, framing
				if s.door.name == "forward" {
					size = 100 << 20
				}
				if framing != chunked {
					field += itoa(size)
				}
				sender := s.enter()
				sender.Send(s.head("POST", "/hook", field))
				sent := make(chan error, 1)
				go func() { sent <- sendPattern(sender.Conn, size, framing == chunked) }()
				resp, err := http.ReadResponse(sender.Reader(), &http.Request{Method: "POST"})
				require.NoError(t, err)
				n, err := io.Copy(&patterned{}, resp.Body)
				require.NoError(t, err)
				require.Equal(t, int64(size), n)
				require.NoError(t, <-sent)
				require.Equal(t, int64(size), s.recorded(acknowledged()).Request.Bytes)
			})
		})
	}
}

// pattern repeats after 251 bytes, a prime, so that a lost, doubled or swapped block of any usual size shows.
var pattern = func() []byte {
	p := make([]byte, 251*1024)
	for i := range p {
		p[i] = byte(i % 251)
	}
	return p
}()

func sendPattern(w io.Writer, size int, chunks bool) error {
	if !chunks {
		return writePattern(w, size)
	}
	to := newChunks(w)
	if err := writePattern(to, size); err != nil {
		return err
	}
	if err := to.Close(); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\r\n")
	return err
}

func writePattern(w io.Writer, size int) error {
	for left := size; left > 0; left -= min(left, len(pattern)) {
		if _, err := w.Write(pattern[:min(left, len(pattern))]); err != nil {
			return err
		}
	}
	return nil
}

// patterned takes the pattern, and nothing else.
type patterned struct{ n int }

func (c *patterned) Write(p []byte) (int, error) {
	for done := 0; done < len(p); {
		want := pattern[c.n%251:]
		want = want[:min(len(want), len(p)-done)]
		if !bytes.Equal(want, p[done:done+len(want)]) {
			return done, fmt.Errorf("bytes from %d on are not what was sent", c.n)
		}
		c.n += len(want)
		done += len(want)
	}
	return len(p), nil
}
