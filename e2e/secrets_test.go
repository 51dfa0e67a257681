package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// No secret of a webhook stands anywhere afterwards: log, terminal, metrics, admin API, live page. Its target gets it as it was.
func TestSecretsAreRedactedEverywhere(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-of-the-sender"
	target := harness.NewTarget(t, nil)
	proxy := start(t, "[[rule]]\nname = \"fails at first\"\nwhen.attempt = 1\nstatus = 500\n")
	client := http.Client{Transport: harness.GoTransport(t, proxy.URL, "")}
	headers := []string{"Authorization", "Cookie", "X-Api-Key", "X-Hub-Signature-256", "X-Auth-Token", "X-Client-Secret"}

	for range 2 {
		request, err := http.NewRequest(http.MethodPost, target.URL+"/hook?access_token="+secret+"&page=7", strings.NewReader(`{}`))
		require.NoError(t, err)
		for _, name := range headers {
			request.Header.Set(name, secret)
		}
		request.Header.Set("Proxy-Authorization", "Basic "+secret)
		answer, err := client.Do(request)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
	}
	_, metrics := get(t, proxy.Admin+"/metrics")
	_, page := get(t, proxy.Admin)
	_, listed := get(t, proxy.Admin+"/api/v1/attempts")
	proxy.Stop(t)

	seen := target.Seen()
	require.Len(t, seen, 1)
	for _, name := range headers {
		require.Equal(t, secret, seen[0].Header.Get(name), "%s at the target", name)
	}
	require.Equal(t, "access_token="+secret+"&page=7", seen[0].Query)
	require.Empty(t, seen[0].Header.Get("Proxy-Authorization"), "it is meant for the proxy alone")
	attempts := proxy.Log.Attempts(t)
	require.Len(t, attempts, 2)
	require.Contains(t, attempts[0].URL, "page=7")
	require.Contains(t, listed, "page=7")
	require.Contains(t, page, target.URL+"/hook")
	for place, text := range map[string]string{
		"the log": proxy.Log.Text(t), "stdout": proxy.Stdout(), "stderr": proxy.Stderr(), "metrics": metrics,
		"the live page": page, "the admin API": listed,
	} {
		require.NotContains(t, text, secret, place)
	}
}
