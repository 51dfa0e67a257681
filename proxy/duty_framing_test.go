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

const chunked = "Transfer-Encoding: chunked"

// TestTwoFramings: a request with both framings is read by its chunks alone, and is the last of its connection.
func TestTwoFramings(t *testing.T) {
	for _, length := range []string{"0", "4", "5", "6", "999"} {
		for _, fields := range [][]string{{"Content-Length: " + length, chunked}, {chunked, "Content-Length: " + length}} {
			t.Run(fields[0]+", "+fields[1], func(t *testing.T) {
				everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
					sender := s.enter()
					sender.Send(s.head("POST", "/hook", fields...) + "4\r\nbody\r\n0\r\n\r\n" + s.post("/smuggled", "x"))
					resp, _ := sender.Answer("POST")
					require.Equal(t, 200, resp.StatusCode)
					require.True(t, resp.Close)
					rest, ended := sender.Rest(wiretest.Patience)
					require.Empty(t, rest)
					require.NotEqual(t, wiretest.Open, ended)
					require.Len(t, s.target.Requests(), 1)
					require.NotContains(t, s.target.Requests()[0], "Content-Length")
					require.Equal(t, "body", bodyOf(t, s.target.Requests()[0]))
					s.recorded(acknowledged())
				})
			})
		}
	}
}

// TestCodingInHTTP10: HTTP/1.0 has no codings; a request with one is refused, as what follows cannot be told from a next request.
func TestCodingInHTTP10(t *testing.T) {
	for _, fields := range [][]string{{chunked}, {chunked, "Content-Length: 4"}} {
		everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
			head := s.line("POST", "/hook") + " HTTP/1.0\r\nHost: " + s.host + "\r\nConnection: keep-alive\r\n" + lines(fields) + "\r\n"
			s.refusesIn("HTTP/1.0", head+"4\r\nbody\r\n0\r\n\r\n", "400")
		})
	}
}

// TestChunks: chunked bodies arrive chunked, with what they carry.
func TestChunks(t *testing.T) {
	tests := []struct{ name, sent, body string }{
		{"empty", "0\r\n\r\n", ""},
		{"several", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc"},
		{"hexadecimal, either case, zeros before", "0a\r\n0123456789\r\nA\r\n0123456789\r\n000\r\n\r\n", "01234567890123456789"},
		{"extensions", "3;a=b;c=\"d e\"\r\nabc\r\n0;last\r\n\r\n", "abc"},
		{"CRLF in the body", "6\r\n\r\n0\r\n\r\r\n0\r\n\r\n", "\r\n0\r\n\r"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.head("POST", "/hook", chunked) + tt.sent)
				resp, _ := sender.Answer("POST")
				require.Equal(t, 200, resp.StatusCode)
				require.Contains(t, s.target.Requests()[0], "Transfer-Encoding: chunked\r\n\r\n")
				require.Equal(t, tt.body, bodyOf(t, s.target.Requests()[0]))
				require.Equal(t, int64(len(tt.body)), s.recorded(acknowledged()).Request.Bytes)
				sender.Send(s.post("/next", "next"))
				resp, _ = sender.Answer("POST")
				require.Equal(t, 200, resp.StatusCode)
			})
		})
	}
}

