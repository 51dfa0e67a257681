package proxy_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// opening gives a proxy the authority's certificates for CONNECTs, and its trust in targets.
func opening(a *wiretest.Authority) func(*proxy.Config) {
	return func(c *proxy.Config) {
		c.Leaf = func(host string) (*tlsCertificate, error) { return a.Leaf(host) }
		c.Targets = a.Pool()
	}
}

// intercepting runs a proxy that opens CONNECTs to this machine.
func intercepting(t *testing.T, a *wiretest.Authority, rules string) *running {
	t.Helper()
	return start(t, rules+"\n[tls]\nintercept = [\"127.0.0.1\"]", opening(a))
}

// through opens a tunnel to a target and begins TLS in it.
func through(t *testing.T, p *running, target string, roots *x509.CertPool) *wiretest.Sender {
	t.Helper()
	sender := wiretest.Dial(t, p.address)
	sender.Send(connectTo(target))
	resp, _ := sender.Answer("CONNECT")
	require.Equal(t, 200, resp.StatusCode)
	sender.Secure("127.0.0.1", roots)
	return sender
}

// inside is a request in origin form.
func inside(path, body string) string {
	return "POST " + path + " HTTP/1.1\r\nHost: as.sent:99\r\nContent-Length: " + itoa(len(body)) + "\r\n\r\n" + body
}

// TestIntercepted: requests inside an opened CONNECT are decided, forwarded over TLS, and recorded like those in clear; the connection is kept on both
// sides.
func TestIntercepted(t *testing.T) {
	authority := wiretest.NewAuthority(t)
	leaf, err := authority.Leaf("127.0.0.1")
	require.NoError(t, err)
	target := wiretest.ListenTLS(t, leaf, wiretest.Answering(wiretest.OK))
	p := intercepting(t, authority, "[[rule]]\nname = \"busy\"\nmatch.path = \"/busy\"\nmatch.placement = \"intercept\"\nmatch.scheme = \"https\"\nstatus = 503")

	sender := through(t, p, target.Address(), authority.Pool())
	for _, path := range []string{"/a?x=%41", "/busy", "/b"} {
		sender.Send(inside(path, `{"n":1}`))
		resp, _ := sender.Answer("POST")
		want := 200
		if path == "/busy" {
			want = 503
		}
		require.Equal(t, want, resp.StatusCode)
	}
	require.Equal(t, 1, target.Connections())
	require.Equal(t, []string{
		"POST /a?x=%41 HTTP/1.1\r\nHost: as.sent:99\r\nVia: 1.1 faultline-test\r\nContent-Length: 7\r\n\r\n{\"n\":1}",
		"POST /b HTTP/1.1\r\nHost: as.sent:99\r\nVia: 1.1 faultline-test\r\nContent-Length: 7\r\n\r\n{\"n\":1}",
	}, target.Requests())
	for _, a := range p.journal.attempts(t, 3) {
		require.Equal(t, "intercept", a.Placement)
		require.Equal(t, target.Address(), a.Host)
		require.Contains(t, a.Endpoint, "https://"+target.Address()+"/")
	}
	require.Equal(t, 1, p.Live().Connections)
}

// TestServerName: a target is asked by the name that its sender asks for, and its certificate must be for that.
func TestServerName(t *testing.T) {
	authority := wiretest.NewAuthority(t)
	leaf, err := authority.Leaf("hooks.test")
	require.NoError(t, err)
	target := wiretest.ListenTLS(t, leaf, wiretest.Answering(wiretest.OK))
	p := intercepting(t, authority, "")
	for name, want := range map[string]int{"hooks.test": 200, "other.test": 502} {
		sender := wiretest.Dial(t, p.address)
		sender.Send(connectTo(target.Address()))
		resp, _ := sender.Answer("CONNECT")
		require.Equal(t, 200, resp.StatusCode)
		sender.Secure(name, authority.Pool())
		sender.Send(inside("/hook", "x"))
		resp, body := sender.Answer("POST")
		require.Equal(t, want, resp.StatusCode, body)
	}
}

