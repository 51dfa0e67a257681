package proxy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

// TestRefusedRequests: what is no HTTP/1 request is refused behind every door, the connection is closed, and the target hears nothing of it.
func TestRefusedRequests(t *testing.T) {
	const host = "Host: x.test\r\n"
	tests := []struct {
		name   string
		fields string // after the request line
		status string
	}{
		{"no Host", "Content-Length: 0\r\n\r\n", "400"},
		{"two Hosts", host + "Host: y.test\r\n\r\n", "400"},
		{"the same Host twice", host + host + "\r\n", "400"},
		{"Host with a slash", "Host: x/y\r\n\r\n", "400"},
		{"Host with a space", "Host: x y\r\n\r\n", "400"},
		{"Host with a control character", "Host: x\x01y\r\n\r\n", "400"},
		{"space before a colon", host + "X-A : b\r\n\r\n", "400"},
		{"space before the first name", " X-A: b\r\n" + host + "\r\n", "400"},
		{"line without a colon", host + "nonsense\r\n\r\n", "400"},
		{"empty name", host + ": b\r\n\r\n", "400"},
		{"bare CR in a value", host + "X-A: b\rc\r\n\r\n", "400"},
		{"bare CR in a name", host + "X\r-A: b\r\n\r\n", "400"},
		{"NUL in a value", host + "X-A: b\x00c\r\n\r\n", "400"},
		{"other bytes in a name", host + "X-\xff: b\r\n\r\n", "400"},
		{"differing Content-Lengths", host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"},
		{"Content-Lengths in one line", host + "Content-Length: 1, 2\r\n\r\nab", "400"},
		{"negative Content-Length", host + "Content-Length: -1\r\n\r\n", "400"},
		{"signed Content-Length", host + "Content-Length: +1\r\n\r\na", "400"},
		{"hexadecimal Content-Length", host + "Content-Length: 0x1\r\n\r\na", "400"},
		{"Content-Length beyond all bounds", host + "Content-Length: 99999999999999999999\r\n\r\na", "400"},
		{"empty Content-Length", host + "Content-Length:\r\n\r\na", "400"},
		{"coding unknown", host + "Transfer-Encoding: gzip\r\n\r\n", "501"},
		{"coding unknown before chunked", host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501"},
		{"identity", host + "Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\na", "501"},
		{"chunked twice", host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "501"},
		{"chunked, then another", host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", "501"},
		{"chunked, obfuscated", host + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "501"},
		{"chunked in quotes", host + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", "501"},
		{"chunked after a vertical tab", host + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n", "400"},
		{"chunked before a space and a colon", host + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "400"},
		{"empty coding", host + "Transfer-Encoding:\r\n\r\n", "501"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
				s.refuses(s.line("POST", "/hook")+" HTTP/1.1\r\n"+tt.fields, tt.status)
			})
		})
	}
}

// TestRefusedLines: request lines that are none of HTTP/1.
func TestRefusedLines(t *testing.T) {
	tests := []struct{ name, before, after, status string }{
		{"HTTP/2 by preface", "", "", "505"},
		{"HTTP/2.0", "POST ", " HTTP/2.0", "505"},
		{"HTTP/3.0", "POST ", " HTTP/3.0", "505"},
		{"HTTP/0.9", "POST ", "", "400"},
		{"version in lower case", "POST ", " http/1.1", "400"},
		{"version of letters", "POST ", " HTTP/1.x", "400"},
		{"two spaces", "POST  ", " HTTP/1.1", "400"},
		{"space in the path", "POST ", "/a b HTTP/1.1", "400"},
		{"control character in the path", "POST ", "/a\x01b HTTP/1.1", "400"},
		{"bare CR in the path", "POST ", "/a\rb HTTP/1.1", "400"},
		{"method that is none", "PO(ST ", " HTTP/1.1", "400"},
		{"no method", " ", " HTTP/1.1", "400"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
				request := tt.before + strings.TrimPrefix(s.line("", "/hook"), " ") + tt.after + "\r\nHost: " + s.host + "\r\n\r\n"
				if tt.before == "" {
					request = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
				}
				s.refuses(request, tt.status)
			})
		})
	}
}

