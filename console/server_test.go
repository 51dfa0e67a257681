package console

import (
	"encoding/json"
	"errors"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPages(t *testing.T) {
	tests := []struct {
		name        string
		method      string
		path        string
		status      int
		contentType string
		body        string // "": not compared
	}{
		{"alive", "GET", "/healthz", 200, "text/plain; charset=utf-8", "ok\n"},
		{"ready", "GET", "/readyz", 200, "application/json", `{"ready":true}` + "\n"},
		{"live page", "GET", "/", 200, "text/html; charset=utf-8", ""},
		{"live page with a query", "GET", "/?a=1", 200, "text/html; charset=utf-8", ""},
		{"its script", "GET", "/page.js", 200, "text/javascript; charset=utf-8", pageScript},
		{"head of the metrics", "HEAD", "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", ""},
		{
			"unknown page", "GET", "/api/v1/nothing", 404, "application/problem+json",
			`{"type":"about:blank","title":"Not Found","status":404,"detail":"no page \"/api/v1/nothing\""}` + "\n",
		},
		{
			"unknown page, unsafe method", "POST", "/metrics/", 404, "application/problem+json",
			`{"type":"about:blank","title":"Not Found","status":404,"detail":"no page \"/metrics/\""}` + "\n",
		},
		{
			"unsafe method", "POST", "/metrics", 405, "application/problem+json",
			`{"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"method \"POST\", want GET or HEAD"}` + "\n",
		},
		{
			"unsafe method on the page", "DELETE", "/", 405, "application/problem+json",
			`{"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"method \"DELETE\", want GET or HEAD"}` + "\n",
		},
	}
	address := serve(t, NewMetrics(Config{}))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ask(t, test.method, "http://"+address+test.path, nil)
			require.Equal(t, test.status, got.status)
			require.Equal(t, test.contentType, got.header.Get("Content-Type"))
			if test.body != "" {
				require.Equal(t, test.body, got.body)
			}
			allow := ""
			if test.status == 405 {
				allow = "GET, HEAD"
			}
			require.Equal(t, allow, got.header.Get("Allow"))
			require.Equal(t, pagePolicy(), got.header.Get("Content-Security-Policy"))
			require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
			require.Equal(t, "no-store", got.header.Get("Cache-Control"))
		})
	}
}

func TestReadyNamesWhatIsNot(t *testing.T) {
	full := errors.New("no space left on device")
	tests := []struct {
		name   string
		ready  Readiness
		status int
		want   map[string]string
	}{
		{"all there", Readiness{}, 200, nil},
		{"disk full", Readiness{Log: full}, 503, map[string]string{"log": "no space left on device"}},
		{"draining", Readiness{Listening: errors.New("draining")}, 503, map[string]string{"listening": "draining"}},
		{
			"nothing yet", Readiness{errors.New("not yet"), full, errors.New("none loaded")}, 503,
			map[string]string{"listening": "not yet", "log": "no space left on device", "scenario": "none loaded"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			address := serve(t, NewMetrics(Config{Ready: func() Readiness { return test.ready }}))
			got := ask(t, "GET", "http://"+address+"/readyz", nil)
			require.Equal(t, test.status, got.status)
			var body struct {
				NotReady map[string]string `json:"not_ready"`
			}
			require.NoError(t, json.Unmarshal([]byte(got.body), &body))
			require.Equal(t, test.want, body.NotReady)
			require.Equal(t, 200, ask(t, "GET", "http://"+address+"/healthz", nil).status, "alive all the same")
		})
	}
}

func TestForeignPagesGetNothing(t *testing.T) {
	address := serve(t, NewMetrics(Config{}))
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	tests := []struct {
		name   string
		header map[string]string
		status int
	}{
		{"own address", nil, 200},
		{"localhost", map[string]string{"Host": "localhost:" + port}, 200},
		{"localhost in capitals, no port", map[string]string{"Host": "LOCALHOST"}, 200},
		{"localhost by a forwarded port", map[string]string{"Host": "localhost:80"}, 200},
		{"another loopback address", map[string]string{"Host": "127.8.9.10:" + port}, 200},
		{"IPv6 loopback", map[string]string{"Host": "[::1]:" + port}, 200},
		{"IPv6 loopback, no port", map[string]string{"Host": "[::1]"}, 200},
		{"rebound name", map[string]string{"Host": "attacker.test:" + port}, 421},
		{"name that only begins like localhost", map[string]string{"Host": "localhost.attacker.test"}, 421},
		{"name that only begins like an address", map[string]string{"Host": "127.0.0.1.attacker.test"}, 421},
		{"another machine's address", map[string]string{"Host": "192.0.2.1"}, 421},
		{"own origin", map[string]string{"Origin": "http://" + address}, 200},
		{"own origin, by name", map[string]string{"Origin": "http://localhost:" + port, "Host": "localhost:" + port}, 200},
		{"foreign origin", map[string]string{"Origin": "https://attacker.test"}, 403},
		{"another port of this machine", map[string]string{"Origin": "http://127.0.0.1:1"}, 403},
		{"hidden origin", map[string]string{"Origin": "null"}, 403},
		{"empty origin", map[string]string{"Origin": ""}, 403},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ask(t, "GET", "http://"+address+"/metrics", test.header)
			require.Equal(t, test.status, got.status, got.body)
			if test.status != 200 {
				require.Equal(t, "application/problem+json", got.header.Get("Content-Type"))
				require.NotContains(t, got.body, "faultline_")
			}
		})
	}
}

// Off loopback a listener goes by any name that its machine has.
func TestHostIsFreeOffLoopback(t *testing.T) {
	tests := []struct {
		name     string
		listener string
		want     bool
	}{
		{"loopback", "127.0.0.1:9128", true},
		{"IPv6 loopback", "[::1]:9128", true},
		{"mapped loopback", "[::ffff:127.0.0.1]:9128", true},
		{"all addresses", "[::]:9128", false},
		{"one of the machine's", "192.0.2.1:9128", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			address, err := net.ResolveTCPAddr("tcp", test.listener)
			require.NoError(t, err)
			require.Equal(t, test.want, onLoopback(withListener(fixedListener{address: address})))
		})
	}
}

type fixedListener struct {
	net.Listener
	address net.Addr
}

func (l fixedListener) Addr() net.Addr { return l.address }

func TestServeSaysWhyItEnded(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	err = NewServer(NewMetrics(Config{})).Serve(l)
	require.EqualError(t, err, "serve admin requests on "+l.Addr().String()+": accept tcp "+l.Addr().String()+": use of closed network connection")
}

func TestEveryTimeoutIsSet(t *testing.T) {
	s := NewServer(NewMetrics(Config{})).http
	require.Positive(t, s.ReadHeaderTimeout)
	require.Positive(t, s.ReadTimeout)
	require.Positive(t, s.WriteTimeout)
	require.Positive(t, s.IdleTimeout)
	require.Positive(t, s.MaxHeaderBytes)
}
