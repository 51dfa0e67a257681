package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// A listener that others can reach wants to know who may use it: the refusal has the lines to paste, and with them it starts. Nothing is ever
// listened on here: 192.0.2.1 is nobody's address (RFC 5737), which is what stops a start that may.
func TestOffLoopbackItSaysWhoMayUseIt(t *testing.T) {
	t.Parallel()
	passwords := filepath.Join(t.TempDir(), "proxy.htpasswd")
	require.NoError(t, os.WriteFile(passwords, []byte(ann), 0o600))
	const refused, allowed = "anybody who reaches that address could use the", "cannot assign requested address"
	for _, test := range []struct {
		name, scenario, flag, value string
		want                        []string
	}{
		{"proxy", "", "--listen", "192.0.2.1:3128", []string{refused, "[proxy]", "  clients = [", "  auth_file = ", "  open = true"}},
		{"proxy on all addresses", "", "--listen", "0.0.0.0:3128", []string{refused}},
		{"gateway", "", "--gateway", "192.0.2.1:9001=http://127.0.0.1:1", []string{refused, "[proxy]", "  clients = [", "  open = true"}},
		{"admin", "", "--admin", "192.0.2.1:9128", []string{"anybody who reaches that address could change the scenario"}},
		{"proxy with clients", `proxy.clients = ["10.0.0.0/8"]`, "--listen", "192.0.2.1:3128", []string{allowed}},
		{"proxy with passwords", fmt.Sprintf("proxy.auth_file = %q", passwords), "--listen", "192.0.2.1:3128", []string{allowed}},
		{"proxy for anybody", "proxy.open = true", "--listen", "192.0.2.1:3128", []string{allowed}},
		{"gateway with clients", `proxy.clients = ["10.0.0.0/8"]`, "--gateway", "192.0.2.1:9001=http://127.0.0.1:1", []string{allowed}},
		{"gateway with passwords", fmt.Sprintf("proxy.auth_file = %q", passwords), "--gateway", "192.0.2.1:9001=http://127.0.0.1:1", []string{refused}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := harness.Launch(t, harness.Options{
				Binary: binaries.Race, Scenario: test.scenario, Log: t.TempDir(), Flags: []string{test.flag, test.value},
			})

			require.Equal(t, 2, p.ExitCode(t), "exit code; stderr: %s", p.Stderr())
			for _, want := range test.want {
				require.Contains(t, p.Stderr(), want)
			}
			requireNoTrace(t, p)
		})
	}
}

// ann is a line of htpasswd: user ann, password "open sesame", bcrypt of the least cost.
const ann = "ann:$2a$04$M7GmQ4JLDZ2Wz4TWh5olk.NYfN5B1clUD36XGfAWvMxTxNUgQ.f9y\n"

// A proxy with passwords is used as any other is, once its address has user and password: plain requests and CONNECTs, requests and curl.
func TestPasswords(t *testing.T) {
	t.Parallel()
	certificate, ca := harness.NewCertificate(t)
	plain, secure := harness.NewTarget(t, nil), harness.NewTLSTarget(t, nil, certificate)
	passwords := filepath.Join(t.TempDir(), "proxy.htpasswd")
	require.NoError(t, os.WriteFile(passwords, []byte("# who may\n"+ann), 0o600))
	proxy := start(t, fmt.Sprintf("proxy.auth_file = %q\n", passwords))
	posts := []harness.Post{
		{Client: harness.Requests, URL: plain.URL}, {Client: harness.Curl, URL: plain.URL},
		{Client: harness.Requests, URL: secure.URL, CA: ca}, {Client: harness.Curl, URL: secure.URL, CA: ca},
	}
	refused := []harness.Result{{Status: 407}, {Status: 407}, {Error: "ProxyError"}, {Error: "56"}}

	for user, want := range map[string][]harness.Result{
		"":                     refused,
		"ann:open%20barley@":   refused,
		"bob:open%20sesame@":   refused,
		"ann:open%20sesame@":   {{Status: 200}, {Status: 200}, {Status: 200}, {Status: 200}},
		"ann:%6fpen%20sesame@": {{Status: 200}, {Status: 200}, {Status: 200}, {Status: 200}},
	} {
		require.Equal(t, want, harness.Send(t, strings.Replace(proxy.URL, "://", "://"+user, 1), posts), user)
	}

	withPassword := strings.Replace(proxy.URL, "://", "://ann:open%20sesame@", 1)
	everybody := append(postsTo(plain.URL, ""), postsTo(secure.URL, ca)...)
	for i, result := range harness.Send(t, withPassword, everybody) {
		require.Equal(t, harness.Result{Status: 200}, result, "%s to %s", everybody[i].Client, everybody[i].URL)
	}

	for _, seen := range append(plain.Seen(), secure.Seen()...) {
		require.Empty(t, seen.Header.Get("Proxy-Authorization"), "the target is not told the proxy's password")
	}
	require.Len(t, proxy.Log.Attempts(t), 4+len(harness.Clients()), "who is not admitted makes no attempt")
	require.NotContains(t, proxy.Log.Text(t)+proxy.Stdout()+proxy.Stderr(), "sesame")
}

// allow and deny say which targets may be reached, by name and by address; deny goes first.
func TestAllowAndDeny(t *testing.T) {
	t.Parallel()
	certificate, ca := harness.NewCertificate(t)
	plain, secure := harness.NewTarget(t, nil), harness.NewTLSTarget(t, nil, certificate)
	byName := func(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) }
	const yes, no = 200, 403
	for _, test := range []struct {
		name, scenario            string
		wantByAddress, wantByName int // 127.0.0.1, localhost
	}{
		{"neither", ``, yes, yes},
		{"an address is denied, by all its names", `proxy.deny = "127.0.0.0/8"`, no, no},
		{"a name is denied", `proxy.deny = "localhost"`, yes, no},
		{"a name is allowed", `proxy.allow = "localhost"`, no, yes},
		{"an address is allowed, by all its names", `proxy.allow = "127.0.0.1"`, yes, yes},
		{"others are allowed", `proxy.allow = ["10.0.0.0/8", "*.partner.test"]`, no, no},
		{"allowed and denied", "proxy.allow = \"127.0.0.1\"\nproxy.deny = \"localhost\"", yes, no},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			proxy := start(t, test.scenario+"\n")

			got := harness.Send(t, proxy.URL, []harness.Post{
				{Client: harness.Curl, URL: plain.URL}, {Client: harness.Curl, URL: secure.URL, CA: ca},
				{Client: harness.Curl, URL: byName(plain.URL)}, {Client: harness.Curl, URL: byName(secure.URL), CA: ca},
			})

			require.Equal(t, []harness.Result{
				{Status: test.wantByAddress}, tunnelled(test.wantByAddress), {Status: test.wantByName}, tunnelled(test.wantByName),
			}, got)
		})
	}
}

// tunnelled is what curl has of a status when it is of a CONNECT, unless that succeeds.
func tunnelled(status int) harness.Result {
	if status == 200 {
		return harness.Result{Status: 200}
	}
	return harness.Result{Error: "56"}
}
