package proxy_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// held bounds what is held to a moment.
func held(c *proxy.Config) { c.Limits.Hold = 50 * time.Millisecond }

// TestCutTunnel: what passes before the cut, how both sides see it, what the log says.
func TestCutTunnel(t *testing.T) {
	tests := []struct {
		name, fault string
		got         string
		ended       wiretest.Ended // for the sender
		target      wiretest.Ended
		end         deliveries.End
	}{
		{"reset after bytes", `cut_tunnel = 4`, "0123", wiretest.RST, wiretest.RST, deliveries.Reset},
		{"close after bytes", `cut_tunnel = { after = 4, as = "close" }`, "0123", wiretest.FIN, wiretest.FIN, deliveries.Cut},
		{"stall after bytes", `cut_tunnel = { after = 4, as = "stall" }`, "0123", wiretest.RST, wiretest.RST, deliveries.Reset},
		{"close before a byte", `cut_tunnel = { after = 0, as = "close" }`, "", wiretest.FIN, wiretest.FIN, deliveries.Fin},
		{"reset after a time", `cut_tunnel = "300ms"`, "0123456789", wiretest.RST, wiretest.RST, deliveries.Reset},
		{"close after a time", `cut_tunnel = { after = "300ms", as = "close" }`, "0123456789", wiretest.FIN, wiretest.FIN, deliveries.Cut},
		{"stall after a time", `cut_tunnel = { after = "300ms", as = "stall" }`, "0123456789", wiretest.RST, wiretest.RST, deliveries.Reset},
		{"on its way slowly", "latency = \"10ms\"\ncut_tunnel = 4", "0123", wiretest.RST, wiretest.RST, deliveries.Reset},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			seen := make(chan wiretest.Ended, 1)
			target := wiretest.Listen(t, func(c *wiretest.Conn) {
				_, _ = io.WriteString(c, "0123456789")
				_, ended := c.Rest(wiretest.Patience)
				seen <- ended
			})
			p := start(t, "[[rule]]\nname = \"x\"\n"+tt.fault, held)
			sender := connected(t, p, target.Address())
			got, ended := sender.Rest(wiretest.Patience)
			require.Equal(t, tt.got, got)
			require.Equal(t, tt.ended, ended)
			require.NoError(t, sender.Conn.Close())
			require.Equal(t, tt.target, <-seen)

			tunnel := wait[*deliveries.Tunnel](t, p.journal, 1)[0]
			require.Equal(t, int64(len(tt.got)), tunnel.Down)
			require.Equal(t, tt.end, tunnel.End)
			line := wait[*deliveries.Connect](t, p.journal, 1)[0]
			require.Equal(t, []string{"x"}, line.Rules)
			require.Contains(t, line.Faults, "cut_tunnel")
			require.Equal(t, tt.end, line.End)
			require.Empty(t, line.Error)
		})
	}
}

// TestCutTunnelOrNot: a tunnel that ends before its cut ends by itself; one that stalls sees its sender leave; once faults are lifted nothing is cut.
func TestCutTunnelOrNot(t *testing.T) {
	echo := wiretest.Listen(t, func(c *wiretest.Conn) { _, _ = io.Copy(c, c) })
	t.Run("ends before", func(t *testing.T) {
		for _, after := range []string{"100", `"1h"`} {
			p := start(t, "[[rule]]\nname = \"x\"\ncut_tunnel = "+after)
			sender := connected(t, p, echo.Address())
			sender.Send("hello")
			require.NoError(t, sender.Conn.CloseWrite())
			got, ended := sender.Rest(wiretest.Patience)
			require.Equal(t, "hello", got)
			require.Equal(t, wiretest.FIN, ended)
			require.Equal(t, deliveries.Complete, wait[*deliveries.Connect](t, p.journal, 1)[0].End)
		}
	})
	t.Run("sender leaves a stall", func(t *testing.T) {
		p := start(t, "[[rule]]\nname = \"x\"\ncut_tunnel = { after = 2, as = \"stall\" }")
		sender := connected(t, p, echo.Address())
		sender.Send("hello")
		_, err := io.ReadFull(sender.Conn, make([]byte, 2))
		require.NoError(t, err)
		require.NoError(t, sender.Conn.Close())
		require.Equal(t, deliveries.Silence, wait[*deliveries.Connect](t, p.journal, 1)[0].End)
	})
	t.Run("faults are lifted before", func(t *testing.T) {
		for _, after := range []string{"2", `"10s"`} {
			p := start(t, "[[rule]]\nname = \"x\"\ncut_tunnel = "+after)
			sender := connected(t, p, echo.Address())
			p.LiftFaults()
			sender.Send("hello")
			require.NoError(t, sender.Conn.CloseWrite())
			got, ended := sender.Rest(wiretest.Patience)
			require.Equal(t, "hello", got)
			require.Equal(t, wiretest.FIN, ended)
		}
	})
}