// TestInterceptedEndings: faults inside TLS end the connection as they do in clear.
func TestInterceptedEndings(t *testing.T) {
	authority := wiretest.NewAuthority(t)
	tests := []struct {
		name, rule string
		ended      wiretest.Ended
		end        deliveries.End
	}{
		{"reset", "reset = true", wiretest.RST, deliveries.Reset},
		{"close", "close = true", wiretest.FIN, deliveries.Fin},
		{"hang", `hang = { for = "30ms" }`, wiretest.RST, deliveries.Reset},
		{"refuse", "refuse = true", wiretest.RST, deliveries.Reset},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := intercepting(t, authority, "[[rule]]\nname = \"x\"\n"+tt.rule)
			sender := through(t, p, wiretest.RefusingPort(t), authority.Pool())
			sender.Send(inside("/hook", "x"))
			got, ended := sender.Rest(wiretest.Patience)
			require.Empty(t, got)
			require.Equal(t, tt.ended, ended)
			require.Equal(t, tt.end, p.journal.attempts(t, 1)[0].End)
		})
	}
}

// TestInterceptedConnect: on an opened connection a rule is decided at the CONNECT or at the request, and counted there alone.
func TestInterceptedConnect(t *testing.T) {
	authority := wiretest.NewAuthority(t)
	leaf, err := authority.Leaf("127.0.0.1")
	require.NoError(t, err)
	target := wiretest.ListenTLS(t, leaf, wiretest.Answering(wiretest.OK))
	p := intercepting(t, authority, `
[[rule]]
name = "second CONNECT"
when = { moment = "connect", nth = 2 }
refuse = true
[[rule]]
name = "second request"
when.nth = 2
refuse = true
`)
	first := through(t, p, target.Address(), authority.Pool())
	first.Send(inside("/a", "x"))
	resp, _ := first.Answer("POST")
	require.Equal(t, 200, resp.StatusCode)

	second := wiretest.Dial(t, p.address)
	second.Send(connectTo(target.Address()))
	resp, _ = second.Answer("CONNECT")
	require.Equal(t, 200, resp.StatusCode)
	second.Send("\x16\x03\x01\x00\x05hello")
	got, ended := second.Rest(wiretest.Patience)
	require.Empty(t, got)
	require.Equal(t, wiretest.RST, ended)

	first.Send(inside("/b", "x"))
	_, ended = first.Rest(wiretest.Patience)
	require.Equal(t, wiretest.RST, ended)

	attempts := p.journal.attempts(t, 2)
	require.Empty(t, attempts[0].Rules)
	require.Equal(t, []string{"second request"}, attempts[1].Rules)
	line := wait[*deliveries.Connect](t, p.journal, 1)[0]
	require.Equal(t, []string{"second CONNECT"}, line.Rules)
	require.Equal(t, []string{"refuse"}, line.Faults)
	require.Equal(t, deliveries.Reset, line.End)
	require.Equal(t, target.Address(), line.Host)
	require.Equal(t, 1, target.Connections())
}

// TestInterceptDistrusted: a sender that does not trust our CA leaves a line that says so.
func TestInterceptDistrusted(t *testing.T) {
	p := intercepting(t, wiretest.NewAuthority(t), "")
	sender := wiretest.Dial(t, p.address)
	sender.Send(connectTo(wiretest.RefusingPort(t)))
	sender.Answer("CONNECT")
	require.Error(t, sender.TrySecure("127.0.0.1", wiretest.NewAuthority(t).Pool()))
	line := wait[*deliveries.Connect](t, p.journal, 1)[0]
	require.Empty(t, line.Rules)
	require.Equal(t, "TLS handshake: broken off by the sender when it saw the certificate: remote error: tls: bad certificate", line.Error)
	require.Equal(t, deliveries.Fin, line.End)
}

// TestInterceptedClear: a CONNECT that carries clear HTTP is served, too, with what came along with it.
func TestInterceptedClear(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := intercepting(t, wiretest.NewAuthority(t), "")
	sender := wiretest.Dial(t, p.address)
	sender.Send(connectTo(target.Address()) + inside("/early", "x"))
	resp, _ := sender.Answer("CONNECT")
	require.Equal(t, 200, resp.StatusCode)
	resp, _ = sender.Answer("POST")
	require.Equal(t, 200, resp.StatusCode)
	require.Equal(t, "http://"+target.Address()+"/early", p.journal.attempts(t, 1)[0].Endpoint)
}

