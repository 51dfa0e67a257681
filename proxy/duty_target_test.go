package proxy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

// TestPathAndQuery: they reach the target byte for byte.
func TestPathAndQuery(t *testing.T) {
	tests := []struct{ name, sent, want string }{
		{"escapes as written", "/a%2Fb/%7euser/%E4%bd%A0?x=%41&y=%2f", ""},
		{"escapes that are none", "/%zz/%/%4?a=%&b=%%41&c=%2", ""},
		{"long, with escapes that are none", "/" + strings.Repeat("%", 10<<10) + "?" + strings.Repeat("%zz", 10<<10), ""},
		{"slashes and dots", "//a///b/../c/./d//", ""},
		{"semicolons", "/a;v=1/b;c?d;e", ""},
		{"empty query", "/hook?", ""},
		{"question marks", "/hook??a=?b", ""},
		{"unicode", "/h\u00f6\u00f6k/\u4f60?\u00fc=\u4f60", ""},
		{"raw bytes", "/\xff\xfe?\xe9", ""},
		{"plus and star", "/a+b*c?q=a+b", ""},
		{"signs that need no escape", "/!$&'()*+,=:@[]{}|^`<>\"\\", ""},
		{"a URL inside", "/redirect?to=http://u:p@h:1/x#no", "/redirect?to=http://u:p@h:1/x"},
		{"long", "/" + strings.Repeat("p", 100<<10) + "?" + strings.Repeat("q", 100<<10), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
				want := tt.sent
				if tt.want != "" && s.absolute() {
					want = tt.want // a fragment is never sent on (RFC 9112 3.2.1)
				}
				sender := s.enter()
				sender.Send(s.post(tt.sent, "body"))
				resp, _ := sender.Answer("POST")
				require.Equal(t, 200, resp.StatusCode)
				require.Equal(t, []string{s.arrived("POST "+want, []string{"Via: 1.1 faultline-test"}, "body")}, s.target.Requests())
				s.recorded(acknowledged())
			})
		})
	}
}

// TestPathInPieces: however a request comes in, and whatever came before, its path is that of the sender, and its body, too.
func TestPathInPieces(t *testing.T) {
	everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
		sender := s.enter()
		var want []string
		for _, size := range []int{1, 7, 1000} {
			for _, path := range []string{"/%zz", "/plain", "/%", "/%7e?%"} {
				body := "GET /%zz HTTP/1.1\r\n"
				for part := range slices.Chunk([]byte(s.post(path, body)), size) {
					sender.Send(string(part))
				}
				resp, _ := sender.Answer("POST")
				require.Equal(t, 200, resp.StatusCode)
				want = append(want, s.arrived("POST "+path, []string{"Via: 1.1 faultline-test"}, body))
			}
		}
		require.Equal(t, want, s.target.Requests())
	})
}

// TestBadEscapesInHosts: a host may have none, and a CONNECT has nothing else.
func TestBadEscapesInHosts(t *testing.T) {
	p := start(t, "")
	for _, line := range []string{"POST http://a%zz.test/x", "POST http://a%zz.test/%zz", "CONNECT a%zz.test:443", "CONNECT a.test:443%zz"} {
		sender := wiretest.Dial(t, p.address)
		sender.Send(line + " HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n")
		resp, _ := sender.Answer("POST")
		require.Equal(t, 400, resp.StatusCode, line)
	}
}

// TestEmptyLinesBefore: those before a request line are none of the request (RFC 9112 2.2), at the beginning of a connection and between two requests.
func TestEmptyLinesBefore(t *testing.T) {
	everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
		sender := s.enter()
		for _, before := range []string{"\r\n", "\r\n\r\n", "\n", ""} {
			for _, apart := range []bool{false, true} {
				if apart {
					sender.Send(before)
					before = ""
				}
				sender.Send(before + s.post("/hook", "body"))
				resp, body := sender.Answer("POST")
				require.Equal(t, 200, resp.StatusCode)
				require.Equal(t, "ok", body)
			}
		}
		require.Len(t, s.target.Requests(), 8)
	})
}