// TestCutOpened: of an opened connection the stream to the sender is cut; what was under way is recorded first, as broken by the rule.
func TestCutOpened(t *testing.T) {
	const large = 1 << 20
	answer := "HTTP/1.1 200 OK\r\nContent-Length: " + itoa(large) + "\r\n\r\n" + strings.Repeat("x", large)
	tests := []struct {
		name, fault, answer string
		fails               string // what reading on says; "": nothing, as TLS was cut between two records
		outcome             deliveries.Outcome
		end, attempt        deliveries.End
	}{
		{"reset in an answer", `cut_tunnel = "100KiB"`, answer, "connection reset by peer", deliveries.Broken, deliveries.Reset, deliveries.Reset},
		{"close in an answer", `cut_tunnel = { after = "100KiB", as = "close" }`, answer, "unexpected EOF", deliveries.Broken, deliveries.Cut, deliveries.Cut},
		{"stall in an answer", `cut_tunnel = { after = "100KiB", as = "stall" }`, answer, "connection reset by peer", deliveries.Broken, deliveries.Reset, deliveries.Reset},
		{"reset while the target is silent", `cut_tunnel = "1s"`, "", "connection reset by peer", deliveries.Unanswered, deliveries.Reset, deliveries.Reset},
		{"close while the target is silent", `cut_tunnel = { after = "1s", as = "close" }`, "", "", deliveries.Unanswered, deliveries.Cut, deliveries.Fin},
		{"stall while the target is silent", `cut_tunnel = { after = "1s", as = "stall" }`, "", "connection reset by peer", deliveries.Unanswered, deliveries.Reset, deliveries.Reset},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			authority := wiretest.NewAuthority(t)
			leaf, err := authority.Leaf("127.0.0.1")
			require.NoError(t, err)
			target := wiretest.ListenTLS(t, leaf, func(c *wiretest.Conn) {
				if _, err := c.ReadRequest(); err == nil {
					_, _ = io.WriteString(c, tt.answer)
				}
				_, _ = io.Copy(io.Discard, c) // until the proxy leaves
			})
			p := start(t, "[[rule]]\nname = \"x\"\n"+tt.fault+"\n[tls]\nintercept = [\"127.0.0.1\"]", opening(authority), held)
			sender := through(t, p, target.Address(), authority.Pool())
			sender.Send(inside("/hook", "x"))
			require.NoError(t, sender.Conn.SetReadDeadline(time.Now().Add(wiretest.Patience)))
			got, err := io.ReadAll(sender.Conn)
			if tt.fails == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tt.fails)
			}
			_ = sender.Conn.Close() // after a reset it is closed
			require.Less(t, len(got), 100<<10)
			require.Equal(t, tt.outcome == deliveries.Broken, len(got) > 0)

			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, tt.outcome, a.Outcome)
			require.Equal(t, tt.attempt, a.End)
			require.Equal(t, deliveries.ByProxy, a.EndedBy)
			require.Equal(t, []string{"x"}, a.Rules)
			require.Equal(t, []string{"cut_tunnel"}, a.Faults)
			require.Equal(t, deliveries.Whole, a.Reached)
			line := wait[*deliveries.Connect](t, p.journal, 1)[0]
			require.Equal(t, []string{"cut_tunnel"}, line.Faults)
			require.Equal(t, tt.end, line.End)
		})
	}
}