// TestTargetCertificates: a target that cannot be trusted is a 502 that says why.
func TestTargetCertificates(t *testing.T) {
	authority, stranger := wiretest.NewAuthority(t), wiretest.NewAuthority(t)
	tests := []struct {
		name   string
		signer *wiretest.Authority
		change func(*x509.Certificate)
		says   string
	}{
		{"expired", authority, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, "has expired"},
		{"another name", authority, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"other.test"} }, "is for another name"},
		{"untrusted", stranger, func(*x509.Certificate) {}, "is from an authority that is not trusted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			leaf, err := tt.signer.Leaf("127.0.0.1", tt.change)
			require.NoError(t, err)
			target := wiretest.ListenTLS(t, leaf, wiretest.Answering(wiretest.OK))
			p := intercepting(t, authority, "")
			sender := through(t, p, target.Address(), authority.Pool())
			sender.Send(inside("/hook", "x"))
			resp, body := sender.Answer("POST")
			require.Equal(t, 502, resp.StatusCode)
			require.Contains(t, body, tt.says)
			require.Equal(t, "faultline-test; error=tls_certificate_error", resp.Header.Get("Proxy-Status"))
			require.Empty(t, target.Requests())
		})
	}
}

// TestTargetWantsCertificate: a target that wants a certificate of its client ends TLS 1.3 after the handshake, and is named all the same.
func TestTargetWantsCertificate(t *testing.T) {
	authority := wiretest.NewAuthority(t)
	leaf, err := authority.Leaf("127.0.0.1")
	require.NoError(t, err)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		target := wiretest.Listen(t, func(c *wiretest.Conn) {
			secured := tls.Server(c.TCPConn, &tls.Config{
				Certificates: []tls.Certificate{*leaf}, ClientAuth: tls.RequireAnyClientCert, MinVersion: version, MaxVersion: version,
			})
			_ = secured.Handshake() // fails: that is what it is for
			_, _ = io.Copy(io.Discard, c.TCPConn)
		})
		p := intercepting(t, authority, "")
		sender := through(t, p, target.Address(), authority.Pool())
		sender.Send(inside("/hook", "x"))
		resp, _ := sender.Answer("POST")
		require.Equal(t, 502, resp.StatusCode)
		require.Equal(t, "faultline-test; error=tls_alert_received", resp.Header.Get("Proxy-Status"))
	}
}

// TestInterceptAuto: a host is opened when a rule needs to look inside, and only then.
func TestInterceptAuto(t *testing.T) {
	authority := wiretest.NewAuthority(t)
	target := wiretest.Listen(t, func(c *wiretest.Conn) { _, _ = io.Copy(c, c) })
	auto := func(t *testing.T, rule string) *running {
		return start(t, "[[rule]]\nname = \"x\"\n"+rule+"\n[tls]\nintercept = \"auto\"", opening(authority))
	}
	t.Run("needed", func(t *testing.T) {
		p := auto(t, "match.path = \"/hook\"\nstatus = 503")
		sender := through(t, p, target.Address(), authority.Pool())
		sender.Send(inside("/hook", "x"))
		resp, _ := sender.Answer("POST")
		require.Equal(t, 503, resp.StatusCode)
		require.Empty(t, p.unseen)
	})
	t.Run("not needed", func(t *testing.T) {
		p := auto(t, "latency = \"1ms\"")
		sender := wiretest.Dial(t, p.address)
		sender.Send(connectTo(target.Address()))
		sender.Answer("CONNECT")
		sender.Send("as it is")
		require.NoError(t, sender.Conn.CloseWrite())
		got, _ := sender.Rest(wiretest.Patience)
		require.Equal(t, "as it is", got)
	})
}

// TestInterceptShutdown: a CONNECT that has said nothing yet, and an idle intercepted connection, do not hold up the drain.
func TestInterceptShutdown(t *testing.T) {
	authority := wiretest.NewAuthority(t)
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := intercepting(t, authority, "[[rule]]\nname = \"x\"\nstatus = 200")
	silent := wiretest.Dial(t, p.address)
	silent.Send(connectTo(target.Address()))
	silent.Answer("CONNECT")
	idle := through(t, p, target.Address(), authority.Pool())
	idle.Send(inside("/hook", "x"))
	idle.Answer("POST")

	begun := time.Now()
	shutdown(t, p)
	require.Less(t, time.Since(begun), wiretest.Patience/2)
	_, ended := silent.Rest(wiretest.Patience)
	require.NotEqual(t, wiretest.Open, ended)
}
