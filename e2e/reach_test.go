package e2e

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// Variables that lead faultline to itself do not: it takes none of them for its way to a target.
func TestOwnVariablesLeadNowhere(t *testing.T) {
	t.Parallel()
	certificate, ca := harness.NewCertificate(t)
	plain, secure := harness.NewTarget(t, nil), harness.NewTLSTarget(t, nil, certificate)
	address := "127.0.0.1:" + harness.FreePort(t)
	proxy := harness.Start(t, harness.Options{
		Binary: binaries.Race,
		Env: []string{
			"HTTP_PROXY=http://" + address, "HTTPS_PROXY=http://" + address, "http_proxy=http://" + address, "https_proxy=http://" + address,
			"ALL_PROXY=http://" + address, "NO_PROXY=", "no_proxy=",
		},
		Flags: []string{"--listen", address},
	})
	require.Equal(t, "http://"+address, proxy.URL)
	posts := []harness.Post{
		// The one way to write this machine for which Go's own lookup of the variables names a proxy.
		{Client: harness.Curl, URL: strings.Replace(plain.URL, "127.0.0.1", "0.0.0.0", 1)},
		{Client: harness.Requests, URL: plain.URL},
		{Client: harness.Curl, URL: secure.URL, CA: ca},
	}

	for i, result := range harness.Send(t, proxy.URL, posts) {
		require.Equal(t, harness.Result{Status: 200}, result, posts[i].URL)
	}

	require.Len(t, plain.Seen(), 2)
	require.Len(t, secure.Seen(), 1)
	require.Len(t, proxy.Log.Attempts(t), 2)
	require.Len(t, proxy.Log.WaitFor(t, "tunnel", 1), 1)
}

// A request for the proxy itself is a loop, which is refused at once.
func TestRequestsForTheProxyItself(t *testing.T) {
	t.Parallel()
	proxy := start(t, "")
	address := strings.TrimPrefix(proxy.URL, "http://")
	for _, host := range []string{address, strings.Replace(address, "127.0.0.1", "localhost", 1), strings.Replace(address, "127.0.0.1", "0.0.0.0", 1)} {
		status, _ := say(t, address, "POST http://"+host+"/hook HTTP/1.1\r\nHost: "+host+"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		require.Equal(t, 508, status, host)
	}
}

// say sends raw text and reads one answer.
func say(t *testing.T, address, text string) (int, string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer conn.Close() // the answer was read
	require.NoError(t, conn.SetDeadline(time.Now().Add(harness.Patience)))
	_, err = io.WriteString(conn, text)
	require.NoError(t, err)
	answer, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: strings.Fields(text)[0]})
	require.NoError(t, err)
	if answer.StatusCode == 200 && strings.HasPrefix(text, "CONNECT ") {
		return answer.StatusCode, ""
	}
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(body)
}

// The admin listener is nobody's target, however it is spelled.
func TestAdminListenerCannotBeReachedThroughTheProxy(t *testing.T) {
	t.Parallel()
	proxy := start(t, "")
	address := strings.TrimPrefix(proxy.URL, "http://")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(proxy.Admin, "http://"))
	require.NoError(t, err)
	hostname, err := os.Hostname()
	require.NoError(t, err)
	for _, host := range []string{
		"127.0.0.1", "localhost", "LocalHost", "localhost.", "127.0.0.1.", "0.0.0.0", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
		"[::ffff:0:0]", "[64:ff9b::7f00:1]", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.000.000.001", "0",
		"127%2e0.0.1", "①②⑦.⓪.⓪.①", "nobody@127.0.0.1", hostname,
	} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			at := host + ":" + port

			status, body := say(t, address, "GET http://"+at+"/metrics HTTP/1.1\r\nHost: "+at+"\r\nConnection: close\r\n\r\n")
			require.GreaterOrEqual(t, status, 400)
			require.NotContains(t, body, "faultline_")
			status, _ = say(t, address, "CONNECT "+at+" HTTP/1.1\r\nHost: "+at+"\r\n\r\n")
			require.GreaterOrEqual(t, status, 400)
		})
	}
	for name, text := range map[string]string{
		"as the Host of another target": "GET http://127.0.0.1:1/metrics HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nConnection: close\r\n\r\n",
		"as the Host of no target":      "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nConnection: close\r\n\r\n",
	} {
		status, body := say(t, address, text)
		require.GreaterOrEqual(t, status, 400, name)
		require.NotContains(t, body, "faultline_", name)
	}
}

// Tunnels lead to 443: a mail server is no webhook.
func TestConnectToOtherPorts(t *testing.T) {
	t.Parallel()
	proxy := start(t, "")
	for _, host := range []string{"mail.example.com:25", "192.0.2.1:25", "192.0.2.1:22"} {
		status, _ := say(t, strings.TrimPrefix(proxy.URL, "http://"), "CONNECT "+host+" HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
		require.Equal(t, 403, status, host)
	}
}