// TestAbsoluteForms: how an absolute form becomes an origin form.
func TestAbsoluteForms(t *testing.T) {
	tests := []struct{ name, method, scheme, user, rest, want string }{
		{"no path", "POST", "http", "", "", "POST / HTTP/1.1"},
		{"query without path", "POST", "http", "", "?a=b", "POST /?a=b HTTP/1.1"},
		{"no path, OPTIONS", "OPTIONS", "http", "", "", "OPTIONS * HTTP/1.1"},
		{"root, OPTIONS", "OPTIONS", "http", "", "/", "OPTIONS / HTTP/1.1"},
		{"scheme in capitals", "POST", "HTTP", "", "/x", "POST /x HTTP/1.1"},
		{"user and password", "POST", "http", "us%2Fer:pa@", "/x", "POST /x HTTP/1.1"},
		{"user", "POST", "http", "user@", "?x", "POST /?x HTTP/1.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
			p := start(t, "")
			sender := wiretest.Dial(t, p.address)
			sender.Send(tt.method + " " + tt.scheme + "://" + tt.user + target.Address() + tt.rest + " HTTP/1.1\r\nHost: other.test\r\nContent-Length: 0\r\n\r\n")
			resp, _ := sender.Answer(tt.method)
			require.Equal(t, 200, resp.StatusCode)
			require.Equal(t, []string{
				tt.want + "\r\nHost: " + target.Address() + "\r\nVia: 1.1 faultline-test\r\nContent-Length: 0\r\n\r\n",
			}, target.Requests())
		})
	}
}

// TestHost: the absolute form's authority is the Host; what stands inside an opened CONNECT keeps its own; a gateway's is the target's.
func TestHost(t *testing.T) {
	tests := []struct{ name, version, host, intercepted string }{
		{"another", "1.1", "Host: other.test:99\r\n", "other.test:99"},
		{"empty", "1.1", "Host:\r\n", ""},
		{"none, HTTP/1.0", "1.0", "", "HOST"},
		{"another, HTTP/1.0", "1.0", "Host: other.test\r\n", "other.test"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.line("POST", "/hook") + " HTTP/" + tt.version + "\r\n" + tt.host + "Content-Length: 4\r\n\r\nbody")
				resp, _ := sender.Answer("POST")
				require.Equal(t, 200, resp.StatusCode)
				want := s.host
				if s.door.placement == "intercept" && tt.intercepted != "HOST" {
					want = tt.intercepted
				}
				require.Equal(t, []string{
					"POST /hook HTTP/1.1\r\nHost: " + want + "\r\nVia: " + tt.version + " faultline-test\r\nContent-Length: 4\r\n\r\nbody",
				}, s.target.Requests())
				s.recorded(acknowledged())
			})
		})
	}
}

// TestInnerAbsoluteForm: an absolute form where the connection stands for the target loses scheme and authority, and leads nowhere else.
func TestInnerAbsoluteForm(t *testing.T) {
	everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
		if s.absolute() {
			return
		}
		sender := s.enter()
		sender.Send("POST http://elsewhere.test/a%2F?b HTTP/1.1\r\nHost: elsewhere.test\r\nContent-Length: 0\r\n\r\n")
		resp, _ := sender.Answer("POST")
		require.Equal(t, 200, resp.StatusCode)
		require.True(t, strings.HasPrefix(s.target.Requests()[0], "POST /a%2F?b HTTP/1.1\r\n"))

		sender.Send("POST mailto:elsewhere HTTP/1.1\r\nHost: elsewhere.test\r\nContent-Length: 0\r\n\r\n")
		resp, _ = sender.Answer("POST")
		require.Equal(t, 400, resp.StatusCode)
		require.Len(t, s.target.Requests(), 1)
	})
}

// TestUnaddressed: a request to a proxy that names no target that it could serve is refused, and is no attempt.
func TestUnaddressed(t *testing.T) {
	tests := []struct{ name, target string }{
		{"origin form", "/hook"},
		{"origin form with two slashes", "//x.test/hook"},
		{"asterisk", "*"},
		{"ftp", "ftp://x.test/"},
		{"file", "file:///etc/passwd"},
		{"gopher", "gopher://x.test:70/"},
		{"ws", "ws://x.test/"},
		{"no authority", "http:/x"},
		{"opaque", "http:x"},
		{"mailto", "mailto:x"},
		{"no host", "http:///x"},
		{"port without a host", "http://:80/x"},
		{"port 0", "http://x.test:0/"},
		{"port too high", "http://x.test:65536/"},
		{"port of letters", "http://x.test:eighty/"},
		{"negative port", "http://x.test:-1/"},
		{"two ports", "http://x.test:80:81/"},
		{"open bracket", "http://[::1/"},
		{"zone", "http://[fe80::1%25lo%20x]/"},
		{"host not in ASCII", "http://h\u00f6st.test/"},
		{"host with control characters escaped", "http://x%0d%0ax.test/"},
		{"host with escaped bytes", "http://x%ff.test/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := start(t, "")
			status, body := p.one(t, "POST "+tt.target+" HTTP/1.1\r\nHost: x.test\r\nContent-Length: 0\r\n\r\n")
			require.Equal(t, 400, status, body)
			shutdown(t, p)
			require.Empty(t, p.journal.records)
		})
	}
}

