package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
	"github.com/faultline/faultline/internal/wiretest"
)

// postsTo is one post per client.
func postsTo(url, ca string) []harness.Post {
	var posts []harness.Post
	for _, client := range harness.Clients() {
		posts = append(posts, harness.Post{Client: client, URL: url, CA: ca})
	}
	return posts
}

// https passes through untouched: the target's own certificate, one `tunnel` line for each connection, no attempt.
func TestTunnelPassesThrough(t *testing.T) {
	t.Parallel()
	certificate, ca := harness.NewCertificate(t)
	target := harness.NewTLSTarget(t, nil, certificate)
	proxy := start(t, "")
	posts := postsTo(target.URL+"/hook", ca)

	for i, result := range harness.Send(t, proxy.URL, posts) {
		require.Equal(t, harness.Result{Status: 200}, result, "%s", posts[i].Client)
	}

	require.Len(t, target.Seen(), len(posts))
	for _, tunnel := range proxy.Log.WaitFor(t, "tunnel", len(posts)) {
		require.Equal(t, target.Host, tunnel.Host)
		// A client that closes with a session ticket or a close_notify unread sends a RST, and the log says so.
		require.Contains(t, []string{"complete", "reset"}, tunnel.End)
		require.Greater(t, tunnel.Up, int64(1000), "bytes to the target")
		require.Greater(t, tunnel.Down, int64(500), "bytes from the target")
	}
	require.Empty(t, proxy.Log.Attempts(t))
	require.Empty(t, proxy.Log.Of(t, "connect"))
}

// A connection fault acts at CONNECT, which is no delivery: it is logged as `connect`.
func TestRefuseAtConnect(t *testing.T) {
	t.Parallel()
	certificate, ca := harness.NewCertificate(t)
	for _, test := range []struct {
		name, refuse string
		want         map[harness.Client]harness.Result
		wantEnd      string
	}{
		{
			name: "200, then RST", refuse: `refuse = true`,
			want: map[harness.Client]harness.Result{
				harness.Requests: {Error: "ProxyError"}, harness.HTTPX: {Error: "ConnectError"}, harness.AIOHTTP: {Error: "ClientConnectorError"},
				harness.URLLib: {Error: "URLError"}, harness.Curl: {Error: "35"}, harness.Go: {Error: "ECONNRESET"},
			},
			wantEnd: "reset",
		},
		{
			name: "what a proxy says that cannot reach the target", refuse: `refuse = { code = 504 }`,
			want: map[harness.Client]harness.Result{
				harness.Requests: {Error: "ProxyError"}, harness.HTTPX: {Error: "ProxyError"}, harness.AIOHTTP: {Error: "ClientHttpProxyError"},
				harness.URLLib: {Error: "URLError"}, harness.Curl: {Error: "56"}, harness.Go: {Error: "Gateway Timeout"},
			},
			wantEnd: "complete",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			target := harness.NewTLSTarget(t, nil, certificate)
			proxy := start(t, "[[rule]]\nname = \"unreachable\"\nmatch.host = \"localhost\"\n"+test.refuse+"\n")
			refused := postsTo(strings.Replace(target.URL, "127.0.0.1", "localhost", 1)+"/hook", ca)

			for i, result := range harness.Send(t, proxy.URL, refused) {
				client := refused[i].Client
				if client == harness.Go && strings.HasSuffix(result.Error, test.want[client].Error) {
					continue // Go puts the reason into a sentence
				}
				require.Equal(t, test.want[client], result, "%s", client)
			}
			for i, result := range harness.Send(t, proxy.URL, postsTo(target.URL+"/hook", ca)) {
				require.Equal(t, harness.Result{Status: 200}, result, "%s, at a host that no rule names", harness.Clients()[i])
			}

			require.Len(t, target.Seen(), len(harness.Clients()))
			connects := proxy.Log.WaitFor(t, "connect", len(refused))
			require.Len(t, connects, len(refused))
			for _, connect := range connects {
				require.Equal(t, strings.Replace(target.Host, "127.0.0.1", "localhost", 1), connect.Host)
				require.Equal(t, []string{"unreachable"}, connect.Rules)
				require.Equal(t, []string{"refuse"}, connect.Faults)
				require.Equal(t, test.wantEnd, connect.End)
			}
			require.Empty(t, proxy.Log.Attempts(t))
		})
	}
}

// A rule that needs to look inside does nothing to a tunnel, and faultline says so.
func TestRuleThatCannotSeeIntoATunnel(t *testing.T) {
	t.Parallel()
	certificate, ca := harness.NewCertificate(t)
	target := harness.NewTLSTarget(t, nil, certificate)
	proxy := start(t, "[[rule]]\nname = \"claims\"\nmatch.host = \"127.0.0.1\"\nmatch.path = \"/hook\"\nstatus = 500\n")

	result := harness.Send(t, proxy.URL, []harness.Post{{Client: harness.Curl, URL: target.URL + "/hook", CA: ca}})

	require.Equal(t, harness.Result{Status: 200}, result[0])
	proxy.WaitFor(t, "CONNECT "+target.Host+" passed unseen")
}

// A target that is down is a genuine failure at CONNECT: 502, and a `connect` line without a rule.
func TestTunnelToATargetThatIsDown(t *testing.T) {
	t.Parallel()
	down := wiretest.RefusingPort(t)
	proxy := start(t, "")

	result := harness.Send(t, proxy.URL, []harness.Post{
		{Client: harness.Curl, URL: "https://" + down + "/hook"},
		{Client: harness.AIOHTTP, URL: "https://" + down + "/hook"},
	})

	require.Equal(t, []harness.Result{{Error: "56"}, {Error: "ClientHttpProxyError"}}, result)
	for _, connect := range proxy.Log.WaitFor(t, "connect", 2) {
		require.Equal(t, down, connect.Host)
		require.Empty(t, connect.Rules)
		require.Empty(t, connect.Faults)
		require.NotEmpty(t, connect.Error)
	}
}