// TestCutOpenedOrNot: between two attempts, in the handshake, before a byte of it, never.
func TestCutOpenedOrNot(t *testing.T) {
	t.Parallel()
	authority := wiretest.NewAuthority(t)
	leaf, err := authority.Leaf("127.0.0.1")
	require.NoError(t, err)
	target := wiretest.ListenTLS(t, leaf, wiretest.Answering(wiretest.OK))
	cutting := func(t *testing.T, fault string) *running {
		return start(t, "[[rule]]\nname = \"x\"\ncut_tunnel = "+fault+"\n[tls]\nintercept = [\"127.0.0.1\"]", opening(authority), held)
	}
	t.Run("idle", func(t *testing.T) {
		for _, as := range []string{"reset", "stall"} {
			p := cutting(t, `{ after = "1s", as = "`+as+`" }`)
			sender := through(t, p, target.Address(), authority.Pool())
			sender.Send(inside("/hook", "x"))
			resp, _ := sender.Answer("POST")
			require.Equal(t, 200, resp.StatusCode)
			_, ended := sender.Rest(wiretest.Patience)
			require.Equal(t, wiretest.RST, ended)
			require.Equal(t, deliveries.Reset, wait[*deliveries.Connect](t, p.journal, 1)[0].End)
			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, deliveries.Acknowledged, a.Outcome)
			require.Empty(t, a.Rules)
		}
	})
	t.Run("in the handshake", func(t *testing.T) {
		p := cutting(t, "100")
		sender := connected(t, p, target.Address())
		require.ErrorContains(t, sender.TrySecure("127.0.0.1", authority.Pool()), "connection reset by peer")
		line := wait[*deliveries.Connect](t, p.journal, 1)[0]
		require.Equal(t, deliveries.Reset, line.End)
		require.Empty(t, line.Error)
	})
	t.Run("before a byte of it", func(t *testing.T) {
		p := cutting(t, `"50ms"`)
		sender := connected(t, p, target.Address())
		_, ended := sender.Rest(wiretest.Patience)
		require.Equal(t, wiretest.RST, ended)
		require.Equal(t, deliveries.Reset, wait[*deliveries.Connect](t, p.journal, 1)[0].End)
	})
	t.Run("closed before", func(t *testing.T) {
		p := cutting(t, `"1h"`)
		sender := through(t, p, target.Address(), authority.Pool())
		sender.Send(inside("/hook", "x"))
		sender.Answer("POST")
		require.NoError(t, sender.Conn.Close())
		require.Equal(t, deliveries.Complete, wait[*deliveries.Connect](t, p.journal, 1)[0].End)
	})
	t.Run("faults are lifted before", func(t *testing.T) {
		p := cutting(t, `"5KiB"`)
		sender := through(t, p, target.Address(), authority.Pool())
		p.LiftFaults()
		for range 100 {
			sender.Send(inside("/hook", "x"))
			resp, _ := sender.Answer("POST")
			require.Equal(t, 200, resp.StatusCode)
		}
	})
	t.Run("drained while it stalls", func(t *testing.T) {
		silent := wiretest.ListenTLS(t, leaf, func(c *wiretest.Conn) { _, _ = io.Copy(io.Discard, c) })
		p := start(t, "[[rule]]\nname = \"x\"\ncut_tunnel = { after = \"500ms\", as = \"stall\" }\n[tls]\nintercept = [\"127.0.0.1\"]", opening(authority))
		sender := through(t, p, silent.Address(), authority.Pool())
		sender.Send(inside("/hook", "x"))
		wait[*deliveries.Open](t, p.journal, 1)
		shutdown(t, p)
		_, ended := sender.Rest(wiretest.Patience)
		require.Equal(t, wiretest.RST, ended)
		require.Equal(t, deliveries.Reset, wait[*deliveries.Connect](t, p.journal, 1)[0].End)
		require.Equal(t, deliveries.Reset, p.journal.attempts(t, 1)[0].End)
	})
}
