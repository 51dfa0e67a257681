package proxy_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// askingPassword lets in ann alone, whose password is "one".
func askingPassword(t *testing.T) (change func(*proxy.Config), field string) {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte("one"), bcrypt.MinCost)
	require.NoError(t, err)
	users, err := proxy.ReadUsers("users", strings.NewReader("ann:"+string(hash)))
	require.NoError(t, err)
	field = "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("ann:one"))
	return func(c *proxy.Config) { c.Access = proxy.Access{Users: users} }, field
}

// TestPassword: without one 407, on a connection that goes on, so that a client can answer on it; with one it is served, and the target never sees it.
func TestPassword(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	ask, field := askingPassword(t)
	p := start(t, "", ask)
	for _, test := range []struct {
		name, method          string
		without, wrong, right string
	}{
		{"request", "POST",
			wiretest.Post(target.Address(), "/", "x"), wiretest.Post(target.Address(), "/", "x", field+"x"), wiretest.Post(target.Address(), "/", "x", field)},
		{"CONNECT", "CONNECT",
			connectTo(target.Address()), strings.Replace(connectTo(target.Address()), "\r\n\r\n", "\r\n"+field+"x\r\n\r\n", 1),
			strings.Replace(connectTo(target.Address()), "\r\n\r\n", "\r\n"+field+"\r\n\r\n", 1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			sender := wiretest.Dial(t, p.address)
			for _, request := range []string{test.without, test.wrong} {
				sender.Send(request)
				resp, body := sender.Answer(test.method)
				require.Equal(t, 407, resp.StatusCode)
				require.Equal(t, []string{`Basic realm="faultline"`}, resp.Header["Proxy-Authenticate"])
				require.Equal(t, "faultline-test; error=http_request_denied", resp.Header.Get("Proxy-Status"))
				require.Equal(t, "the proxy asks for a user and a password\n", body)
				require.Equal(t, "password", <-p.refused)
			}
			sender.Send(test.right)
			resp, _ := sender.Answer(test.method)
			require.Equal(t, 200, resp.StatusCode)
			if test.method == "CONNECT" {
				sender.Send(wiretest.Post(target.Address(), "/", "x"))
				sender.Answer("POST")
			}
		})
	}
	require.Len(t, target.Requests(), 2)
	for _, request := range target.Requests() {
		require.NotContains(t, request, "Proxy-Authorization")
	}
}

// A sender that must not be told of the proxy is still asked for its password.
func TestPasswordWithoutSigns(t *testing.T) {
	ask, _ := askingPassword(t)
	p := start(t, "", ask, func(c *proxy.Config) { c.Signs = proxy.SignNone })
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post("a.test", "/", ""))
	resp, _ := sender.Answer("POST")
	require.Equal(t, 407, resp.StatusCode)
	require.Equal(t, []string{`Basic realm="faultline"`}, resp.Header["Proxy-Authenticate"])
	require.NotContains(t, resp.Header, "Proxy-Status")
}