// TestBadChunks: a body that is not framed as chunks are is refused with a 400 that ends the connection; the target never sees it whole.
func TestBadChunks(t *testing.T) {
	tests := []struct{ name, sent string }{
		{"no number", "x\r\nabc\r\n0\r\n\r\n"},
		{"empty size", "\r\nabc\r\n0\r\n\r\n"},
		{"with 0x", "0x3\r\nabc\r\n0\r\n\r\n"},
		{"signed", "+3\r\nabc\r\n0\r\n\r\n"},
		{"negative", "-3\r\nabc\r\n0\r\n\r\n"},
		{"space before", " 3\r\nabc\r\n0\r\n\r\n"},
		{"beyond 64 bits", "10000000000000003\r\nabc\r\n0\r\n\r\n"},
		{"size too small", "2\r\nabc\r\n0\r\n\r\n"},
		{"no end of the chunk", "3\r\nabc0\r\n\r\n"},
		{"bare LF after the size", "3\nabc\r\n0\r\n\r\n"},
		{"bare CR after the size", "3\rabc\r\n0\r\n\r\n"},
		{"bare LF after the chunk", "3\r\nabc\n0\r\n\r\n"},
		{"endless extension", "3;" + strings.Repeat("x", 100<<10) + "\r\nabc\r\n0\r\n\r\n"},
		{"trailer that is none", "3\r\nabc\r\n0\r\nnonsense\r\n\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, neverWhole(t), func(t *testing.T, s *scene) {
				sender := s.enter()
				_, _ = sender.Conn.Write([]byte(s.head("POST", "/hook", chunked) + tt.sent + s.post("/smuggled", "x"))) // refused while it is written
				got, ended := sender.Rest(wiretest.Patience)
				require.True(t, strings.HasPrefix(got, "HTTP/1.1 400 "), got)
				require.Contains(t, got, "Connection: close\r\n")
				require.Equal(t, 1, strings.Count("\n"+got, "\nHTTP/1.1 "), got)
				require.NotEqual(t, wiretest.Open, ended)
				a := s.p.journal.attempts(t, 1)[0]
				require.Equal(t, deliveries.Rejected, a.Outcome)
				require.Equal(t, deliveries.Complete, a.End)
				require.Equal(t, deliveries.ByProxy, a.EndedBy)
				require.NotEqual(t, deliveries.Whole, a.Reached)
				require.False(t, *a.Delivered)
			})
		})
	}
}

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

// TestRequestTrailers: they stay trailers, announced or not; those that are a hop's own go no further.
func TestRequestTrailers(t *testing.T) {
	tests := []struct {
		name     string
		announce []string
		sent     string
		want     []string
	}{
		{"announced", []string{"Trailer: X-Sum"}, "X-Sum: 1\r\n", []string{"X-Sum: 1"}},
		{"not announced", nil, "X-Sum: 1\r\n", []string{"X-Sum: 1"}},
		{"one announced", []string{"Trailer: X-Sum"}, "X-Sum: 1\r\nX-More: 2\r\n", []string{"X-More: 2", "X-Sum: 1"}},
		{"announced and not sent", []string{"Trailer: X-Sum"}, "", nil},
		{"none that a target should see", nil, "X : y\r\nX-Sum: 1\r\n", []string{"X-Sum: 1"}},
		{"a hop's own", nil, "Proxy-Authorization: Basic eDp5\r\nX-Sum: 1\r\nKeep-Alive: 5\r\n", []string{"X-Sum: 1"}},
		{"named like a header", []string{"X-Sum: head", "Trailer: X-Sum"}, "X-Sum: tail\r\n", []string{"X-Sum: tail"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.head("POST", "/hook", append(tt.announce, chunked)...) + "4\r\nbody\r\n0\r\n" + tt.sent + "\r\n")
				resp, _ := sender.Answer("POST")
				require.Equal(t, 200, resp.StatusCode)
				got := s.target.Requests()[0]
				_, tail, found := strings.Cut(got, "\r\n0\r\n")
				require.True(t, found, got)
				require.Equal(t, lines(tt.want)+"\r\n", tail)
				require.Equal(t, len(tt.announce) > 0, strings.Contains(got, "\r\nTrailer: X-Sum\r\n"))
				require.Equal(t, "body", bodyOf(t, got))
				s.stillServesSecond(sender)
			})
		})
	}
}

// TestAnswerTrailers: as those of requests.
func TestAnswerTrailers(t *testing.T) {
	tests := []struct{ name, announce, sent, want string }{
		{"announced", "Trailer: X-Sum\r\n", "X-Sum: 1\r\n", "X-Sum: 1\r\n"},
		{"not announced", "", "X-Sum: 1\r\n", "X-Sum: 1\r\n"},
		{"one announced", "Trailer: X-Sum\r\n", "X-Sum: 1\r\nX-More: 2\r\n", "X-More: 2\r\nX-Sum: 1\r\n"},
		{"a hop's own", "", "Keep-Alive: 5\r\nX-Sum: 1\r\n", "X-Sum: 1\r\n"},
		{"announced, in an empty body", "Trailer: X-Sum\r\n", "X-Sum: 1\r\n", "X-Sum: 1\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := "4\r\nbody\r\n"
			if strings.Contains(tt.name, "empty") {
				body = ""
			}
			script := wiretest.Answering("HTTP/1.1 200 OK\r\n" + tt.announce + "Transfer-Encoding: chunked\r\n\r\n" + body + "0\r\n" + tt.sent + "\r\n")
			everywhere(t, script, func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.post("/hook", "body", "TE: trailers", "Connection: close"))
				got, _ := sender.Rest(wiretest.Patience)
				head, tail, found := strings.Cut(got, "\r\n0\r\n")
				require.True(t, found, got)
				require.Equal(t, tt.want+"\r\n", tail)
				require.Equal(t, tt.announce != "", strings.Contains(head, "Trailer: X-Sum\r\n"), got)
				s.recorded(acknowledged())
			})
		})
	}
}

