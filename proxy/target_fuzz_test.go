package proxy

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// readRequest is a request as the server would hand it over; false for what the server answers by itself.
func readRequest(line string) (*http.Request, bool) {
	if strings.ContainsAny(line, "\n") {
		return nil, false
	}
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(line + " HTTP/1.1\r\nHost: x.test\r\n\r\n")))
	return r, err == nil
}

func requireHost(t *testing.T, host string, port int) {
	t.Helper()
	require.NotEmpty(t, host)
	require.False(t, strings.ContainsFunc(host, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), "%q", host)
	require.Positive(t, port)
	require.LessOrEqual(t, port, 65535)
}

// FuzzDestination: whatever a request names, behind every door, it is refused or goes to a host that can be written and with one line that is one.
func FuzzDestination(f *testing.F) {
	for _, seed := range []string{
		"http://x.test/a?b", "https://x.test:8443", "http://u:p@x.test?x", "HTTP://X", "/a%2Fb//c?d#e", "*", "//x", "http:x", "http:///x", "ftp://x/", "mailto:x",
		"http://[::1]:80/", "http://[fe80::1%25lo]/", "http://x:0/", "http://\u00fc/", "http://x%ff/", "http://x?a://b/c", "http://x#a://b",
	} {
		f.Add("POST", seed)
		f.Add("OPTIONS", seed)
	}
	doors := []entrance{
		{placement: scenario.Forward},
		{placement: scenario.Intercept, scheme: "https", authority: "x.test"},
		{placement: scenario.Gateway, scheme: "http", authority: "x.test:8080", base: "/base"},
	}
	f.Fuzz(func(t *testing.T, method, target string) {
		r, ok := readRequest(method + " " + target)
		if !ok {
			return
		}
		for _, came := range doors {
			d, why := destinationOf(r, came)
			if why != nil {
				require.Equal(t, http.StatusBadRequest, why.status)
				continue
			}
			requireHost(t, d.host, d.port)
			require.NotContains(t, d.authority, " ")
			require.True(t, d.target == "*" || strings.HasPrefix(d.target, "/") || strings.HasPrefix(d.target, came.base), "%q", d.target)
			require.False(t, strings.ContainsAny(d.target, " \r\n\x00"), "%q", d.target)
		}
	})
}

// FuzzOriginForm: what follows the authority of an absolute form is taken byte for byte.
func FuzzOriginForm(f *testing.F) {
	for _, seed := range []string{"", "/", "/a?b", "?b", "#c", "/a#c", "/a://b", "?a://b/c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, rest string) {
		if rest != "" && !strings.ContainsAny(rest[:1], "/?#") {
			return
		}
		want, _, _ := strings.Cut(rest, "#")
		if !strings.HasPrefix(want, "/") {
			want = "/" + want
		}
		require.Equal(t, want, originForm("http://u:p@x.test:80"+rest, http.MethodPost))
	})
}
