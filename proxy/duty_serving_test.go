package proxy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
)

// TestInOnePiece: requests that come in one piece are served like those that come one by one, in their order.
func TestInOnePiece(t *testing.T) {
	everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
		sender := s.enter()
		sender.Send(s.post("/first", "one") + "\r\n" + s.post("/%zz", "two") + "\r\n\r\n" + s.head("POST", "/chunks", "Transfer-Encoding: chunked") + "5\r\nthree\r\n0\r\n\r\n" +
			s.post("/last", "four", "Connection: close"))
		for range 4 {
			resp, body := sender.Answer("POST")
			require.Equal(t, 200, resp.StatusCode)
			require.Equal(t, "ok", body)
		}
		rest, ended := sender.Rest(wiretest.Patience)
		require.Empty(t, rest)
		require.Equal(t, wiretest.FIN, ended)
		var lines []string
		for _, request := range s.target.Requests() {
			line, _, _ := strings.Cut(request, "\r\n")
			lines = append(lines, line)
		}
		require.Equal(t, []string{"POST /first HTTP/1.1", "POST /%zz HTTP/1.1", "POST /chunks HTTP/1.1", "POST /last HTTP/1.1"}, lines)
		for i, a := range s.p.journal.attempts(t, 4) {
			require.Equal(t, acknowledged(), truthOf(a), i)
		}
	})
}

// TestOtherExpectations: what a sender expects besides a 100 is the target's affair.
func TestOtherExpectations(t *testing.T) {
	everywhere(t, once("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"), func(t *testing.T, s *scene) {
		sender := s.enter()
		sender.Send(s.post("/hook", "body", "Expect: tea"))
		resp, _ := sender.Answer("POST")
		require.Equal(t, 417, resp.StatusCode)
		require.Contains(t, s.target.Requests()[0], "Expect: tea\r\n")
		require.Equal(t, "rejected", string(s.p.journal.attempts(t, 1)[0].Outcome))
	})
}

// TestSendersOfAnotherProtocol: who speaks another protocol is refused as soon as it has said so: it may never say more.
func TestSendersOfAnotherProtocol(t *testing.T) {
	for _, line := range []string{"HELO there\r\n", "GET /\n", "SSH-2.0-OpenSSH_9.6\r\n", "GET / FTP/1.1\r\n"} {
		t.Run(line, func(t *testing.T) {
			everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(line)
				resp, _ := sender.Answer("GET")
				require.Equal(t, 400, resp.StatusCode)
				_, ended := sender.Rest(wiretest.Patience)
				require.Equal(t, wiretest.FIN, ended)
				require.Equal(t, "malformed", <-s.p.refused)
			})
		})
	}
}

// TestRefusedBeforeItsBody: who is refused can read why, however much of a body is on its way: a close with it unread would be a RST. And is told of the close,
// so that nothing more is sent on the connection (RFC 9112 9.6).
func TestRefusedBeforeItsBody(t *testing.T) {
	body := strings.Repeat("x", 1<<20)
	tests := []struct {
		name, status string
		request      func(s *scene) string
	}{
		{"malformed", "400", func(s *scene) string { return s.head("POST", "/hook", "Content-Length: x") }},
		{"a coding that nobody knows", "501", func(s *scene) string { return s.head("POST", "/hook", "Transfer-Encoding: tea") }},
		{"of another version", "505", func(s *scene) string { return s.line("POST", "/hook") + " HTTP/2.0\r\nContent-Length: 1048576\r\n\r\n" }},
		{"a loop", "508", func(s *scene) string {
			return s.head("POST", "/hook", "Via: 1.1 faultline-test", "Content-Length: 1048576")
		}},
		{"a loop, in chunks", "508", func(s *scene) string {
			return s.head("POST", "/hook", "Via: 1.1 faultline-test", "Transfer-Encoding: chunked") + "100000\r\n"
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, neverWhole(t), func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(tt.request(s) + body)
				got, ended := sender.Rest(wiretest.Patience)
				require.Contains(t, got, " "+tt.status+" ")
				require.Contains(t, got, "\r\nConnection: close\r\n")
				require.True(t, strings.HasSuffix(got, "\n"), "the whole answer, of which this came: %q", got)
				require.Equal(t, wiretest.FIN, ended)
			})
		})
	}
}
