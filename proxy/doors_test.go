package proxy_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// doored are the two listeners that can close: where to connect to, what a sender sends there, and which fault closes it.
var doored = []struct {
	name, fault string
	send        func(target string) string
	shut        func(t *testing.T, address string)
}{
	{"the proxy's own", "refuse = { listener = true }", toProxy, refused},
	{"gateway", "refuse = true", toGateway, refused},
	{"the proxy's own, silent", "connect_timeout = { listener = true }", toProxy, unanswered},
	{"gateway, silent", "connect_timeout = true", toGateway, unanswered},
}

func toProxy(target string) string { return wiretest.Post(target, "/hook", "x") }
func toGateway(string) string      { return inside("/hook", "x") }

// doorTo is the address of one of them.
func (r *running) doorTo(t *testing.T, name, target string) string {
	t.Helper()
	if !strings.HasPrefix(name, "gateway") {
		return r.address
	}
	return gateway(t, r, proxy.Gateway{Scheme: "http", Authority: target})
}

// TestListenerFollows: the clock's start, the window, the kill switch and the drain; idle connections are closed with it.
func TestListenerFollows(t *testing.T) {
	t.Parallel()
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	for _, tt := range doored {
		t.Run(tt.name, func(t *testing.T) {
			p := start(t, "clock = \"first_attempt\"\n[[rule]]\nname = \"down\"\nwhen = { after = \"100ms\", for = \"1h\" }\n"+tt.fault)
			address := p.doorTo(t, tt.name, target.Address())
			passes := func() *wiretest.Sender {
				sender := wiretest.Dial(t, address)
				sender.Send(tt.send(target.Address()))
				resp, _ := sender.Answer("POST")
				require.Equal(t, 200, resp.StatusCode)
				return sender
			}
			closed := func(idle *wiretest.Sender, lines int) {
				require.Nil(t, closings(t, p, lines)[lines-1].Until)
				_, ended := idle.Rest(wiretest.Patience)
				require.Equal(t, wiretest.FIN, ended)
				tt.shut(t, address)
			}
			closed(passes(), 1)
			p.LiftFaults()
			idle := passes()
			require.NotNil(t, closings(t, p, 2)[1].Until)
			p.RestoreFaults()
			closed(idle, 3)
			shutdown(t, p)
			require.NotNil(t, closings(t, p, 4)[3].Until)
			p.journal.attempts(t, 2)
		})
	}
}

// TestListenerFollowsTheOperator: another scenario, a jump to a phase, the clock begun anew; a rule that stays as it is leaves the listener as it is.
func TestListenerFollowsTheOperator(t *testing.T) {
	const phases = "[[phase]]\nname = \"calm\"\nfor = \"1h\"\n[[phase]]\nname = \"outage\"\n"
	const down = "[[rule]]\nname = \"down\"\nwhen.phase = \"outage\"\nrefuse = { listener = true }\n"
	p := start(t, phases+down)
	open := func() { wiretest.Dial(t, p.address) }
	open()
	require.True(t, p.JumpTo("outage"))
	refused(t, p.address)
	p.Reload(revision(t, phases+down+"[[rule]]\nname = \"more\"\nreset = true\n"))
	refused(t, p.address)
	require.Equal(t, uint64(1), p.RuleCounts()["down"].Fired)
	closings(t, p, 1)
	p.Reload(revision(t, phases))
	open()
	p.Reload(revision(t, phases+down))
	refused(t, p.address)
	p.RestartClock()
	open()
	closings(t, p, 4)
}

