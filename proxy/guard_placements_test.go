package proxy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
	"github.com/faultline/faultline/scenario"
)

// TestGuardInEveryPlacement: what must not be reached is not reached through a gateway nor through an opened CONNECT, be it TLS or clear.
func TestGuardInEveryPlacement(t *testing.T) {
	authority := wiretest.NewAuthority(t)
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	denying, problems := scenario.Parse("test.toml", `proxy.deny = "127.0.0.0/8"`, nil)
	require.Empty(t, problems)
	rules := []struct {
		name   string
		change func(*proxy.Config)
	}{
		{"admin", func(c *proxy.Config) { c.Guarded = []string{target.Address()} }},
		{"denied", func(c *proxy.Config) { c.Deny = denying.Proxy.Deny }},
		{"not allowed", func(c *proxy.Config) { c.Allow = scenario.Destinations{Hosts: []string{"a.test"}} }},
	}
	placements := []struct {
		name string
		dial func(*testing.T, *running) *wiretest.Sender
	}{
		{"gateway", func(t *testing.T, p *running) *wiretest.Sender {
			return wiretest.Dial(t, gateway(t, p, proxy.Gateway{Scheme: "http", Authority: target.Address()}))
		}},
		{"intercept, TLS", func(t *testing.T, p *running) *wiretest.Sender {
			return through(t, p, target.Address(), authority.Pool())
		}},
		{"intercept, clear", func(t *testing.T, p *running) *wiretest.Sender {
			sender := wiretest.Dial(t, p.address)
			sender.Send(connectTo(target.Address()))
			resp, _ := sender.Answer("CONNECT")
			require.Equal(t, 200, resp.StatusCode)
			return sender
		}},
	}
	for _, rule := range rules {
		for _, placement := range placements {
			t.Run(rule.name+", "+placement.name, func(t *testing.T) {
				sender := placement.dial(t, start(t, "tls.intercept = \"127.0.0.1\"", opening(authority), rule.change))
				sender.Send(inside("/hook", "x"))
				resp, _ := sender.Answer("POST")
				require.Equal(t, 403, resp.StatusCode)
				require.Equal(t, "faultline-test; error=destination_ip_prohibited", resp.Header.Get("Proxy-Status"))
			})
		}
	}
	require.Zero(t, target.Connections())
}

// TestPasswordInEveryPlacement: it is asked for with the CONNECT, not again inside of it; a gateway, whose sender knows of no proxy, does not ask.
func TestPasswordInEveryPlacement(t *testing.T) {
	authority := wiretest.NewAuthority(t)
	leaf, err := authority.Leaf("127.0.0.1")
	require.NoError(t, err)
	target := wiretest.ListenTLS(t, leaf, wiretest.Answering(wiretest.OK))
	ask, field := askingPassword(t)
	p := start(t, "tls.intercept = \"127.0.0.1\"", opening(authority), ask)

	sender := wiretest.Dial(t, p.address)
	sender.Send(connectTo(target.Address()))
	resp, _ := sender.Answer("CONNECT")
	require.Equal(t, 407, resp.StatusCode)
	sender.Send(strings.Replace(connectTo(target.Address()), "\r\n\r\n", "\r\n"+field+"\r\n\r\n", 1))
	resp, _ = sender.Answer("CONNECT")
	require.Equal(t, 200, resp.StatusCode)
	sender.Secure("127.0.0.1", authority.Pool())
	sender.Send(inside("/hook", "x"))
	resp, _ = sender.Answer("POST")
	require.Equal(t, 200, resp.StatusCode)

	sender = wiretest.Dial(t, gateway(t, p, proxy.Gateway{Scheme: "https", Authority: target.Address()}))
	sender.Send(inside("/hook", "x"))
	resp, _ = sender.Answer("POST")
	require.Equal(t, 200, resp.StatusCode)
}

// TestGatewayOfItself: a gateway that stands for this very proxy, or for itself, answers at once.
func TestGatewayOfItself(t *testing.T) {
	p := start(t, "")
	l, err := proxy.Listen("127.0.0.1:0")
	require.NoError(t, err)
	serve(t, p, p.OpenGateway(l, proxy.Gateway{Scheme: "http", Authority: l.Addr().String()}))
	for name, address := range map[string]string{
		"the proxy":   gateway(t, p, proxy.Gateway{Scheme: "http", Authority: p.address}),
		"the gateway": l.Addr().String(),
	} {
		t.Run(name, func(t *testing.T) {
			sender := wiretest.Dial(t, address)
			sender.Send(inside("/hook", "x"))
			resp, _ := sender.Answer("POST")
			require.Equal(t, 508, resp.StatusCode)
		})
	}
}
