package proxy_test

import (
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// closings waits until n lines tell of a listener, and gives them.
func closings(t *testing.T, p *running, n int) []*deliveries.Connect {
	t.Helper()
	lines := wait[*deliveries.Connect](t, p.journal, n)
	for _, line := range lines {
		require.NotEmpty(t, line.Listener)
		require.Empty(t, line.Client)
	}
	return lines
}

// refused: the kernel refuses whoever connects.
func refused(t *testing.T, address string) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, wiretest.Patience)
	if err == nil {
		require.NoError(t, conn.Close())
	}
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

// post sends a request in origin form to a gateway and gives the status.
func post(t *testing.T, sender *wiretest.Sender) int {
	t.Helper()
	sender.Send(inside("/hook", "x"))
	resp, _ := sender.Answer("POST")
	return resp.StatusCode
}

// TestRefusingGateway: from its making on nobody gets in; when the window ends it is open again, on the same port. The log has both moments, and no attempt.
func TestRefusingGateway(t *testing.T) {
	t.Parallel()
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "[[rule]]\nname = \"down\"\nwhen.for = \"2s\"\nrefuse = true")
	address := gateway(t, p, proxy.Gateway{Scheme: "http", Authority: target.Address()})
	refused(t, address)
	refused(t, address)
	line := closings(t, p, 1)[0]
	require.Equal(t, address, line.Listener)
	require.Equal(t, target.Address(), line.Host)
	require.Equal(t, []string{"down"}, line.Rules)
	require.Equal(t, []string{"refuse"}, line.Faults)
	require.Equal(t, deliveries.Refused, line.End)
	require.Nil(t, line.Until)

	line = closings(t, p, 2)[1] // the window has ended
	require.Equal(t, []string{"down"}, line.Rules)
	require.True(t, line.Until.After(line.Start))
	require.Equal(t, 200, post(t, wiretest.Dial(t, address)))
	require.Empty(t, p.journal.attempts(t, 1)[0].Rules)

	sender := wiretest.Dial(t, p.address) // the proxy's own was never closed
	sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
	resp, _ := sender.Answer("POST")
	require.Equal(t, 200, resp.StatusCode)
}

// unanswered: no SYN is answered.
func unanswered(t *testing.T, address string) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, 200*time.Millisecond)
	if err == nil {
		require.NoError(t, conn.Close())
	}
	var netErr net.Error
	require.ErrorAs(t, err, &netErr)
	require.True(t, netErr.Timeout(), err)
}

// TestSilentGateway: no SYN is answered in the window; one that is sent again after it is.
func TestSilentGateway(t *testing.T) {
	t.Parallel()
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "[[rule]]\nname = \"down\"\nwhen.for = \"2s\"\nconnect_timeout = true")
	address := gateway(t, p, proxy.Gateway{Scheme: "http", Authority: target.Address()})
	unanswered(t, address)
	sender := wiretest.Dial(t, address)
	lines := closings(t, p, 2) // it is the window's end that has let the sender in
	require.Equal(t, 200, post(t, sender))
	require.Equal(t, []string{"connect_timeout"}, lines[0].Faults)
	require.Equal(t, deliveries.Silence, lines[0].End)
	require.NotNil(t, lines[1].Until)
	p.journal.attempts(t, 1)
}

// TestConnectTimeoutElsewhere: where it is not the kernel that is silent, the sender is connected and hears nothing.
func TestConnectTimeoutElsewhere(t *testing.T) {
	const rule = "[[rule]]\nname = \"x\"\nconnect_timeout = { for = \"50ms\" }\n"
	authority := wiretest.NewAuthority(t)
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	t.Run("plain", func(t *testing.T) {
		p := start(t, rule)
		sender := wiretest.Dial(t, p.address)
		sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
		got, ended := sender.Rest(wiretest.Patience)
		require.Empty(t, got)
		require.Equal(t, wiretest.RST, ended)
		require.Equal(t, []string{"connect_timeout"}, p.journal.attempts(t, 1)[0].Faults)
	})
	for name, text := range map[string]string{"tunnel": rule, "opened": rule + "[tls]\nintercept = \"*\""} {
		t.Run(name, func(t *testing.T) {
			p := start(t, text, opening(authority))
			sender := connected(t, p, target.Address())
			sender.Send("\x16\x03\x01\x00\x05hello")
			got, ended := sender.Rest(wiretest.Patience)
			require.Empty(t, got)
			require.Equal(t, wiretest.RST, ended)
			line := wait[*deliveries.Connect](t, p.journal, 1)[0]
			require.Equal(t, []string{"connect_timeout"}, line.Faults)
			require.Equal(t, deliveries.Reset, line.End)
		})
	}
	require.Zero(t, target.Connections())
}

// TestGatewayRefusesWhatItMust: what a listener cannot tell is refused attempt by attempt, by a RST.
func TestGatewayRefusesWhatItMust(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "[[rule]]\nname = \"down\"\nwhen.nth = 1\nrefuse = true")
	address := gateway(t, p, proxy.Gateway{Scheme: "http", Authority: target.Address()})
	sender := wiretest.Dial(t, address)
	sender.Send(inside("/hook", "x"))
	_, ended := sender.Rest(wiretest.Patience)
	require.Equal(t, wiretest.RST, ended)
	require.Equal(t, 200, post(t, wiretest.Dial(t, address)))
	require.Equal(t, []string{"down"}, p.journal.attempts(t, 2)[0].Rules)
}
