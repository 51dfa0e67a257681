package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// A gateway stands for its target: whoever calls it reaches the target, under the target's name and base path.
func TestGatewaysStandForTheirTargets(t *testing.T) {
	t.Parallel()
	certificate, ca := harness.NewCertificate(t)
	hosts := make(chan string, 100)
	tellHost := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { hosts <- r.Host })
	plain, secure := harness.NewTarget(t, tellHost), harness.NewTLSTarget(t, tellHost, certificate)
	proxy := harness.Start(t, harness.Options{
		Binary:   binaries.Race,
		Scenario: "target.ca_file = \"" + ca + "\"\n[[rule]]\nname = \"first attempt fails\"\nwhen.attempt = 1\nstatus = 503\n",
		Flags: []string{
			"--gateway", "127.0.0.1:0=" + plain.URL,
			"--gateway", "127.0.0.1:0=" + secure.URL,
			"--gateway", "127.0.0.1:0=" + plain.URL + "/base/",
		},
	})
	require.Len(t, proxy.Gateways, 3)

	for i, test := range []struct {
		name, path string
		target     *harness.Target
		wantURL    string
	}{
		{"http", "/plain?a=1&b=%20", plain, plain.URL + "/plain?a=1&b=%20"},
		{"https", "/secure", secure, secure.URL + "/secure"},
		{"base path", "/hook", plain, plain.URL + "/base/hook"},
	} {
		t.Run(test.name, func(t *testing.T) {
			seen, recorded := len(test.target.Seen()), len(proxy.Log.Attempts(t))
			sender := goSender{client: &http.Client{Transport: harness.GoTransport(t, "", "")}}
			t.Cleanup(sender.client.CloseIdleConnections)
			url := proxy.Gateways[i] + test.path

			require.Equal(t, "503", sender.result(url, "wh_"+test.name))
			require.Equal(t, "200", sender.result(url, "wh_"+test.name))

			require.Equal(t, test.target.Host, <-hosts)
			got := test.target.Seen()[seen:]
			require.Len(t, got, 1)
			wantPath, _, _ := strings.Cut(strings.TrimPrefix(test.wantURL, test.target.URL), "?")
			require.Equal(t, wantPath, got[0].Path)
			for n, attempt := range proxy.Log.WaitFor(t, "attempt", recorded+2)[recorded:] {
				require.Equal(t, "gateway", attempt.Placement)
				require.Equal(t, test.wantURL, attempt.URL)
				require.Equal(t, test.target.Host, attempt.Host)
				require.Equal(t, n+1, attempt.Attempt)
				require.Equal(t, []string{"rejected", "acknowledged"}[n], attempt.Outcome)
			}
		})
	}
}

// Every client is answered by a healthy target behind a gateway.
func TestClientsAreAnsweredAtAGateway(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, nil)
	proxy := harness.Start(t, harness.Options{Binary: binaries.Race, Flags: []string{"--gateway", "127.0.0.1:0=" + target.URL}})
	posts := postsTo(proxy.Gateways[0]+"/hook", "")

	for i, result := range harness.Send(t, "", posts) {
		require.Equal(t, harness.Result{Status: 200}, result, "%s", posts[i].Client)
	}

	require.Len(t, target.Seen(), len(posts))
	for _, attempt := range proxy.Log.WaitFor(t, "attempt", len(posts)) {
		require.Equal(t, "acknowledged", attempt.Outcome)
		require.Equal(t, "gateway", attempt.Placement)
	}
}
