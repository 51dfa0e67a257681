package proxy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
)

// TestCodingInHTTP10: HTTP/1.0 has no codings; a request with one is refused, as what follows cannot be told from a next request.
func TestCodingInHTTP10(t *testing.T) {
	for _, fields := range [][]string{{chunked}, {chunked, "Content-Length: 4"}} {
		everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
			head := s.line("POST", "/hook") + " HTTP/1.0\r\nHost: " + s.host + "\r\nConnection: keep-alive\r\n" + lines(fields) + "\r\n"
			s.refusesIn("HTTP/1.0", head+"4\r\nbody\r\n0\r\n\r\n", "400")
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

// TestHTTP10Expects: HTTP/1.0 knows no expectation: the target is not told of one, and nobody waits.
func TestHTTP10Expects(t *testing.T) {
	everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
		sender := s.enter()
		sender.Send(s.line("POST", "/hook") + " HTTP/1.0\r\nHost: " + s.host + "\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody")
		got, _ := sender.Rest(wiretest.Patience)
		require.True(t, strings.HasPrefix(got, "HTTP/1.0 200 OK\r\n"), got)
		require.NotContains(t, s.target.Requests()[0], "Expect")
	})
}
