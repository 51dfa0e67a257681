package proxy_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

// TestMaxForwards: TRACE and OPTIONS are answered here at 0 and counted down before; other methods keep the field as it is.
func TestMaxForwards(t *testing.T) {
	tests := []struct{ name, method, sent, want string }{ // want: as it arrives; "" is not at all
		{"TRACE, last", "TRACE", "0", ""},
		{"OPTIONS, last", "OPTIONS", "0", ""},
		{"OPTIONS, last, with zeros", "OPTIONS", "000", ""},
		{"TRACE, one left", "TRACE", "1", "0"},
		{"OPTIONS, many left", "OPTIONS", "70", "69"},
		{"GET", "GET", "0", "0"},
		{"no number", "OPTIONS", "few", "few"},
		{"negative", "OPTIONS", "-1", "-1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.head(tt.method, "/hook", "Max-Forwards: "+tt.sent, "Authorization: secret", "Cookie: secret", "X-A: b"))
				resp, body := sender.Answer(tt.method)
				require.Equal(t, 200, resp.StatusCode)
				if tt.want != "" {
					require.Contains(t, s.target.Requests()[0], "\r\nMax-Forwards: "+tt.want+"\r\n")
					return
				}
				require.Empty(t, s.target.Requests())
				if tt.method == "TRACE" {
					require.Equal(t, "message/http", resp.Header.Get("Content-Type"))
					require.Equal(t, s.line("TRACE", "/hook")+" HTTP/1.1\r\nHost: "+s.host+"\r\nMax-Forwards: 0\r\nX-A: b\r\n\r\n", body)
				} else {
					require.Empty(t, body)
				}
				s.stillServes(sender)
			})
		})
	}
}

// TestBodyless: answers that have no body have none, whatever their fields say, and the connection goes on in step on both sides.
func TestBodyless(t *testing.T) {
	tests := []struct {
		name, method, answer string
		length               string // Content-Length that the sender sees
		connections          int
	}{
		{"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n", "1234", 1},
		{"HEAD, no length", "HEAD", "HTTP/1.1 200 OK\r\nX: y\r\n\r\n", "", 1},
		{"HEAD, chunked", "HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "", 1},
		{"HEAD, with a body all the same", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", "4", 2},
		{"HEAD, not found", "HEAD", "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n", "9", 1},
		{"204", "POST", "HTTP/1.1 204 No Content\r\n\r\n", "", 1},
		{"204 with a length", "POST", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "", 1},
		{"204 with a body all the same", "POST", "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nbody", "", 2},
		{"304", "GET", "HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", "", 1},
		{"304 with a length", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nContent-Type: a/b\r\n\r\n", "1234", 1},
		{"304 to a HEAD", "HEAD", "HTTP/1.1 304 Not Modified\r\nContent-Type: a/b\r\nContent-Length: 1234\r\n\r\n", "1234", 1},
		{"304 to a POST", "POST", "HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n", "0", 1},
		{"304 with a body all the same", "GET", "HTTP/1.1 304 Not Modified\r\n\r\nbody", "", 2},
		{"200, empty", "POST", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "0", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, thenOK(tt.answer), func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.head(tt.method, "/hook", "Content-Length: 0"))
				resp, body := sender.Answer(tt.method)
				require.Equal(t, tt.answer[9:12], resp.Status[:3])
				require.Equal(t, tt.length, resp.Header.Get("Content-Length"))
				require.Equal(t, strings.Contains(tt.answer, "Content-Type: a/b"), resp.Header.Get("Content-Type") == "a/b")
				require.Empty(t, resp.TransferEncoding)
				require.Empty(t, body)
				s.stillServes(sender)
				require.Equal(t, tt.connections, s.target.Connections())
				require.Len(t, s.target.Requests(), 2)
			})
		})
	}
}

// TestAllMethods: every method passes as it is, made up ones too, with a body or without.
func TestAllMethods(t *testing.T) {
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "M-SEARCH", "post"} {
		t.Run(method, func(t *testing.T) {
			everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.head(method, "/hook"))
				resp, _ := sender.Answer(method)
				require.Equal(t, 200, resp.StatusCode)
				sender.Send(s.head(method, "/hook", "Content-Length: 4") + "body")
				sender.Answer(method)
				head := method + " /hook HTTP/1.1\r\nHost: " + s.host + "\r\nVia: 1.1 faultline-test\r\n"
				require.Equal(t, []string{head + "\r\n", head + "Content-Length: 4\r\n\r\nbody"}, s.target.Requests())
			})
		})
	}
}

