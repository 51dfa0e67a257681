package proxy_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
)

// TestUpgrade: a target that agrees to another protocol gets the sender's bytes and the sender its, what came early too, half-closes passed on.
func TestUpgrade(t *testing.T) {
	target := wiretest.Listen(t, func(c *wiretest.Conn) {
		if _, err := c.ReadRequest(); err != nil {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-Kept: 1\r\n\r\nhello ")
		all, _ := io.ReadAll(c.Reader())
		_, _ = io.WriteString(c, "got "+string(all))
	})
	p := start(t, "")
	sender := wiretest.Dial(t, p.address)
	sender.Send("GET http://" + target.Address() + "/ws HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: echo\r\n\r\nearly ")
	resp, err := http.ReadResponse(sender.Reader(), &http.Request{Method: "GET"})
	require.NoError(t, err)
	require.Equal(t, 101, resp.StatusCode)
	require.Equal(t, http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"echo"}, "X-Kept": {"1"}, "Via": {"1.1 faultline-test"},
	}, resp.Header)
	sender.Send("late")
	require.NoError(t, sender.Conn.CloseWrite())
	got, ended := sender.Rest(wiretest.Patience)
	require.Equal(t, "hello got early late", got)
	require.Equal(t, wiretest.FIN, ended)
	require.Contains(t, target.Requests()[0], "Connection: Upgrade\r\nUpgrade: echo\r\n")
}

// TestUpgradeRefused: a target that does not agree answers, and the connection goes on.
func TestUpgradeRefused(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "")
	sender := wiretest.Dial(t, p.address)
	for range 2 {
		sender.Send("GET http://" + target.Address() + "/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		resp, body := sender.Answer("GET")
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, "ok", body)
	}
}

// TestUpgradeReset: a RST on one side is one on the other, and a FIN is none.
func TestUpgradeReset(t *testing.T) {
	for _, target := range []string{"stays", "resets", "closes"} {
		t.Run("target "+target, func(t *testing.T) {
			ends := make(chan wiretest.Ended, len(doors()))
			leave := make(chan struct{})
			script := func(c *wiretest.Conn) {
				if _, err := c.ReadRequest(); err != nil {
					return
				}
				_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n") // seen by the sender
				switch target {
				case "stays":
					_, ended := c.Rest(wiretest.Patience)
					ends <- ended
				case "resets":
					<-leave
					c.Reset()
				case "closes":
					<-leave
				}
			}
			everywhere(t, script, func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.head("GET", "/ws", "Connection: Upgrade", "Upgrade: echo"))
				resp, err := http.ReadResponse(sender.Reader(), &http.Request{Method: "GET"})
				require.NoError(t, err)
				require.Equal(t, 101, resp.StatusCode)
				if target == "stays" {
					sender.Reset()
					require.Equal(t, wiretest.RST, <-ends)
					return
				}
				leave <- struct{}{}
				_, ended := sender.Rest(wiretest.Patience)
				require.Equal(t, map[string]wiretest.Ended{"resets": wiretest.RST, "closes": wiretest.FIN}[target], ended)
			})
		})
	}
}
