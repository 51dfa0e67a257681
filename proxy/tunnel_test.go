package proxy_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

func connectTo(address string) string {
	return "CONNECT " + address + " HTTP/1.1\r\nHost: " + address + "\r\n\r\n"
}

// TestTunnel: bytes pass both ways, those sent along with the CONNECT too, and a half-closed tunnel goes on in the other direction.
func TestTunnel(t *testing.T) {
	target := wiretest.Listen(t, func(c *wiretest.Conn) {
		all, _ := io.ReadAll(c) // ends with the sender's FIN
		_, _ = io.WriteString(c, "got "+string(all))
	})
	p := start(t, "")
	sender := wiretest.Dial(t, p.address)
	sender.Send(connectTo(target.Address()) + "early ")
	resp, _ := sender.Answer("CONNECT")
	require.Equal(t, 200, resp.StatusCode)
	require.Empty(t, resp.Header)
	sender.Send("late")
	require.NoError(t, sender.Conn.CloseWrite())
	got, ended := sender.Rest(wiretest.Patience)
	require.Equal(t, "got early late", got)
	require.Equal(t, wiretest.FIN, ended)

	line := wait[*deliveries.Tunnel](t, p.journal, 1)[0]
	require.Equal(t, int64(10), line.Up)
	require.Equal(t, int64(14), line.Down)
	require.Equal(t, deliveries.Complete, line.End)
	require.Equal(t, target.Address(), line.Host)
}

// TestTunnelAllAtOnce: a sender that sends its CONNECT, its bytes and its FIN in one go gets its answer.
func TestTunnelAllAtOnce(t *testing.T) {
	target := wiretest.Listen(t, func(c *wiretest.Conn) {
		all, _ := io.ReadAll(c) // ends with the sender's FIN
		_, _ = io.WriteString(c, "got "+string(all))
	})
	p := start(t, "")
	for range 50 {
		sender := wiretest.Dial(t, p.address)
		sender.Send(connectTo(target.Address()) + "early")
		require.NoError(t, sender.Conn.CloseWrite())
		resp, _ := sender.Answer("CONNECT")
		require.Equal(t, 200, resp.StatusCode)
		got, _ := sender.Rest(wiretest.Patience)
		require.Equal(t, "got early", got)
	}
}

// TestShutdownEndsTunnels: what is open when the drain is over is ended and has its line, whether or not a rule was going to cut it.
func TestShutdownEndsTunnels(t *testing.T) {
	echo := wiretest.Listen(t, func(c *wiretest.Conn) { _, _ = io.Copy(c, c) })
	for _, scenario := range []string{"", "[[rule]]\nname = \"x\"\ncut_tunnel = \"1h\"", "[[rule]]\nname = \"x\"\ncut_tunnel = 1000000"} {
		p := start(t, scenario)
		const tunnels = 20
		for range tunnels {
			connected(t, p, echo.Address())
		}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		p.Shutdown(over)
		wait[*deliveries.Tunnel](t, p.journal, tunnels) // they are there: nothing is running any more
	}
}

// TestConnectFaults: what acts at CONNECT, what is passed unseen.
func TestConnectFaults(t *testing.T) {
	target := wiretest.Listen(t, func(c *wiretest.Conn) { _, _ = io.Copy(c, c) })
	t.Run("refuse", func(t *testing.T) {
		p := start(t, "[[rule]]\nname = \"down\"\nrefuse = true")
		sender := wiretest.Dial(t, p.address)
		sender.Send(connectTo(target.Address()))
		resp, _ := sender.Answer("CONNECT")
		require.Equal(t, 200, resp.StatusCode)
		sender.Send("hello")
		_, ended := sender.Rest(wiretest.Patience)
		require.Equal(t, wiretest.RST, ended)
		line := wait[*deliveries.Connect](t, p.journal, 1)[0]
		require.Equal(t, []string{"down"}, line.Rules)
		require.Equal(t, []string{"refuse"}, line.Faults)
		require.Equal(t, deliveries.Reset, line.End)
		require.Zero(t, target.Connections())
	})
	t.Run("refuse with a code", func(t *testing.T) {
		p := start(t, "[[rule]]\nname = \"down\"\nrefuse = { code = 502 }")
		sender := wiretest.Dial(t, p.address)
		sender.Send(connectTo(target.Address()))
		resp, _ := sender.Answer("POST")
		require.Equal(t, 502, resp.StatusCode)
		_, ended := sender.Rest(wiretest.Patience)
		require.Equal(t, wiretest.FIN, ended)
	})
	t.Run("latency", func(t *testing.T) {
		p := start(t, "[[rule]]\nname = \"slow\"\nlatency = \"50ms\"")
		sender := wiretest.Dial(t, p.address)
		begun := time.Now()
		sender.Send(connectTo(target.Address()))
		resp, _ := sender.Answer("CONNECT")
		require.Equal(t, 200, resp.StatusCode)
		require.GreaterOrEqual(t, time.Since(begun), 50*time.Millisecond)
	})
	t.Run("what needs a look inside passes, and is said once", func(t *testing.T) {
		p := start(t, "[[rule]]\nname = \"first\"\nwhen.attempt = 1\nstatus = 503\n[[rule]]\nname = \"path\"\nmatch.path = \"/x\"\nrefuse = true")
		for range 2 {
			sender := wiretest.Dial(t, p.address)
			sender.Send(connectTo(target.Address()))
			resp, _ := sender.Answer("CONNECT")
			require.Equal(t, 200, resp.StatusCode)
			require.NoError(t, sender.Conn.Close())
		}
		wait[*deliveries.Tunnel](t, p.journal, 2)
		require.Equal(t, target.Address(), <-p.unseen)
		require.Empty(t, p.unseen)
	})
	t.Run("target down", func(t *testing.T) {
		p := start(t, "")
		sender := wiretest.Dial(t, p.address)
		sender.Send(connectTo(wiretest.RefusingPort(t)))
		resp, body := sender.Answer("POST")
		require.Equal(t, 502, resp.StatusCode)
		require.NotContains(t, body, "127.0.0.1")
		line := wait[*deliveries.Connect](t, p.journal, 1)[0]
		require.Empty(t, line.Rules)
		require.NotEmpty(t, line.Error)
	})
}
