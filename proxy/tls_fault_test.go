package proxy_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/ca"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// certifying gives a proxy a CA of faultline's own, and its trust in targets; pool is what trusts it.
func certifying(t *testing.T, targets *wiretest.Authority) (change func(*proxy.Config), pool *x509.CertPool) {
	t.Helper()
	authority, err := ca.Open(t.TempDir(), time.Now)
	require.NoError(t, err)
	pem, err := os.ReadFile(authority.Paths().CA)
	require.NoError(t, err)
	pool = x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(pem))
	return func(c *proxy.Config) {
		c.Leaf, c.Flawed, c.Targets = authority.Leaf, authority.Flawed, targets.Pool()
	}, pool
}

// connected is a sender whose CONNECT was answered 200.
func connected(t *testing.T, p *running, target string) *wiretest.Sender {
	t.Helper()
	sender := wiretest.Dial(t, p.address)
	sender.Send(connectTo(target))
	resp, _ := sender.Answer("CONNECT")
	require.Equal(t, 200, resp.StatusCode)
	return sender
}

// TestFlawedCertificates: a sender that looks at its certificate breaks off, for the reason that the rule names; the log has the CONNECT, and no attempt.
func TestFlawedCertificates(t *testing.T) {
	tests := []struct {
		as   string
		want any
		says string
	}{
		{"expired", new(x509.CertificateInvalidError), "certificate has expired or is not yet valid"},
		{"wrong_host", new(x509.HostnameError), "cannot validate certificate for 127.0.0.1"},
		{"untrusted", new(x509.UnknownAuthorityError), "certificate signed by unknown authority"},
		{"self_signed", new(x509.UnknownAuthorityError), "certificate signed by unknown authority"},
	}
	for _, tt := range tests {
		for _, intercept := range []string{"", "[tls]\nintercept = \"*\""} {
			t.Run(tt.as+intercept, func(t *testing.T) {
				change, pool := certifying(t, wiretest.NewAuthority(t))
				p := start(t, "[[rule]]\nname = \"x\"\ntls = \""+tt.as+"\"\n"+intercept, change)
				sender := connected(t, p, wiretest.RefusingPort(t))
				err := sender.TrySecure("127.0.0.1", pool)
				require.ErrorAs(t, err, tt.want)
				require.ErrorContains(t, err, tt.says)
				line := wait[*deliveries.Connect](t, p.journal, 1)[0]
				require.Equal(t, []string{"x"}, line.Rules)
				require.Equal(t, []string{"tls"}, line.Faults)
				require.Equal(t, deliveries.Fin, line.End)
				require.Contains(t, line.Error, "TLS handshake: broken off by the sender when it saw the certificate: remote error: tls: ")
			})
		}
	}
}

// TestFlawedCertificateAccepted: a sender that does not look is served. What its connection was decided by at the CONNECT is not decided, nor counted, again.
func TestFlawedCertificateAccepted(t *testing.T) {
	authority := wiretest.NewAuthority(t)
	leaf, err := authority.Leaf("127.0.0.1")
	require.NoError(t, err)
	target := wiretest.ListenTLS(t, leaf, wiretest.Answering(wiretest.OK))
	change, _ := certifying(t, authority)
	p := start(t, `
[[rule]]
name = "expired"
when.times = 1
tls = "expired"
[[rule]]
name = "second CONNECT"
when.nth = 2
refuse = true
[[rule]]
name = "second request"
when.nth = 2
status = 503
`, change)
	careless := connected(t, p, target.Address())
	require.NoError(t, careless.TrySecureBy(&tls.Config{InsecureSkipVerify: true}))
	for _, want := range []int{200, 503, 200} {
		careless.Send(inside("/hook", "x"))
		resp, _ := careless.Answer("POST")
		require.Equal(t, want, resp.StatusCode)
	}
	second := connected(t, p, target.Address())
	second.Send("\x16")
	require.NoError(t, second.Conn.CloseWrite())
	_, ended := second.Rest(wiretest.Patience)
	require.Equal(t, wiretest.RST, ended)

	attempts := p.journal.attempts(t, 3)
	require.Equal(t, "intercept", attempts[0].Placement)
	require.True(t, attempts[0].Tunnelled)
	require.Empty(t, attempts[0].Rules)
	lines := wait[*deliveries.Connect](t, p.journal, 2)
	require.Equal(t, []string{"expired"}, lines[0].Rules)
	require.Equal(t, deliveries.Complete, lines[0].End)
	require.Empty(t, lines[0].Error)
	require.Equal(t, []string{"second CONNECT"}, lines[1].Rules)
}

