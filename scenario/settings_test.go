package scenario_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

func TestAccessSettings(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       scenario.Proxy
	}{
		{"hosts, addresses and CIDRs", `allow = ["Hooks.example.com", "*.partner.test:8443", "10.1.2.3/8", "192.0.2.7", "::1", "[2001:db8::]", "::ffff:10.0.0.0/104", "*"]`,
			scenario.Proxy{Allow: scenario.Destinations{
				Hosts: []string{"hooks.example.com", "*.partner.test:8443", "*"},
				Addresses: []netip.Prefix{
					netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("2001:db8::/128"),
					netip.MustParsePrefix("10.0.0.0/8"),
				},
			}}},
		{"one alone", `deny = "10.0.0.0/8"`, scenario.Proxy{Deny: scenario.Destinations{Addresses: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}}},
		{"a host that begins with a digit", `deny = "3scale.test"`, scenario.Proxy{Deny: scenario.Destinations{Hosts: []string{"3scale.test"}}}},
		{"clients", `clients = ["10.0.0.0/8", "::ffff:192.0.2.7"]`,
			scenario.Proxy{Clients: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32")}}},
		{"passwords", `auth_file = "users.htpasswd"`, scenario.Proxy{AuthFile: "users.htpasswd"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.want.Listen, test.want.Admin, test.want.Signs = "127.0.0.1:3128", "127.0.0.1:9128", "errors"
			require.Equal(t, test.want, parse(t, "[proxy]\n"+test.text).Proxy)
		})
	}
}

func TestInterceptionSettings(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       scenario.TLS
	}{
		{"nothing", ``, scenario.TLS{}},
		{"no host", `intercept = []`, scenario.TLS{}},
		{"a host", `intercept = "Pay.Example.com"`, scenario.TLS{Intercept: []string{"pay.example.com"}}},
		{"auto", `intercept = "auto"`, scenario.TLS{Auto: true}},
		{"auto among hosts", `intercept = ["*.a.test", "auto", "b.test:8443"]`, scenario.TLS{Intercept: []string{"*.a.test", "b.test:8443"}, Auto: true}},
		{"folder", `ca_dir = "ca"`, scenario.TLS{CADir: "ca"}},
	} {
		t.Run(test.name, func(t *testing.T) { require.Equal(t, test.want, parse(t, "[tls]\n"+test.text).TLS) })
	}
}

func TestTargetSettings(t *testing.T) {
	require.Equal(t, scenario.Target{CAFile: "roots.pem", Insecure: true}, parse(t, "target = { ca_file = \"roots.pem\", insecure = true }").Target)
	require.Equal(t, scenario.Target{Proxy: "b.test:3128"}, parse(t, "target.proxy = \"http://b.test:3128/\"").Target)
}

func TestGateways(t *testing.T) {
	for _, test := range []struct{ name, target, want string }{
		{"http", "http://a.test", "http://a.test"},
		{"https and a port", "https://a.test:8443", "https://a.test:8443"},
		{"the scheme's own port", "https://a.test:443", "https://a.test"},
		{"an empty port", "http://a.test:", "http://a.test"},
		{"the other scheme's port", "https://a.test:80", "https://a.test:80"},
		{"capitals", "HTTP://A.Test/Base", "http://a.test/Base"},
		{"a slash", "http://a.test/", "http://a.test"},
		{"a base path", "http://a.test/base/", "http://a.test/base"},
		{"an encoded base path", "http://a.test/a%2Fb/%2F", "http://a.test/a%2Fb/%2F"},
		{"IPv6", "http://[::1]:9001", "http://[::1]:9001"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := parse(t, "[[gateway]]\nlisten = \"127.0.0.1:0\"\ntarget = \""+test.target+"\"")
			require.Len(t, s.Gateways, 1)
			require.Equal(t, "127.0.0.1:0", s.Gateways[0].Listen)
			require.Equal(t, test.want, s.Gateways[0].Target.String())

			flag, err := scenario.ParseGateway("127.0.0.1:0", test.target)
			require.NoError(t, err)
			require.Equal(t, s.Gateways[0], flag)
		})
	}
	t.Run("port 0 may be asked for twice", func(t *testing.T) {
		const gateway = "[[gateway]]\nlisten = \"127.0.0.1:0\"\ntarget = \"http://a.test\"\n"
		require.Len(t, parse(t, gateway+gateway).Gateways, 2)
	})
}

func TestParseGatewayMistakes(t *testing.T) {
	_, err := scenario.ParseGateway("9001", "http://a.test")
	require.EqualError(t, err, `listen: want host:port such as "127.0.0.1:9001"`)
	_, err = scenario.ParseGateway("127.0.0.1:9001", "a.test")
	require.EqualError(t, err,
		`target: not http or https, want an http or https URL such as "https://hooks.example.com" or "http://hooks.example.com:8080/base"`)
}

