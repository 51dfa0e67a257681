package e2e

import (
	"fmt"
	"path/filepath"
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

// `--intercept auto` opens the hosts that a rule needs to look into, and leaves all others closed.
func TestInterceptAuto(t *testing.T) {
	t.Parallel()
	certificate, ca := harness.NewCertificate(t)
	target := harness.NewTLSTarget(t, nil, certificate)
	caDir := t.TempDir()
	proxy := harness.Start(t, harness.Options{
		Binary: binaries.Race,
		Flags:  []string{"--intercept", "auto"},
		Scenario: fmt.Sprintf("tls.ca_dir = %q\ntarget.ca_file = %q\n", caDir, ca) +
			"[[rule]]\nname = \"claims\"\nmatch.host = \"127.0.0.1\"\nmatch.path = \"/hook\"\nstatus = 500\n",
	})
	opened := harness.Post{Client: harness.Curl, URL: target.URL + "/hook", CA: filepath.Join(caDir, "ca.pem")}
	closed := harness.Post{Client: harness.Curl, URL: strings.Replace(target.URL, "127.0.0.1", "localhost", 1) + "/hook", CA: ca}

	got := harness.Send(t, proxy.URL, []harness.Post{opened, closed})

	require.Equal(t, []harness.Result{{Status: 500}, {Status: 200}}, got)
	attempts := proxy.Log.Attempts(t)
	require.Len(t, attempts, 1)
	require.Equal(t, "intercept", attempts[0].Placement)
	require.Len(t, proxy.Log.WaitFor(t, "tunnel", 1), 1)
}

// A target whose certificate nobody vouches for is a 502 that says so: the sender, who would have refused it, trusts us.
func TestInterceptionVerifiesTheTarget(t *testing.T) {
	t.Parallel()
	certificate, _ := harness.NewCertificate(t)
	target := harness.NewTLSTarget(t, nil, certificate)
	for _, test := range []struct {
		name, target string
		want         int
	}{
		{"unknown authority", "", 502},
		{"not verified, as was asked for", "target.insecure = true\n", 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			caDir := t.TempDir()
			proxy := start(t, test.target+fmt.Sprintf("[tls]\nintercept = \"127.0.0.1\"\nca_dir = %q\n", caDir))

			got := harness.Send(t, proxy.URL, []harness.Post{{Client: harness.Curl, URL: target.URL + "/hook", CA: filepath.Join(caDir, "ca.pem")}})

			require.Equal(t, []harness.Result{{Status: test.want}}, got)
			attempts := proxy.Log.Attempts(t)
			require.Len(t, attempts, 1)
			require.Equal(t, test.want, attempts[0].Status())
			if test.want == 502 {
				require.Contains(t, attempts[0].Error, "certificate signed by unknown authority")
			}
		})
	}
}
