package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// intercepting is the part of a scenario that opens all CONNECTs, with a CA of the test's own.
func intercepting(caDir, targetCA string) string {
	return fmt.Sprintf("[tls]\nintercept = \"*\"\nca_dir = %q\n[target]\nca_file = %q\n", caDir, targetCA)
}

// Real clients are opened with nothing but what `-- COMMAND` sets for them: the proxy, and the certificates to trust.
func TestCommandsTrustTheInterception(t *testing.T) {
	t.Parallel()
	certificate, ca := harness.NewCertificate(t)
	for _, client := range harness.Clients() {
		t.Run(string(client), func(t *testing.T) {
			t.Parallel()
			target := harness.NewTLSTarget(t, nil, certificate)
			url := target.URL + "/hook"
			if client == harness.Go {
				// Go takes no proxy for addresses of the loopback and for localhost, which it compares letter by letter.
				url = strings.Replace(url, "127.0.0.1", "Localhost", 1)
			}
			post := harness.Post{Client: client, URL: url}
			proxy := harness.Start(t, harness.Options{
				Binary:   binaries.Race,
				Scenario: intercepting(t.TempDir(), ca) + "[[rule]]\nname = \"first attempt fails\"\nwhen.attempt = 1\nstatus = 503\n",
				Command:  append([]string{"sh", "-c", `"$@"; "$@"`, "sh"}, post.Command(t)...),
			})

			require.Equal(t, 0, proxy.ExitCode(t))
			first := harness.Result{Status: 503}
			if client == harness.URLLib {
				first.Error = "HTTPError"
			}
			require.Equal(t, []harness.Result{first, {Status: 200}}, harness.ResultsIn(t, proxy.Stdout()))
			requireOpened(t, target, proxy.Log.Attempts(t))
			require.Empty(t, proxy.Log.Of(t, "tunnel"))
		})
	}
}

// requireOpened: an attempt that a rule failed, one that reached the target with every byte, both seen inside TLS.
func requireOpened(t *testing.T, target *harness.Target, attempts []harness.Line) {
	t.Helper()
	require.Len(t, attempts, 2)
	for i, attempt := range attempts {
		require.Equal(t, "intercept", attempt.Placement)
		require.Equal(t, i+1, attempt.Attempt)
		require.True(t, strings.HasPrefix(attempt.URL, "https://"), attempt.URL)
		require.Equal(t, attempts[0].Delivery, attempt.Delivery)
	}
	require.Equal(t, "rejected", attempts[0].Outcome)
	require.Equal(t, "acknowledged", attempts[1].Outcome)
	seen := target.Seen()
	require.Len(t, seen, 1)
	require.Equal(t, attempts[1].Request.SHA256, seen[0].SHA256)
	require.Equal(t, "/hook", seen[0].Path)
}
