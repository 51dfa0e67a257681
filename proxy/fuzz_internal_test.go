package proxy

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// Whatever stands in a CONNECT, it is turned away or leads to a host and a port that can be dialled; and the admin listener is guarded in every form
// of its address.
func FuzzConnectTarget(f *testing.F) {
	for _, target := range []string{
		"a.test:443", "A.Test:443", "a.test", ":443", "a.test:0", "a.test:65536", "[::1]:9128", "127.0.0.1:9128", "[::ffff:127.0.0.1%lo]:9128", "[64:ff9b::7f00:1]:9128",
		"2130706433:443", "a:b:443", "[a]:443", "a.test:+443", "a.test:443 ", "user@a.test:443", "a\x00:443", "\u00fc.test:443", "%41:443", "a.test/:443", "a?b:443", "0.0.0.0:9128", "[::]:9128",
	} {
		f.Add(target)
	}
	s := New(Config{Log: slog.New(slog.DiscardHandler), Guarded: []string{"127.0.0.1:9128", "[::1]:9128"}}, scenario.Empty())
	f.Fuzz(func(t *testing.T, target string) {
		host, port, why := s.connectTarget(&http.Request{Method: http.MethodConnect, RequestURI: target})
		if why != nil {
			require.Contains(t, []int{http.StatusBadRequest, http.StatusForbidden}, why.status)
			return
		}
		requireHost(t, host, port)
		require.Equal(t, strings.ToLower(host), host)
		addr := net.JoinHostPort(host, strconv.Itoa(port))
		_, err := s.guardName(addr)
		require.NoError(t, err)
		ip, err := netip.ParseAddr(host)
		if err != nil {
			return
		}
		err = s.guardAddress(addr, true)
		if local := ip.Unmap().WithZone(""); port == 9128 && (local.IsUnspecified() || local == netip.MustParseAddr("127.0.0.1") || local == netip.IPv6Loopback()) {
			require.ErrorIs(t, err, errGuarded)
		}
	})
}

// A file of passwords is read or is an error, and an error shows no hash.
func FuzzReadUsers(f *testing.F) {
	const hash = "$2y$04$kCceD4AtbdQxgPwJEsvtLu.Lvl7/71WGnFwCYa0O5Y68rvcfqR52C"
	f.Add("ann:" + hash + "\n# comment\n\nbob:" + hash + "\r\n")
	f.Add("ann:" + hash + "\nann:" + hash)
	f.Add(":" + hash)
	f.Add("ann:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=")
	f.Fuzz(func(t *testing.T, text string) {
		users, err := ReadUsers("users", strings.NewReader(text))
		if err != nil {
			require.Nil(t, users)
			require.NotContains(t, err.Error(), hash)
			return
		}
		require.NotEmpty(t, users.hashes)
		require.NotEmpty(t, users.decoy)
	})
}
