package proxy_test

import (
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

// hostsOnLoopback are the names that this machine's hosts file gives loopback addresses: localhost, and mostly others.
func hostsOnLoopback(t *testing.T) (names []string) {
	file, err := os.ReadFile("/etc/hosts")
	require.NoError(t, err)
	elsewhere := make(map[string]bool)
	for line := range strings.Lines(string(file)) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		for _, name := range fields[1:] {
			names = append(names, name)
			elsewhere[name] = elsewhere[name] || !netip.MustParseAddr(fields[0]).IsLoopback()
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return elsewhere[name] })
	require.NotEmpty(t, names)
	return names
}

// TestConnectTargets: what a CONNECT may name.
func TestConnectTargets(t *testing.T) {
	refusing := wiretest.RefusingPort(t)
	_, port, _ := strings.Cut(refusing, ":")
	tests := []struct {
		target string
		status int // 502: it was tried
	}{
		{refusing, 502},
		{"localhost:" + port, 502},
		{"LOCALHOST:" + port, 502},
		{"no-such-host.invalid:443", 502},
		{"no-such-host.invalid:25", 403},
		{"no-such-host.invalid", 400},
		{"no-such-host.invalid:", 400},
		{":443", 400},
		{"no-such-host.invalid:0", 400},
		{"no-such-host.invalid:65536", 400},
		{"no-such-host.invalid:-443", 400},
		{"no-such-host.invalid:https", 400},
		{"no-such-host.invalid:443/path", 400},
		{"no-such-host.invalid:443?query", 400},
		{"no-such-host.invalid:443:443", 400},
		{"https://no-such-host.invalid:443", 400},
		{"/path", 400},
		{"*", 400},
		{"user@no-such-host.invalid:443", 400},
		{"user:password@no-such-host.invalid:443", 400},
		{"no%2Dsuch.invalid:443", 400},
		{"n\u00f6-such-host.invalid:443", 400},
		{"no-such-host.invalid\x00:443", 400},
		{"[fe80::1%25lo]:443", 400},
		{"[::1:443", 400},
		{"::1:443", 400},
		{"[::1]", 400},
	}
	for _, name := range hostsOnLoopback(t) {
		tests = append(tests, struct {
			target string
			status int
		}{name + ":" + port, 502})
	}
	for _, tt := range tests {
		t.Run(tt.target, func(t *testing.T) {
			p := start(t, "")
			sender := wiretest.Dial(t, p.address)
			sender.Send("CONNECT " + tt.target + " HTTP/1.1\r\nHost: x.test\r\n\r\n")
			resp, body := sender.Answer("POST")
			require.Equal(t, tt.status, resp.StatusCode, body)
			require.NotContains(t, body, "127.0.0.1")
		})
	}
}

// TestConnectAnswer: a tunnel is announced without framing fields, to HTTP/1.0 as well, whatever the CONNECT's own fields say.
func TestConnectAnswer(t *testing.T) {
	target := wiretest.Listen(t, func(c *wiretest.Conn) { _, _ = io.Copy(c, c) })
	for _, head := range []string{
		" HTTP/1.1\r\nHost: x.test\r\n\r\n",
		" HTTP/1.0\r\n\r\n",
		" HTTP/1.1\r\nHost: x.test\r\nContent-Length: 0\r\nProxy-Connection: keep-alive\r\nConnection: close\r\n\r\n",
	} {
		p := start(t, "")
		sender := wiretest.Dial(t, p.address)
		sender.Send("CONNECT " + target.Address() + head + "early")
		const want = "HTTP/1.1 200 Connection established\r\n\r\nearly"
		got := make([]byte, len(want))
		_, err := io.ReadFull(sender.Reader(), got)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
		require.NoError(t, sender.Conn.CloseWrite())
		rest, ended := sender.Rest(wiretest.Patience)
		require.Empty(t, rest)
		require.Equal(t, wiretest.FIN, ended)
		line := wait[*deliveries.Tunnel](t, p.journal, 1)[0]
		require.Equal(t, []int64{5, 5}, []int64{line.Up, line.Down})
		require.Equal(t, deliveries.Complete, line.End)
	}
}

// TestTunnelEnds: how either side ends, the other sees.
func TestTunnelEnds(t *testing.T) {
	tests := []struct {
		name   string
		script func(*wiretest.Conn)
		leave  func(*wiretest.Sender)
		ended  wiretest.Ended
		end    deliveries.End
	}{
		{
			"target resets",
			func(c *wiretest.Conn) {
				_, _ = c.Read(make([]byte, 1)) // the tunnel stands
				c.Reset()
			},
			func(*wiretest.Sender) {}, wiretest.RST, deliveries.Reset,
		},
		{
			"target finishes, then the sender",
			func(c *wiretest.Conn) {
				_ = c.CloseWrite() // an error shows as an open tunnel
				_, _ = io.Copy(io.Discard, c)
			},
			func(s *wiretest.Sender) { _ = s.Conn.CloseWrite() }, wiretest.FIN, deliveries.Complete,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := wiretest.Listen(t, tt.script)
			p := start(t, "")
			sender := wiretest.Dial(t, p.address)
			sender.Send(connectTo(target.Address()))
			resp, _ := sender.Answer("CONNECT")
			require.Equal(t, 200, resp.StatusCode)
			sender.Send("x")
			_, ended := sender.Rest(wiretest.Patience)
			require.Equal(t, tt.ended, ended)
			tt.leave(sender)
			require.Equal(t, tt.end, wait[*deliveries.Tunnel](t, p.journal, 1)[0].End)
		})
	}
	t.Run("sender resets", func(t *testing.T) {
		seen := make(chan error, 1)
		target := wiretest.Listen(t, func(c *wiretest.Conn) {
			_, err := io.Copy(io.Discard, c)
			seen <- err
		})
		p := start(t, "")
		sender := wiretest.Dial(t, p.address)
		sender.Send(connectTo(target.Address()))
		sender.Answer("CONNECT")
		sender.Reset()
		require.ErrorIs(t, <-seen, syscall.ECONNRESET)
		require.Equal(t, deliveries.Reset, wait[*deliveries.Tunnel](t, p.journal, 1)[0].End)
	})
}