// TestHeadsTooLarge: a head of more than 256 KiB is refused, in whatever it is large.
func TestHeadsTooLarge(t *testing.T) {
	everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
		s.refuses(s.head("POST", "/hook", "X: "+strings.Repeat("x", 300<<10)), "431")
		s.refuses(s.head("POST", "/hook", strings.Repeat("X: x\r\n", 60<<10)+"X: x"), "431")
		s.refuses(s.head("POST", strings.Repeat("/x", 150<<10)), "431")
	})
}

// refuses sends what must be refused, and a request after it that must not be heard any more.
func (s *scene) refuses(request, status string) {
	s.t.Helper()
	s.refusesIn("HTTP/1.1", request, status)
}

func (s *scene) refusesIn(version, request, status string) {
	s.t.Helper()
	sender := s.enter()
	// The proxy may have answered and closed before all of it was written: what it said is still read.
	_, _ = sender.Conn.Write([]byte(request + s.post("/smuggled", "body")))
	got, ended := sender.Rest(wiretest.Patience)
	require.True(s.t, strings.HasPrefix(got, version+" "+status+" "), got)
	require.Equal(s.t, 1, strings.Count("\n"+got, "\nHTTP/1."), got)
	require.NotEqual(s.t, wiretest.Open, ended)
	require.Empty(s.t, s.target.Requests())
	require.Empty(s.t, wait[deliveries.Record](s.t, s.p.journal, 0))
}

// TestHostsOfNoSense: a Host that is no host is refused where a request is addressed by it, and where it could be (RFC 9112 3.2).
func TestHostsOfNoSense(t *testing.T) {
	for _, host := range []string{"a:b:c", "[::1", "::1", "a]b", "[1.2.3.4]", "[a]:80", "x:0", "x:70000", "x:y", "%41", ":80"} {
		t.Run(host, func(t *testing.T) {
			everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
				line := "POST / HTTP/1.1"
				if s.absolute() {
					line = "POST " + s.door.scheme + "://" + host + "/ HTTP/1.1"
				}
				sender := s.enter()
				sender.Send(line + "\r\nHost: " + host + "\r\nContent-Length: 0\r\n\r\n")
				resp, _ := sender.Answer("POST")
				require.Equal(t, 400, resp.StatusCode)
				require.Empty(t, s.target.Requests())
			})
		})
	}
}

// TestHostsOfNoSenseBeside: the same beside an absolute form, which goes before Host, so that nobody reads the two differently.
func TestHostsOfNoSenseBeside(t *testing.T) {
	for _, host := range []string{"a:b:c", "[::1", "::1", "a]b", "[1.2.3.4]", "[a]:80", "x:0", "x:70000", "x:y", "%41", ":80"} {
		t.Run(host, func(t *testing.T) {
			everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send("POST " + s.door.scheme + "://" + s.host + "/ HTTP/1.1\r\nX: y\r\nhOST:\t" + host + "\r\nContent-Length: 0\r\n\r\n")
				resp, _ := sender.Answer("POST")
				require.Equal(t, 400, resp.StatusCode)
				require.Empty(t, s.target.Requests())
				s.stillServes(sender)
			})
		})
	}
}

// TestHostsInBodies: a Host in a body is none.
func TestHostsInBodies(t *testing.T) {
	everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
		sender := s.enter()
		for range 2 {
			sender.Send(s.post("/hook", "POST /hook HTTP/1.1\r\nHost: a:b:c\r\n\r\nHost: a:b:c\r\n"))
			resp, _ := sender.Answer("POST")
			require.Equal(t, 200, resp.StatusCode)
		}
	})
}