// TestBrokenHandshakes: what comes instead of a handshake, byte for byte.
func TestBrokenHandshakes(t *testing.T) {
	const hello = "\x16\x03\x01\x00\x05hello"
	tests := []struct {
		as    string
		got   string
		ended wiretest.Ended
		end   deliveries.End
	}{
		{"handshake_alert", "\x15\x03\x03\x00\x02\x02\x28", wiretest.FIN, deliveries.Fin},
		{"handshake_reset", "", wiretest.RST, deliveries.Reset},
		{"handshake_hang", "", wiretest.RST, deliveries.Reset},
	}
	for _, tt := range tests {
		t.Run(tt.as, func(t *testing.T) {
			p := start(t, "[[rule]]\nname = \"x\"\ntls = \""+tt.as+"\"", func(c *proxy.Config) { c.Limits.Hold = 50 * time.Millisecond })
			sender := connected(t, p, wiretest.RefusingPort(t))
			begun := time.Now()
			sender.Send(hello[:4])
			sender.Send(hello[4:])
			got, ended := sender.Rest(wiretest.Patience)
			require.Equal(t, tt.got, got)
			require.Equal(t, tt.ended, ended)
			line := wait[*deliveries.Connect](t, p.journal, 1)[0]
			require.Equal(t, []string{"tls"}, line.Faults)
			require.Equal(t, tt.end, line.End)
			if tt.as == "handshake_hang" {
				require.GreaterOrEqual(t, time.Since(begun), 50*time.Millisecond)
			}
		})
	}
	t.Run("as a real client sees an alert", func(t *testing.T) {
		p := start(t, "[[rule]]\nname = \"x\"\ntls = \"handshake_alert\"")
		sender := connected(t, p, wiretest.RefusingPort(t))
		require.EqualError(t, sender.TrySecure("127.0.0.1", nil), "remote error: tls: handshake failure")
	})
}

// TestHangingHandshake: it ends when the sender leaves, by the kill switch, and by the drain; without a place to hold it the CONNECT is refused.
func TestHangingHandshake(t *testing.T) {
	const rule = "[[rule]]\nname = \"x\"\ntls = \"handshake_hang\""
	t.Run("sender leaves", func(t *testing.T) {
		p := start(t, rule)
		sender := connected(t, p, wiretest.RefusingPort(t))
		sender.Send("hello")
		require.NoError(t, sender.Conn.Close())
		require.Equal(t, deliveries.Silence, wait[*deliveries.Connect](t, p.journal, 1)[0].End)
	})
	for name, free := range map[string]func(*testing.T, *running){
		"kill switch": func(_ *testing.T, p *running) { p.LiftFaults() },
		"drain":       shutdown,
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, rule)
			sender := connected(t, p, wiretest.RefusingPort(t))
			free(t, p)
			got, ended := sender.Rest(wiretest.Patience)
			require.Empty(t, got)
			require.Equal(t, wiretest.RST, ended)
			require.Equal(t, deliveries.Reset, wait[*deliveries.Connect](t, p.journal, 1)[0].End)
		})
	}
	t.Run("no place", func(t *testing.T) {
		p := start(t, rule, func(c *proxy.Config) { c.Limits.Held = 1 })
		connected(t, p, wiretest.RefusingPort(t))
		sender := wiretest.Dial(t, p.address)
		sender.Send(connectTo(wiretest.RefusingPort(t)))
		resp, _ := sender.Answer("POST")
		require.Equal(t, 503, resp.StatusCode)
		require.Equal(t, "held", <-p.refused)
		line := wait[*deliveries.Connect](t, p.journal, 1)[0]
		require.Empty(t, line.Rules)
		require.Equal(t, "too many attempts are held (limits.held)", line.Error)
	})
}

// TestTLSRuleOpensNoOther: a connection on which the rule does not fire passes unseen.
func TestTLSRuleOpensNoOther(t *testing.T) {
	target := wiretest.Listen(t, func(c *wiretest.Conn) { _, _ = io.Copy(c, c) })
	change, _ := certifying(t, wiretest.NewAuthority(t))
	p := start(t, "[[rule]]\nname = \"x\"\nwhen.nth = 2\ntls = \"expired\"", change)
	sender := connected(t, p, target.Address())
	sender.Send("\x16 as it is")
	require.NoError(t, sender.Conn.CloseWrite())
	got, _ := sender.Rest(wiretest.Patience)
	require.Equal(t, "\x16 as it is", got)
	wait[*deliveries.Tunnel](t, p.journal, 1)
}
