package proxy_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

// TestAnotherProtocol: a target that speaks another protocol is one that gives no HTTP answer, as soon as it has said so: it may never say more.
func TestAnotherProtocol(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"SSH-2.0-OpenSSH_9.6\r\n", "220 mail.test ESMTP\r\n", "-ERR unknown command\n", "HTTP/1.1 OK\r\n"} {
		t.Run(line, func(t *testing.T) {
			everywhere(t, thenOK(line), func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.post("/hook", "body"))
				resp, _ := sender.Answer("POST")
				require.Equal(t, 502, resp.StatusCode)
				require.Equal(t, "faultline-test; error=http_protocol_error", resp.Header.Get("Proxy-Status"))
			})
		})
	}
}

// TestNoAnswers: a target that gives no HTTP answer is a 502 that names the cause and no address, and the sender's connection goes on.
func TestNoAnswers(t *testing.T) {
	t.Parallel()
	const (
		protocol   = "http_protocol_error"
		terminated = "connection_terminated"
		tooLarge   = "http_response_header_section_size"
	)
	tests := []struct{ name, answer, kind string }{
		{"nothing", "", terminated},
		{"half a status line", "HTTP/1.1 20", terminated},
		{"half a head", "HTTP/1.1 200 OK\r\nContent-Le", terminated},
		{"only an interim answer", "HTTP/1.1 103 Early Hints\r\n\r\n", terminated},
		{"garbage", "\x16\x03\x01\x02\x00\x01\r\n\r\n", protocol},
		{"another protocol", "SSH-2.0-OpenSSH_9.6\r\n\r\n", protocol},
		{"HTTP/0.9", "<html>hello</html>\n\n", protocol},
		{"status 000", "HTTP/1.1 000 X\r\n\r\n", protocol},
		{"status 99", "HTTP/1.1 99 X\r\n\r\n", protocol},
		{"status 099", "HTTP/1.1 099 X\r\n\r\n", protocol},
		{"status 1000", "HTTP/1.1 1000 X\r\n\r\n", protocol},
		{"status of letters", "HTTP/1.1 OK\r\n\r\n", protocol},
		{"negative status", "HTTP/1.1 -20 X\r\n\r\n", protocol},
		{"101 unasked", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", protocol},
		{"HTTP/2.0", "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok", protocol},
		{"HTTP/0.9, by its line", "HTTP/0.9 200 OK\r\nContent-Length: 2\r\n\r\nok", protocol},
		{"coding in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", protocol},
		{"coding in HTTP/1.0, with a length", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok", protocol},
		{"space before a colon", "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok", protocol},
		{"line without a colon", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\nok", protocol},
		{"differing Content-Lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok", protocol},
		{"negative Content-Length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok", protocol},
		{"coding unknown", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", protocol},
		{"endless line", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2<<20), tooLarge},
		{"many fields", "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: x\r\n", 200<<10) + "\r\n", tooLarge},
		{"endless interim answers", strings.Repeat("HTTP/1.1 199 X\r\nX: "+strings.Repeat("x", 1<<10)+"\r\n\r\n", 2<<10), tooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			script := func(c *wiretest.Conn) {
				if c.Number > 1 {
					wiretest.Answering(wiretest.OK)(c)
					return
				}
				once(tt.answer)(c)
			}
			everywhere(t, script, func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.post("/hook", "body"))
				resp, body := sender.Answer("POST")
				for resp.StatusCode < 200 {
					resp, body = sender.Answer("POST")
				}
				require.Equal(t, 502, resp.StatusCode)
				require.Equal(t, "faultline-test; error="+tt.kind, resp.Header.Get("Proxy-Status"))
				require.NotContains(t, resp.Header, "Via")
				require.NotContains(t, body, "127.0.0.1")
				require.Len(t, s.target.Requests(), 1)
				a := s.recorded(truth{deliveries.Rejected, deliveries.Complete, deliveries.ByProxy, deliveries.Whole, "unknown"})
				require.NotEmpty(t, a.Target.Error)
				s.stillServes(sender)
			})
		})
	}
}