// TestNothingIsSentTwice: whatever the method and whatever it says of itself, a request whose target dies is not sent again.
func TestNothingIsSentTwice(t *testing.T) {
	tests := []struct{ name, method, field, body string }{
		{"POST", "POST", "X: y", "body"},
		{"POST with an Idempotency-Key", "POST", "Idempotency-Key: 1", "body"},
		{"POST without a body, with an Idempotency-Key", "POST", "X-Idempotency-Key: 1", ""},
		{"GET", "GET", "X: y", ""},
		{"PUT", "PUT", "X: y", "body"},
		{"large", "POST", "X: y", strings.Repeat("x", 100<<10)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dies := func(c *wiretest.Conn) {
				if _, err := c.ReadRequest(); err == nil && c.Number == 1 {
					_, _ = io.WriteString(c, wiretest.OK)
					_, _ = c.ReadRequest()
				}
			}
			everywhere(t, dies, func(t *testing.T, s *scene) {
				request := s.head(tt.method, "/hook", tt.field, "Content-Length: "+itoa(len(tt.body))) + tt.body
				reused := s.enter()
				reused.Send(request)
				reused.Answer(tt.method)
				reused.Send(request)
				got, ended := reused.Rest(wiretest.Patience)
				require.Empty(t, got)
				require.Equal(t, wiretest.FIN, ended)
				_ = reused.Conn.Close() // over TLS it may find that the proxy has closed
				require.Len(t, s.target.Requests(), 2)
				require.Equal(t, 1, s.target.Connections())

				fresh := s.enter()
				fresh.Send(request)
				resp, _ := fresh.Answer("POST")
				require.Equal(t, 502, resp.StatusCode)
				require.Len(t, s.target.Requests(), 3)
				require.Equal(t, 2, s.target.Connections())

				if tt.method != "GET" { // which is no webhook
					a := s.p.journal.attempts(t, 3)
					require.Equal(t, acknowledged(), truthOf(a[0]))
					require.Equal(t, truth{deliveries.Unanswered, deliveries.Fin, deliveries.ByTarget, deliveries.Whole, "unknown"}, truthOf(a[1]))
					require.True(t, a[1].Target.Reused)
					require.Equal(t, truth{deliveries.Rejected, deliveries.Complete, deliveries.ByProxy, deliveries.Whole, "unknown"}, truthOf(a[2]))
				}
			})
		})
	}
}

// TestUpgradeEverywhere: a target that agrees to another protocol is switched to, as a WebSocket is; early bytes and half-closes pass.
func TestUpgradeEverywhere(t *testing.T) {
	const accepted = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\nhello "
	script := func(c *wiretest.Conn) {
		if _, err := c.ReadRequest(); err != nil {
			return
		}
		_, _ = io.WriteString(c, accepted)
		all, _ := io.ReadAll(c.Reader()) // ends with the sender's FIN
		_, _ = io.WriteString(c, "got "+string(all))
	}
	everywhere(t, script, func(t *testing.T, s *scene) {
		sender := s.enter()
		sender.Send(s.head("GET", "/ws", "Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: k") + "early ")
		resp, err := http.ReadResponse(sender.Reader(), &http.Request{Method: "GET"})
		require.NoError(t, err)
		require.Equal(t, 101, resp.StatusCode)
		require.Equal(t, "x", resp.Header.Get("Sec-WebSocket-Accept"))
		require.Equal(t, "websocket", resp.Header.Get("Upgrade"))
		sender.Send("late")
		require.NoError(t, sender.Conn.CloseWrite())
		got, ended := sender.Rest(wiretest.Patience)
		require.Equal(t, "hello got early late", got)
		require.Equal(t, wiretest.FIN, ended)
		require.Contains(t, s.target.Requests()[0], "Sec-Websocket-Key: k\r\nVia: 1.1 faultline-test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n")
	})
}

// TestUpgradesNotPassedOn: what cannot be switched to, or not from there, is not asked for.
func TestUpgradesNotPassedOn(t *testing.T) {
	tests := []struct {
		name, version string
		fields        []string
	}{
		{"HTTP/2", "1.1", []string{"Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"}},
		{"Upgrade that Connection does not name", "1.1", []string{"Upgrade: websocket"}},
		{"from HTTP/1.0", "1.0", []string{"Connection: Upgrade, keep-alive", "Upgrade: websocket"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.line("POST", "/hook") + " HTTP/" + tt.version + "\r\nHost: " + s.host + "\r\n" + lines(tt.fields) + "Content-Length: 0\r\n\r\n")
				resp, _ := sender.Answer("POST")
				require.Equal(t, 200, resp.StatusCode)
				require.NotContains(t, strings.ToLower(s.target.Requests()[0]), "upgrade")
				require.NotContains(t, strings.ToLower(s.target.Requests()[0]), "http2-settings")
				s.stillServes(sender)
			})
		})
	}
}
