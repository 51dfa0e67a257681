package proxy_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// TestParent: with a proxy on the way to the targets, plain requests are handed to it, and https targets are reached through a tunnel of its.
func TestParent(t *testing.T) {
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			parent := start(t, "", func(c *proxy.Config) { c.Name = "parent" })
			at(t, d, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
				sender := s.enter()
				for range 2 {
					sender.Send(s.post("/hook?x=%41", "body"))
					resp, body := sender.Answer("POST")
					require.Equal(t, 200, resp.StatusCode, body)
				}
				require.Equal(t, 1, s.target.Connections())
				s.p.journal.attempts(t, 2)
				if d.scheme == "https" {
					require.Equal(t, s.arrived("POST /hook?x=%41", []string{"Via: 1.1 faultline-test"}, "body"), s.target.Requests()[0])
					require.Equal(t, 1, parent.Live().Tunnels)
					return
				}
				require.Equal(t, s.arrived("POST /hook?x=%41", []string{"Via: 1.1 faultline-test", "Via: 1.1 parent"}, "body"), s.target.Requests()[0])
				require.Equal(t, s.host, parent.journal.attempts(t, 2)[0].Host)
			}, func(c *proxy.Config) { c.Parent = parent.address })
		})
	}
}

// TestParentTunnels: a CONNECT that is passed through goes through the proxy on the way, bytes that came early with it.
func TestParentTunnels(t *testing.T) {
	target := wiretest.Listen(t, func(c *wiretest.Conn) { _, _ = io.Copy(c, c) })
	parent := start(t, "")
	p := start(t, "", func(c *proxy.Config) { c.Name, c.Parent = "child", parent.address })
	sender := wiretest.Dial(t, p.address)
	sender.Send(connectTo(target.Address()) + "early")
	resp, _ := sender.Answer("CONNECT")
	require.Equal(t, 200, resp.StatusCode)
	sender.Send(" and late")
	require.NoError(t, sender.Conn.CloseWrite())
	got, ended := sender.Rest(wiretest.Patience)
	require.Equal(t, "early and late", got)
	require.Equal(t, wiretest.FIN, ended)
}

// TestParentFails: what the proxy on the way does not do is a 502 that names it, and a target that may not be reached is not reached through it either.
func TestParentFails(t *testing.T) {
	refusing := wiretest.Listen(t, wiretest.Answering("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"))
	endless := wiretest.Listen(t, func(c *wiretest.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n"+strings.Repeat("X: y\r\n", 100_000)) // it is let go in between
	})
	tests := []struct {
		name, parent, target string
		status               int
		says                 string
	}{
		{"refuses", refusing.Address(), "hooks.test:443", 502, "target.proxy"},
		{"is endless", endless.Address(), "hooks.test:443", 502, "target.proxy"},
		{"is down", wiretest.RefusingPort(t), "hooks.test:443", 502, "target.proxy"},
		{"metadata", refusing.Address(), "169.254.169.254:443", 403, "may not be reached"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := start(t, "", func(c *proxy.Config) { c.Parent = tt.parent })
			sender := wiretest.Dial(t, p.address)
			sender.Send(connectTo(tt.target))
			resp, body := sender.Answer("CONNECT")
			require.Equal(t, tt.status, resp.StatusCode)
			got, _ := sender.Rest(wiretest.Patience)
			require.Contains(t, body+got, tt.says)
			require.Equal(t, deliveries.Complete, wait[*deliveries.Connect](t, p.journal, 1)[0].End)
		})
	}
}