// stillServesSecond: as stillServes, after a first request to a target that answers all.
func (s *scene) stillServesSecond(sender *wiretest.Sender) {
	s.t.Helper()
	s.stillServes(sender)
	require.Len(s.t, s.target.Requests(), 2)
}

// TestCutRequests: a sender that breaks off its body leaves the target with nothing that looks whole.
func TestCutRequests(t *testing.T) {
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

// TestHTTP10Senders: they never get chunks; a connection that they asked to keep is kept when the answer's length is known; a cut answer of unknown
// length is a RST, as a FIN would be its end.
func TestHTTP10Senders(t *testing.T) {
	const chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"
	tests := []struct {
		name, answer, keep string
		body               string
		kept               bool
		ended              wiretest.Ended
	}{
		{"Content-Length", wiretest.OK, "", "ok", false, wiretest.FIN},
		{"Content-Length, kept", wiretest.OK, "Connection: keep-alive\r\n", "ok", true, ""},
		{"chunked", chunks + "0\r\nX-Sum: 1\r\n\r\n", "", "ok", false, wiretest.FIN},
		{"chunked, kept", chunks + "0\r\n\r\n", "Connection: keep-alive\r\n", "ok", false, wiretest.FIN},
		{"chunked, cut", chunks, "", "ok", false, wiretest.RST},
		{"until the close", "HTTP/1.1 200 OK\r\n\r\nok", "", "ok", false, wiretest.FIN},
		{"after a 103", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + wiretest.OK, "", "ok", false, wiretest.FIN},
		{"no body", "HTTP/1.1 204 No Content\r\n\r\n", "Connection: keep-alive\r\n", "", true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			script := once(tt.answer)
			if tt.kept {
				script = wiretest.Answering(tt.answer)
			}
			everywhere(t, script, func(t *testing.T, s *scene) {
				sender := s.enter()
				request := s.line("POST", "/hook") + " HTTP/1.0\r\nHost: " + s.host + "\r\n" + tt.keep + "Content-Length: 4\r\n\r\nbody"
				sender.Send(request)
				if tt.kept {
					resp, body := sender.Answer("POST")
					require.Equal(t, tt.body, body)
					require.False(t, resp.Close)
					sender.Send(request)
					sender.Answer("POST")
					return
				}
				got, ended := sender.Rest(wiretest.Patience)
				head, body, _ := strings.Cut(got, "\r\n\r\n")
				require.True(t, strings.HasPrefix(head, "HTTP/1.0 200 OK\r\n"), got)
				require.NotContains(t, head, "Transfer-Encoding")
				require.NotContains(t, head, "Trailer")
				require.Equal(t, tt.body, body)
				require.Equal(t, tt.ended, ended)
				require.Contains(t, s.target.Requests()[0], "\r\nVia: 1.0 faultline-test\r\n")
			})
		})
	}
}

// TestHTTP10Targets: their answers are framed anew for the sender, whose connection goes on.
func TestHTTP10Targets(t *testing.T) {
	tests := []struct {
		name, answer string
		chunked      bool
		connections  int
	}{
		{"until the close", "HTTP/1.0 200 OK\r\n\r\nok", true, 2},
		{"Content-Length", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false, 2},
		{"Content-Length, kept", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", false, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			script := once(tt.answer)
			if tt.connections == 1 {
				script = wiretest.Answering(tt.answer)
			}
			everywhere(t, script, func(t *testing.T, s *scene) {
				sender := s.enter()
				for range 2 {
					sender.Send(s.post("/hook", "body"))
					resp, body := sender.Answer("POST")
					require.Equal(t, "ok", body)
					require.Equal(t, []string{"1.0 faultline-test"}, resp.Header["Via"])
					require.Equal(t, tt.chunked, len(resp.TransferEncoding) == 1)
				}
				require.Equal(t, tt.connections, s.target.Connections())
			})
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
