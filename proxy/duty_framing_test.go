package proxy_test

import (
	"strings"
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
		{"trailer with a space before its colon", "3\r\nabc\r\n0\r\nX-Sum : 1\r\n\r\n"},
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
		{"space before a colon", "", "x-sum  : 1\r\n", "X-Sum: 1\r\n"},
		{"space before a hop's own colon", "", "Keep-Alive : 5\r\nX-Sum: 1\r\n", "X-Sum: 1\r\n"},
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