// TestListenerLetsGo: an attempt that is under way when its listener closes has its answer, then a FIN; a tunnel goes on.
func TestListenerLetsGo(t *testing.T) {
	echo := wiretest.Listen(t, func(c *wiretest.Conn) { _, _ = io.Copy(c, c) })
	for _, tt := range doored {
		t.Run(tt.name, func(t *testing.T) {
			asked, closed := make(chan struct{}), make(chan struct{})
			target := wiretest.Listen(t, func(c *wiretest.Conn) {
				if _, err := c.ReadRequest(); err == nil {
					close(asked)
					<-closed
					_, _ = io.WriteString(c, wiretest.OK) // a proxy that has gone is seen below
				}
				_, _ = io.Copy(io.Discard, c)
			})
			p := start(t, "[[rule]]\nname = \"down\"\n"+tt.fault)
			p.LiftFaults()
			address := p.doorTo(t, tt.name, target.Address())
			tunnel := connected(t, p, echo.Address())
			sender := wiretest.Dial(t, address)
			sender.Send(tt.send(target.Address()))
			<-asked
			p.RestoreFaults()
			tt.shut(t, address)
			close(closed)
			resp, _ := sender.Answer("POST")
			require.Equal(t, 200, resp.StatusCode)
			_, ended := sender.Rest(wiretest.Patience)
			require.Equal(t, wiretest.FIN, ended)

			tunnel.Send("goes on")
			require.NoError(t, tunnel.Conn.CloseWrite())
			got, _ := tunnel.Rest(wiretest.Patience)
			require.Equal(t, "goes on", got)
		})
	}
}

// TestListenerTurnsFromOneToTheOther: refusing, then silent, then refusing, and in between never open.
func TestListenerTurnsFromOneToTheOther(t *testing.T) {
	const rules = "[[phase]]\nname = \"refusing\"\n" +
		"[[rule]]\nname = \"r\"\nwhen.phase = \"refusing\"\nrefuse = { listener = true }\n"
	const silent = "[[rule]]\nname = \"s\"\nconnect_timeout = { listener = true }\n"
	p := start(t, rules)
	for range 3 {
		refused(t, p.address)
		p.Reload(revision(t, silent))
		unanswered(t, p.address)
		p.Reload(revision(t, rules))
	}
	refused(t, p.address)
	p.Reload(revision(t, ""))
	status, _ := p.one(t, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.Equal(t, 400, status)
	closings(t, p, 14)
}

// TestListenerAddresses: a listener closes and opens wherever it is bound.
func TestListenerAddresses(t *testing.T) {
	for _, bound := range []string{"127.0.0.1:0", "[::1]:0", ":0"} {
		t.Run(bound, func(t *testing.T) {
			p := start(t, "[[rule]]\nname = \"down\"\nmatch.placement = \"gateway\"\nrefuse = true")
			l, err := proxy.Listen(bound)
			require.NoError(t, err)
			serve(t, p, p.OpenGateway(l, proxy.Gateway{Scheme: "http", Authority: wiretest.RefusingPort(t)}))
			refused(t, l.Addr().String())
			p.LiftFaults()
			require.Equal(t, 502, post(t, wiretest.Dial(t, l.Addr().String())))
		})
	}
}

// TestListenerKeepsItsPort: through many turns, under senders that never stop knocking, the port stays the listener's and no connection is left hanging.
func TestListenerKeepsItsPort(t *testing.T) {
	p := start(t, "[[rule]]\nname = \"down\"\nrefuse = { listener = true }")
	stop := make(chan struct{})
	var knocking sync.WaitGroup
	for range 4 {
		knocking.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				conn, err := net.DialTimeout("tcp", p.address, wiretest.Patience)
				if err != nil { // refused, or reset by the closing
					assert.True(t, errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET), err)
					continue
				}
				_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") // a RST may have come
				if err == nil {
					_, _ = io.Copy(io.Discard, conn) // as above
				}
				_ = conn.Close()
			}
		})
	}
	for range 50 {
		refused(t, p.address)
		p.LiftFaults()
		status, _ := p.one(t, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		require.Equal(t, 400, status)
		p.RestoreFaults()
	}
	close(stop)
	knocking.Wait()
	closings(t, p, 101)
}
