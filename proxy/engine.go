package proxy

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"

	"github.com/elazarl/goproxy"
)

// newEngine is goproxy, with each of its defaults that is wrong for an instrument set on purpose. It only relays: the answer that it relays was fetched
// by the exchange in the request's context.
func newEngine(log *slog.Logger) *goproxy.ProxyHttpServer {
	engine := goproxy.NewProxyHttpServer()
	engine.Verbose = false
	engine.Logger = engineLog{log}
	engine.KeepHeader = true             // the request's head is ours to write: goproxy has nothing to take out
	engine.KeepAcceptEncoding = true     // else it would ask for, and unpack, gzip
	engine.AllowHTTP2 = false            // http/1.1 on both sides
	engine.KeepDestinationHeaders = true // those of the answer are there when it comes to it
	engine.PreventCanonicalization = false
	engine.CertStore = nil // it never intercepts: its CA key is public
	// It never dials: the environment's proxy could be this very process.
	engine.Tr = &http.Transport{
		Proxy:       nil,
		DialContext: func(_ context.Context, network, addr string) (net.Conn, error) { return refuseDial(network, addr) },
	}
	engine.ConnectDial = refuseDial
	engine.ConnectDialWithReq = nil
	engine.NonproxyHandler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic("proxy: a request without absolute form reached the engine")
	})
	engine.OnRequest().DoFunc(func(r *http.Request, ctx *goproxy.ProxyCtx) (*http.Request, *http.Response) {
		ctx.RoundTripper = fetched{}
		return r, nil
	})
	return engine
}

// anyRequest is what the engine is asked: it wants an absolute form, and no more. Nobody changes it.
var anyRequest = &http.Request{URL: &url.URL{Scheme: "http"}}

// forEngine is the request by which the engine finds the exchange.
func (x *exchange) forEngine() *http.Request {
	return anyRequest.WithContext(context.WithValue(context.Background(), exchangeKey{}, x))
}

// fetched hands the engine the answer that the exchange has fetched.
type fetched struct{}

func (fetched) RoundTrip(r *http.Request, _ *goproxy.ProxyCtx) (*http.Response, error) {
	return exchangeOf(r.Context()).resp, nil
}

func refuseDial(_, addr string) (net.Conn, error) {
	return nil, errors.New("proxy: the engine must not dial " + addr)
}

// engineLog takes the engine's few warnings.
type engineLog struct{ log *slog.Logger }

func (l engineLog) Printf(format string, args ...any) {
	l.log.Debug("engine", "format", format, "args", args)
}