func TestSettingsMistakes(t *testing.T) {
	const (
		wantDestination = `want a glob of hosts such as "*.partner.test", an address, or a CIDR such as "10.0.0.0/8"`
		numbers         = "\n  hint: addresses are compared as numbers, on all ports: 10.0.0.0/8, not 10.* or 10.0.0.1:80"
		wantClient      = `want an address or a CIDR such as "10.0.0.0/8"`
		wantIntercept   = `want "auto", or a glob of hosts such as "hooks.example.com", "*.partner.test" or "other.test:8443"`
		gateway         = "[[gateway]]\n"
		wantTarget      = `want an http or https URL such as "https://hooks.example.com" or "http://hooks.example.com:8080/base"`
	)
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"allow: no list of strings", `proxy.allow = [1]`, []string{`1: proxy.allow[0]: not a string, got 1, ` + wantDestination}},
		{"allow: nothing", `proxy.allow = []`, []string{"1: proxy.allow: is empty\n  hint: leave it out"}},
		{"allow: a URL", `proxy.allow = "http://a.test"`, []string{
			`1: proxy.allow: not a host, got "http://a.test", ` + wantDestination + "\n  hint: no scheme and no path: those are match.scheme and match.path",
		}},
		{"deny: an address as text", `proxy.deny = ["10.*", "127.0.0.1:80", "[::1]:80", "10.0.0.0/33"]`, []string{
			`1: proxy.deny[0]: not a host, got "10.*", ` + wantDestination + numbers,
			`1: proxy.deny[1]: not a host, got "127.0.0.1:80", ` + wantDestination + numbers,
			`1: proxy.deny[2]: not a host, got "[::1]:80", ` + wantDestination + numbers,
			`1: proxy.deny[3]: not a host, got "10.0.0.0/33", ` + wantDestination + numbers,
		}},
		{"clients", `proxy.clients = ["a.test", 5]`, []string{
			`1: proxy.clients[0]: not an address, got "a.test", ` + wantClient,
			`1: proxy.clients[1]: not a string, got 5, ` + wantClient,
		}},
		{"clients: nobody", `proxy.clients = []`, []string{"1: proxy.clients: is empty\n  hint: leave it out"}},
		{"auth_file: no name", `proxy.auth_file = ""`, []string{"1: proxy.auth_file: is empty\n  hint: leave it out"}},
		{"open, and not", "[proxy]\nopen = true\nclients = \"10.0.0.0/8\"", []string{
			"2: proxy.open: is true, and clients or auth_file say who may use the proxy\n  hint: leave one of them out",
		}},
		{"ca_file: no name", `target.ca_file = ""`, []string{"1: target.ca_file: is empty\n  hint: leave it out"}},
		{"target.proxy", `target.proxy = "http://b.test"`, []string{`1: target.proxy: not the address of an HTTP proxy, got "http://b.test", want "http://host:port"`}},
		{"target.proxy, https", `target.proxy = "https://b.test:1"`,
			[]string{`1: target.proxy: not the address of an HTTP proxy, got "https://b.test:1", want "http://host:port"`}},
		{"target.proxy with a user", `target.proxy = "http://u:p@b.test:1"`, []string{`1: target.proxy: has a user, which would stand in the log with the scenario's text` +
			"\n  hint: use one that lets this machine in by its address"}},
		{"intercept", `tls.intercept = ["a.test/x", true]`, []string{
			`1: tls.intercept[0]: not a host, got "a.test/x", ` + wantIntercept + "\n  hint: no scheme and no path: those are match.scheme and match.path",
			`1: tls.intercept[1]: not a host, got true, ` + wantIntercept,
		}},
		{"an unknown key of [tls]", `tls.interecpt = "auto"`, []string{
			"1: tls.interecpt: unknown key, want one of intercept, ca_dir\n  hint: did you mean \"intercept\"?",
		}},
		{"gateway in one bracket", "[gateway]\nlisten = \"127.0.0.1:1\"", []string{`1: gateway: not a list of tables, got a table with listen, want [[gateway]] in two brackets`}},
		{"gateway without anything", gateway, []string{`1: gateway[0].listen: is missing, want host:port such as "127.0.0.1:9001"`, `1: gateway[0].target: is missing, want an http or https URL such as "https://hooks.example.com" or "http://hooks.example.com:8080/base"`}},
		{"gateway: where", gateway + "listen = \"9001\"\ntarget = \"http://a.test\"", []string{
			`2: gateway[0].listen: unknown value, got "9001", want host:port such as "127.0.0.1:9001"`,
		}},
		{"gateway: no URL", gateway + "listen = \"127.0.0.1:1\"\ntarget = \"http://a b\"", []string{
			`3: gateway[0].target: not a URL, got "http://a b", ` + wantTarget,
		}},
		{"gateway: no string", gateway + "listen = \"127.0.0.1:1\"\ntarget = 5", []string{`3: gateway[0].target: not a string, got 5, ` + wantTarget}},
		{"gateway: another scheme", gateway + "listen = \"127.0.0.1:1\"\ntarget = \"a.test:80\"", []string{
			`3: gateway[0].target: not http or https, got "a.test:80", ` + wantTarget,
		}},
		{"gateway: no host", gateway + "listen = \"127.0.0.1:1\"\ntarget = \"http:///base\"", []string{
			`3: gateway[0].target: has no host, got "http:///base", ` + wantTarget,
		}},
		{"gateway: port 0 of a target", gateway + "listen = \"127.0.0.1:1\"\ntarget = \"http://a.test:0\"", []string{
			`3: gateway[0].target: has no sound port, got "http://a.test:0", ` + wantTarget,
		}},
		{"gateway: query", gateway + "listen = \"127.0.0.1:1\"\ntarget = \"http://a.test/?x=1\"", []string{
			`3: gateway[0].target: has a query, got "http://a.test/?x=1", ` + wantTarget,
		}},
		{"gateway: fragment", gateway + "listen = \"127.0.0.1:1\"\ntarget = \"http://a.test/#\"", []string{
			`3: gateway[0].target: has a fragment, got "http://a.test/#", ` + wantTarget,
		}},
		{"gateway: user", gateway + "listen = \"127.0.0.1:1\"\ntarget = \"http://u:p@a.test\"", []string{
			`3: gateway[0].target: has a user, which is the sender's to name`,
		}},
		{"two gateways on one address", gateway + "listen = \"127.0.0.1:1\"\ntarget = \"http://a.test\"\n" + gateway + "listen = \"127.0.0.1:1\"\ntarget = \"http://b.test\"", []string{
			"5: gateway[1].listen: two gateways listen on this address, got \"127.0.0.1:1\", want an address of its own\n  hint: the first is on line 2",
		}},
	} {
		t.Run(test.name, func(t *testing.T) { require.Equal(t, test.want, problemsOf(test.text)) })
	}
}