// TestTargetDownEverywhere: a target that cannot be reached is a 502 that names the cause and no address, and the connection goes on.
func TestTargetDownEverywhere(t *testing.T) {
	tests := []struct{ name, host, kind string }{
		{"refused", wiretest.RefusingPort(t), "connection_refused"},
		{"unknown", "no-such-host.invalid:443", "dns_error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			towards(t, tt.host, func(t *testing.T, s *scene) {
				if s.door.name == "intercept" && tt.name == "unknown" {
					return // the helper's handshake is for this machine
				}
				sender := s.enter()
				for range 2 {
					sender.Send(s.post("/hook", "body"))
					resp, body := sender.Answer("POST")
					require.Equal(t, 502, resp.StatusCode)
					require.Equal(t, "faultline-test; error="+tt.kind, resp.Header.Get("Proxy-Status"))
					require.NotContains(t, body, "127.0.0.1")
					require.NotContains(t, body, "dial")
				}
				a := s.p.journal.attempts(t, 2)[0]
				require.Equal(t, truth{deliveries.Rejected, deliveries.Complete, deliveries.ByProxy, deliveries.None, "no"}, truthOf(a))
			})
		})
	}
}

// TestSlowTarget: only with target.timeout is a slow target a 504.
func TestSlowTarget(t *testing.T) {
	silent := func(c *wiretest.Conn) {
		if _, err := c.ReadRequest(); err == nil {
			_, _ = c.ReadRequest() // ends when the proxy closes
		}
	}
	everywhere(t, silent, func(t *testing.T, s *scene) {
		sender := s.enter()
		sender.Send(s.post("/hook", "body"))
		resp, _ := sender.Answer("POST")
		require.Equal(t, 504, resp.StatusCode)
		require.Equal(t, "faultline-test; error=http_response_timeout", resp.Header.Get("Proxy-Status"))
		s.recorded(truth{deliveries.Rejected, deliveries.Complete, deliveries.ByProxy, deliveries.Whole, "unknown"})
	}, func(c *configOf) { c.TargetTimeout = 100 * time.Millisecond })
}

// TestSlowTargetConnects: with target.timeout, a target that cannot be connected to in that time is another 504.
func TestSlowTargetConnects(t *testing.T) {
	timeout := func(c *configOf) { c.TargetTimeout = 100 * time.Millisecond }
	says := func(kind func(s *scene) string) func(*testing.T, *scene) {
		return func(t *testing.T, s *scene) {
			sender := s.enter()
			sender.Send(s.post("/hook", "body"))
			resp, _ := sender.Answer("POST")
			require.Equal(t, 504, resp.StatusCode)
			require.Equal(t, "faultline-test; error="+kind(s), resp.Header.Get("Proxy-Status"))
			require.Equal(t, deliveries.ByProxy, s.p.journal.attempts(t, 1)[0].EndedBy)
		}
	}
	t.Run("TCP", func(t *testing.T) {
		t.Parallel()
		towards(t, wiretest.SilentPort(t), says(func(*scene) string { return "connection_timeout" }), timeout)
	})
	t.Run("TLS", func(t *testing.T) {
		t.Parallel()
		mute := wiretest.Listen(t, func(c *wiretest.Conn) { c.Rest(wiretest.Patience) })
		towards(t, mute.Address(), says(func(s *scene) string {
			if s.door.scheme == "https" {
				return "connection_timeout"
			}
			return "http_response_timeout"
		}), timeout)
	})
}

// TestSlowAnswer: with target.timeout, an answer that takes longer is cut, by faultline.
func TestSlowAnswer(t *testing.T) {
	begins := func(c *wiretest.Conn) {
		once("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")(c)
		c.Rest(wiretest.Patience)
	}
	everywhere(t, begins, func(t *testing.T, s *scene) {
		sender := s.enter()
		sender.Send(s.post("/hook", "body"))
		got, ended := sender.Rest(wiretest.Patience)
		require.True(t, strings.HasSuffix(got, "\r\n\r\nhalf"), got)
		require.Equal(t, wiretest.FIN, ended)
		a := s.recorded(truth{deliveries.Broken, deliveries.Cut, deliveries.ByProxy, deliveries.Whole, "yes"})
		require.Equal(t, "target.timeout was over before the target's answer was", a.Error)
		require.Equal(t, a.Error, a.Target.Error)
	}, func(c *configOf) { c.TargetTimeout = 300 * time.Millisecond })
}
