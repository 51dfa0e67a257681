package proxy_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
	"github.com/faultline/faultline/scenario"
)

// thisMachine are ways to write 127.0.0.1. The last ones are addresses to some resolvers, and names without an address to others.
var thisMachine = []string{
	"127.0.0.1", "0.0.0.0", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]", "[::ffff:0.0.0.0]", "localhost", "LocalHost",
	"localhost.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1", "127.000.000.001", "[::]", "[::1]", "[0::0]",
	"%31%32%37.0.0.1", "127.0.0.1.", "①②⑦.0.0.1",
}

// literal are those of them that are this machine to everybody.
const literal = 8

// The admin listener cannot be reached under any spelling of its host, not even when it is allowed. What must not be reached is told as RFC 9209 has it.
func TestAdminIsNeverReached(t *testing.T) {
	admin := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	_, port, err := net.SplitHostPort(admin.Address())
	require.NoError(t, err)
	everything := scenario.Destinations{Hosts: []string{"*", "*:*"}}
	p := start(t, "", func(c *proxy.Config) { c.Guarded, c.Allow = []string{admin.Address()}, everything })
	for i, host := range thisMachine {
		for method, request := range map[string]string{"POST": wiretest.Post(host+":"+port, "/", ""), "CONNECT": connectTo(host + ":" + port)} {
			t.Run(method+" "+host, func(t *testing.T) {
				sender := wiretest.Dial(t, p.address)
				sender.Send(request)
				resp, _ := sender.Answer(method)
				if i < literal {
					require.Equal(t, 403, resp.StatusCode)
					require.Equal(t, "faultline-test; error=destination_ip_prohibited", resp.Header.Get("Proxy-Status"))
				}
				require.GreaterOrEqual(t, resp.StatusCode, 400)
			})
		}
	}
	require.Zero(t, admin.Connections())
}

// The same of the proxy itself: a request that would come back ends at once.
func TestItselfIsNeverReached(t *testing.T) {
	p := start(t, "", func(c *proxy.Config) { c.Allow = scenario.Destinations{Hosts: []string{"*", "*:*"}} })
	_, port, err := net.SplitHostPort(p.address)
	require.NoError(t, err)
	for i, host := range thisMachine {
		for method, request := range map[string]string{"POST": wiretest.Post(host+":"+port, "/", ""), "CONNECT": connectTo(host + ":" + port)} {
			t.Run(method+" "+host, func(t *testing.T) {
				sender := wiretest.Dial(t, p.address)
				sender.Send(request)
				resp, _ := sender.Answer(method)
				if i < literal {
					require.Equal(t, 508, resp.StatusCode)
					require.Equal(t, "faultline-test; error=proxy_loop_detected", resp.Header.Get("Proxy-Status"))
				}
				require.GreaterOrEqual(t, resp.StatusCode, 400)
			})
		}
	}
}

// What [proxy] allow and deny say holds for requests and for tunnels.
func TestAllowAndDeny(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	_, port, err := net.SplitHostPort(target.Address())
	require.NoError(t, err)
	for _, test := range []struct {
		name, text, host string
		want             int
	}{
		{"allowed by name", `allow = "localhost"`, "localhost", 200},
		{"another name of the same", `allow = "localhost"`, "127.0.0.1", 403},
		{"allowed by address", `allow = "127.0.0.0/8"`, "localhost", 200},
		{"not allowed", `allow = ["10.0.0.0/8", "a.test"]`, "localhost", 403},
		{"denied by name", `deny = "localhost"`, "localhost", 403},
		{"denied by address", `deny = "127.0.0.1"`, "localhost", 403},
		{"denied by address, allowed by name", "allow = \"localhost\"\ndeny = \"127.0.0.1\"", "localhost", 403},
		{"denied by another port", `deny = "localhost:1"`, "localhost", 200},
	} {
		rules, problems := scenario.Parse("test.toml", "[proxy]\n"+test.text, nil)
		require.Empty(t, problems)
		p := start(t, "", func(c *proxy.Config) { c.Allow, c.Deny = rules.Proxy.Allow, rules.Proxy.Deny })
		at := test.host + ":" + port
		for method, request := range map[string]string{"POST": wiretest.Post(at, "/", ""), "CONNECT": connectTo(at)} {
			t.Run(test.name+" "+method, func(t *testing.T) {
				sender := wiretest.Dial(t, p.address)
				sender.Send(request)
				resp, _ := sender.Answer(method)
				require.Equal(t, test.want, resp.StatusCode)
				if test.want == 403 {
					require.Equal(t, "faultline-test; error=destination_ip_prohibited", resp.Header.Get("Proxy-Status"))
				}
			})
		}
	}
}

// A tunnel leads to 443, and to a port that the scenario names with its host.
func TestConnectPorts(t *testing.T) {
	p := start(t, `
delivery.match.host = ["a.invalid:8443", "b.invalid"]
[[rule]]
name = "x"
match.host = "b.invalid:9443"
enabled = false
reset = true
[tls]
intercept = "c.invalid:7443"
`)
	for at, want := range map[string]int{
		"a.invalid:8443": 502, "a.invalid:8444": 403, "b.invalid:8443": 403, "b.invalid:443": 502, "b.invalid:9443": 502, "c.invalid:7443": 502, "d.invalid:7443": 403,
	} {
		sender := wiretest.Dial(t, p.address)
		sender.Send(connectTo(at))
		resp, _ := sender.Answer("POST")
		require.Equal(t, want, resp.StatusCode, at)
	}
}