func TestDestinations(t *testing.T) {
	s := parse(t, `proxy.allow = ["Hooks.example.com", "*.partner.test:8443", "10.0.0.0/8", "fe80::/10"]`).Proxy.Allow
	for _, test := range []struct {
		host string
		port int
		want bool
	}{
		{"hooks.example.com", 80, true}, {"HOOKS.example.com.", 443, true}, {"a.hooks.example.com", 80, false},
		{"a.partner.test", 8443, true}, {"a.partner.test", 443, false}, {"10.0.0.1", 80, false},
	} {
		require.Equal(t, test.want, s.HasHost(test.host, test.port), "%s:%d", test.host, test.port)
	}
	for address, want := range map[string]bool{
		"10.9.8.7": true, "::ffff:10.9.8.7": true, "11.0.0.1": false, "fe80::1%eth0": true, "::1": false,
	} {
		require.Equal(t, want, s.HasAddress(netip.MustParseAddr(address)), address)
	}
	require.False(t, s.Empty())
	require.True(t, scenario.Destinations{}.Empty())
	require.False(t, scenario.Destinations{}.HasHost("a.test", 80))
}

func TestNamesPort(t *testing.T) {
	for place, text := range map[string]string{
		"delivery":  "[delivery]\nmatch.host = [%s]",
		"intercept": "[tls]\nintercept = [%s]",
		"allow":     "[proxy]\nallow = [%s]",
		"rule":      "[[rule]]\nname = \"first\"\nmatch.host = \"other.test:1\"\nstatus = 503\n[[rule]]\nname = \"second\"\nmatch.host = [%s]\nstatus = 503",
	} {
		t.Run(place, func(t *testing.T) {
			s := parse(t, fmt.Sprintf(text, `"hooks.example.com", "*.partner.test:8443"`))
			for _, test := range []struct {
				host string
				port int
				want bool
			}{
				{"a.partner.test", 8443, true}, {"A.partner.test.", 8443, true},
				{"a.partner.test", 8444, false}, {"hooks.example.com", 8443, false},
			} {
				require.Equal(t, test.want, s.NamesPort(test.host, test.port), "%s:%d", test.host, test.port)
			}
		})
	}
}