// TestBrokenAnswers: an answer that the target does not complete is one that the sender does not get complete, broken the same way.
func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	const (
		sized   = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
		chunks  = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		unsized = "HTTP/1.1 200 OK\r\n\r\n"
	)
	tests := []struct {
		name, answer string
		reset        bool
		body         string // what the sender sees of it
		end          deliveries.End
	}{
		{"cut", sized + "half", false, "half", deliveries.Cut},
		{"cut before the body", sized, false, "", deliveries.Cut},
		{"cut before the last byte", sized + "12345678", false, "12345678", deliveries.Cut},
		{"cut, large", "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + strings.Repeat("x", 300_000), false, strings.Repeat("x", 300_000), deliveries.Cut},
		{"cut after a chunk", chunks + "4\r\nhalf\r\n", false, "half", deliveries.Cut},
		{"cut in a chunk", chunks + "9\r\nhalf", false, "half", deliveries.Cut},
		{"cut before the first chunk", chunks, false, "", deliveries.Cut},
		{"cut before the end of the last chunk", chunks + "4\r\nhalf\r\n0\r\n", false, "half", deliveries.Cut},
		{"bad chunk", chunks + "4\r\nhalf\r\nxyz\r\n", false, "half", deliveries.Cut},
		{"trailer with a space in its name", chunks + "4\r\nhalf\r\n0\r\nX Sum: 1\r\n\r\n", false, "half", deliveries.Cut},
		{"reset", sized + "half", true, "half", deliveries.Reset},
		{"reset, chunked", chunks + "4\r\nhalf\r\n", true, "half", deliveries.Reset},
		{"reset, until the close", unsized + "half", true, "half", deliveries.Reset},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			read := make(chan struct{}, 16)
			script := func(c *wiretest.Conn) {
				once(tt.answer)(c)
				if tt.reset {
					<-read // a RST overtakes what was not read yet
					c.Reset()
				}
			}
			everywhere(t, script, func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.post("/hook", "body"))
				resp, err := http.ReadResponse(sender.Reader(), &http.Request{Method: "POST"})
				require.NoError(t, err)
				require.Equal(t, 200, resp.StatusCode)
				seen := make([]byte, len(tt.body))
				_, err = io.ReadFull(resp.Body, seen)
				require.NoError(t, err)
				read <- struct{}{}
				require.Equal(t, tt.body, string(seen))
				_, err = resp.Body.Read(make([]byte, 1))
				require.Error(t, err)
				require.NotErrorIs(t, err, io.EOF)
				require.Equal(t, tt.reset, errors.Is(err, syscall.ECONNRESET), err)
				a := s.recorded(truth{deliveries.Broken, tt.end, deliveries.ByTarget, deliveries.Whole, "yes"})
				require.NotEmpty(t, a.Error)
				require.NotEmpty(t, a.Target.Error)
				require.Equal(t, int64(len(tt.body)), a.Target.Bytes)
				require.Len(t, s.target.Requests(), 1)
			})
		})
	}
}

// TestExtraBytes: what a target sends after its answer reaches nobody, and its connection is not used again.
func TestExtraBytes(t *testing.T) {
	const smuggled = "HTTP/1.1 200 OK\r\nX-Smuggled: 1\r\nContent-Length: 4\r\n\r\nevil"
	tests := []struct{ name, answer string }{
		{"after Content-Length", wiretest.OK + smuggled},
		{"after chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n" + smuggled},
		{"after both framings", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"},
		{"after 204", "HTTP/1.1 204 No Content\r\n\r\n" + smuggled},
		{"after an empty answer", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + smuggled},
		{"after Connection: close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, thenOK(tt.answer), func(t *testing.T, s *scene) {
				sender := s.enter()
				for range 2 {
					sender.Send(s.post("/hook", "body"))
					resp, body := sender.Answer("POST")
					require.NotContains(t, resp.Header, "X-Smuggled")
					require.NotEqual(t, "evil", body)
				}
				require.Equal(t, 2, s.target.Connections())
				for _, a := range s.p.journal.attempts(t, 2) {
					require.Equal(t, acknowledged(), truthOf(a))
				}
			})
		})
	}
}

// TestExtraBytesLater: as above, for what comes while nobody asks.
func TestExtraBytesLater(t *testing.T) {
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			late, sent := make(chan struct{}), make(chan struct{})
			script := func(c *wiretest.Conn) {
				once(wiretest.OK)(c)
				if c.Number == 1 {
					<-late
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
					close(sent)
					_, _ = c.ReadRequest() // ends when the proxy closes
				}
			}
			at(t, d, script, func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.post("/hook", "body"))
				sender.Answer("POST")
				close(late)
				<-sent
				sender.Send(s.post("/hook", "body"))
				_, body := sender.Answer("POST")
				require.Equal(t, "ok", body)
				require.Equal(t, 2, s.target.Connections())
			})
		})
	}
}

// TestReasonPhrases: an answer says behind its status what the target's said, which senders put into their errors; the next one says its own.
func TestReasonPhrases(t *testing.T) {
	t.Parallel()
	tests := []string{"503 Over Capacity", "200 Fine", "200 ", "429 ", "599 Custom", "404 Not Found", "500 " + strings.Repeat("long ", 1000) + "phrase"}
	for _, status := range tests {
		t.Run(status[:min(16, len(status))], func(t *testing.T) {
			script := thenOK("HTTP/1.1 " + status + "\r\nX-Large: " + strings.Repeat("x", 5000) + "\r\nContent-Length: 2\r\n\r\nno")
			everywhere(t, script, func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.post("/hook", "body"))
				resp, body := sender.Answer("POST")
				require.Equal(t, strings.TrimSpace(status), strings.TrimSpace(resp.Status))
				require.Equal(t, "no", body)
				sender.Send(s.post("/next", "next"))
				resp, _ = sender.Answer("POST")
				require.Equal(t, "200 OK", resp.Status)
			})
		})
	}
}
