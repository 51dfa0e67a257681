package proxy_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// gateway opens a listener of p that stands for a target, and gives its address.
func gateway(t *testing.T, p *running, g proxy.Gateway) string {
	t.Helper()
	l, err := proxy.Listen("127.0.0.1:0")
	require.NoError(t, err)
	serve(t, p, p.OpenGateway(l, g))
	return l.Addr().String()
}

// serve serves a door of p until the test ends.
func serve(t *testing.T, p *running, door *proxy.Door) {
	t.Helper()
	served := make(chan error, 1)
	go func() { served <- door.Serve() }()
	t.Cleanup(func() {
		shutdown(t, p)
		require.NoError(t, <-served)
	})
}

// TestGateway: a request to a gateway goes to its target, with the target's Host and the base path; its endpoint is the target's.
func TestGateway(t *testing.T) {
	authority := wiretest.NewAuthority(t)
	leaf, err := authority.Leaf("127.0.0.1")
	require.NoError(t, err)
	clear, secure := wiretest.Listen(t, wiretest.Answering(wiretest.OK)), wiretest.ListenTLS(t, leaf, wiretest.Answering(wiretest.OK))
	tests := []struct {
		name, scheme, base, request, line string
		target                            *wiretest.Target
	}{
		{"http", "http", "", "/hook?x=%41", "POST /hook?x=%41 HTTP/1.1\r\n", clear},
		{"https with a base path", "https", "/v1/", "/hook", "POST /v1/hook HTTP/1.1\r\n", secure},
		{"absolute form", "http", "/base", "http://elsewhere.test/hook", "POST /base/hook HTTP/1.1\r\n", clear},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := len(tt.target.Requests())
			p := start(t, "", opening(authority))
			address := gateway(t, p, proxy.Gateway{Scheme: tt.scheme, Authority: tt.target.Address(), Path: tt.base})
			sender := wiretest.Dial(t, address)
			sender.Send("POST " + tt.request + " HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: 1\r\n\r\nx")
			resp, _ := sender.Answer("POST")
			require.Equal(t, 200, resp.StatusCode)
			got := tt.target.Requests()[before]
			require.Contains(t, got, tt.line+"Host: "+tt.target.Address()+"\r\n")
			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, "gateway", a.Placement)
			require.Contains(t, a.Endpoint, tt.scheme+"://"+tt.target.Address()+"/")
		})
	}
}

// TestGatewayFaults: the same rules, and no CONNECT.
func TestGatewayFaults(t *testing.T) {
	p := start(t, "[[rule]]\nname = \"x\"\nmatch.placement = \"gateway\"\nreset = true")
	address := gateway(t, p, proxy.Gateway{Scheme: "http", Authority: wiretest.RefusingPort(t)})
	sender := wiretest.Dial(t, address)
	sender.Send("POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
	_, ended := sender.Rest(wiretest.Patience)
	require.Equal(t, wiretest.RST, ended)

	sender = wiretest.Dial(t, address)
	sender.Send(connectTo("x.test:443"))
	resp, _ := sender.Answer("POST")
	require.Equal(t, 400, resp.StatusCode)
}

// TestLoopComesBack: a loop leads to what was asked for as its sender asked for it, also where that is not the target's own URL.
func TestLoopComesBack(t *testing.T) {
	p := start(t, "[[rule]]\nname = \"x\"\nredirect = \"loop\"")
	down := wiretest.RefusingPort(t)
	address := gateway(t, p, proxy.Gateway{Scheme: "https", Authority: down, Path: "/v1"})
	for _, path := range []string{"/", "/hook", "/a/b/hook?x=%41&y", "//hook", "/a:b", "/a/"} {
		for name, line := range map[string]string{address: path, p.address: "http://" + down + path} {
			sender := wiretest.Dial(t, name)
			sender.Send("POST " + line + " HTTP/1.1\r\nHost: " + down + "\r\nContent-Length: 0\r\n\r\n")
			resp, _ := sender.Answer("POST")
			asked, err := url.Parse("http://" + down + path)
			require.NoError(t, err)
			next, err := asked.Parse(resp.Header.Get("Location"))
			require.NoError(t, err)
			require.Equal(t, asked.String(), next.String())
		}
	}
}
