package proxy

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// guarding is a server that guards, with what [proxy] says in a file.
func guarding(t *testing.T, text string) *Server {
	t.Helper()
	rules, problems := scenario.Parse("test.toml", "[proxy]\n"+text, nil)
	require.Empty(t, problems)
	s := New(Config{
		Log: slog.New(slog.DiscardHandler), Refused: func(string) {}, Allow: rules.Proxy.Allow, Deny: rules.Proxy.Deny, Guarded: []string{"127.0.0.1:9128"},
	}, rules)
	own := "127.0.0.1:3128"
	s.address.Store(&own)
	t.Cleanup(func() { s.Shutdown(context.Background()) })
	return s
}

// Where a target may be, by the address that is about to be connected to.
func TestGuardAddress(t *testing.T) {
	const (
		deny       = "target may not be reached: its address is in proxy.deny"
		allow      = "target may not be reached: neither name nor address are in proxy.allow"
		sensitive  = "target may not be reached: its address is link-local or serves metadata, and proxy.allow does not name it"
		admin      = "target may not be reached: admin listener"
		itself     = "target is this proxy itself"
		everything = `allow = ["0.0.0.0/0", "::/0"]`
	)
	for _, test := range []struct{ name, text, address, want string }{
		{"any", ``, "192.0.2.1:80", ""},
		{"this machine", ``, "127.0.0.1:80", ""},
		{"metadata", ``, "169.254.169.254:80", sensitive},
		{"metadata by IPv4 in IPv6", ``, "[::ffff:169.254.169.254]:80", sensitive},
		{"metadata by NAT64", ``, "[64:ff9b::a9fe:a9fe]:80", sensitive},
		{"another by NAT64", ``, "[64:ff9b::c000:201]:80", ""},
		{"link-local", ``, "[fe80::1%eth0]:80", sensitive},
		{"link-local multicast", ``, "224.0.0.251:80", sensitive},
		{"metadata of Amazon", ``, "[fd00:ec2::254]:80", sensitive},
		{"metadata of Alibaba", ``, "100.100.100.200:80", sensitive},
		{"metadata of Azure", ``, "168.63.129.16:80", sensitive},
		{"metadata, and everything is allowed", everything, "169.254.169.254:80", sensitive},
		{"Azure, and everything is allowed", everything, "168.63.129.16:80", sensitive},
		{"metadata, by its name", `allow = "metadata.test"`, "169.254.169.254:80", sensitive},
		{"metadata, by a CIDR", `allow = "169.254.0.0/16"`, "169.254.169.254:80", ""},
		{"metadata, by its address", `allow = ["fd00:ec2::254", "10.0.0.0/8"]`, "[fd00:ec2::254]:80", ""},
		{"metadata, by a CIDR, and denied", "allow = \"169.254.0.0/16\"\ndeny = \"169.254.169.254\"", "169.254.169.254:80", deny},

		{"allowed", `allow = "10.0.0.0/8"`, "10.1.2.3:80", ""},
		{"allowed by IPv4 in IPv6", `allow = "10.0.0.0/8"`, "[::ffff:10.1.2.3]:80", ""},
		{"not allowed", `allow = "10.0.0.0/8"`, "192.0.2.1:80", allow},
		{"denied", `deny = "10.0.0.0/8"`, "10.1.2.3:80", deny},
		{"denied by IPv4 in IPv6", `deny = "10.0.0.0/8"`, "[::ffff:10.1.2.3]:80", deny},
		{"denied by NAT64", `deny = "10.0.0.0/8"`, "[64:ff9b::a01:203]:80", deny},
		{"not denied", `deny = "10.0.0.0/8"`, "192.0.2.1:80", ""},
		{"denied within what is allowed", "allow = \"10.0.0.0/8\"\ndeny = \"10.1.0.0/16\"", "10.1.2.3:80", deny},
		{"this machine denied, reached as 0.0.0.0", `deny = "127.0.0.0/8"`, "0.0.0.0:80", deny},
		{"this machine denied, reached as ::", `deny = "::1"`, "[::]:80", deny},

		{"admin", ``, "127.0.0.1:9128", admin},
		{"admin as 0.0.0.0", ``, "0.0.0.0:9128", admin},
		{"admin by IPv4 in IPv6", ``, "[::ffff:127.0.0.1]:9128", admin},
		{"admin by NAT64", ``, "[64:ff9b::7f00:1]:9128", admin},
		{"admin, and allowed", `allow = "127.0.0.1"`, "127.0.0.1:9128", admin},
		{"itself", ``, "127.0.0.1:3128", itself},
		{"itself, and denied", `deny = "127.0.0.1"`, "127.0.0.1:3128", itself},
		{"its port elsewhere", ``, "192.0.2.1:3128", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := guarding(t, test.text)
			err := s.guardAddress(test.address, s.cfg.Allow.Empty())
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.want)
			require.True(t, errors.Is(err, errGuarded) != errors.Is(err, errLoop))
		})
	}
}

// A listener at every address is reached at each of this machine's.
func TestListens(t *testing.T) {
	own, err := net.InterfaceAddrs()
	require.NoError(t, err)
	type try struct {
		listener, address string
		want              bool
	}
	tries := []try{
		{"127.0.0.1:80", "127.0.0.1", true}, {"127.0.0.1:80", "127.0.0.2", false}, {"127.0.0.1:81", "127.0.0.1", false}, {"127.0.0.1:80", "::1", false},
		{"[::1]:80", "::1", true}, {"[::ffff:127.0.0.1]:80", "127.0.0.1", true},
		{"0.0.0.0:80", "127.0.0.9", true}, {"[::]:80", "127.0.0.9", true}, {"[::]:80", "::1", true}, {"[::]:80", "192.0.2.1", false},
		{"", "127.0.0.1", false},
	}
	for _, a := range own {
		tries = append(tries, try{"[::]:80", a.(*net.IPNet).IP.String(), true})
	}
	for _, try := range tries {
		require.Equal(t, try.want, listens(try.listener, netip.MustParseAddr(try.address), 80), try)
	}
}

// A host that its name alone keeps from being reached is not looked up: the question would tell the outside.
func TestGuardNameBeforeLookup(t *testing.T) {
	for _, test := range []struct {
		name, text, addr, want string
		lookup                 bool
	}{
		{"not allowed", `allow = "a.test"`, "secret.b.test:80", "target may not be reached: its name is not in proxy.allow", false},
		{"allowed on another port", `allow = "a.test:443"`, "a.test:80", "target may not be reached: its name is not in proxy.allow", false},
		{"denied", `deny = "*.b.test"`, "secret.B.test.:80", "target may not be reached: its name is in proxy.deny", false},
		{"denied and allowed", "allow = \"b.test\"\ndeny = \"b.test\"", "b.test:80", "target may not be reached: its name is in proxy.deny", false},
		{"may be allowed by its address", `allow = ["a.test", "10.0.0.0/8"]`, "b.test:80", "no lookup in tests", true},
		{"allowed", `allow = "*.test"`, "b.test:80", "no lookup in tests", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := guarding(t, test.text)
			var looked atomic.Bool // two address families are looked up at once
			s.dialer.Resolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
				looked.Store(true)
				return nil, errors.New("no lookup in tests")
			}}
			_, err := s.dialGuarded(t.Context(), test.addr)
			require.ErrorContains(t, err, test.want)
			require.Equal(t, test.lookup, looked.Load())
		})
	}
}
