package main

import (
	"crypto/tls"
	"net/http"
	"sync"

	"github.com/elazarl/goproxy"
)

// serveGoproxy is goproxy as it comes.
func serveGoproxy(s serving) error {
	return http.Serve(s.listener, goproxy.NewProxyHttpServer())
}

// serveTuned is goproxy with a transport that keeps its connections to the target, and does nothing else that it need not.
func serveTuned(s serving) error {
	return http.Serve(s.listener, tuned())
}

func tuned() *goproxy.ProxyHttpServer {
	proxy := goproxy.NewProxyHttpServer()
	proxy.Tr = &http.Transport{
		MaxIdleConns:        0, // no limit
		MaxIdleConnsPerHost: 1024,
		DisableCompression:  true,
		ForceAttemptHTTP2:   false,
	}
	return proxy
}

// serveOpening is goproxy that opens each CONNECT, with a CA of the kind that faultline has, and keeps the certificates that it makes.
func serveOpening(s serving) error { return serveOpeningBy(goproxy.NewProxyHttpServer(), s) }

// serveTunedOpening is the same, tuned.
func serveTunedOpening(s serving) error { return serveOpeningBy(tuned(), s) }

func serveOpeningBy(proxy *goproxy.ProxyHttpServer, s serving) error {
	authority, err := newCertificate("bench goproxy", true)
	if err != nil {
		return err
	}
	proxy.CertStore = &certificates{}
	proxy.OnRequest().HandleConnect(goproxy.FuncHttpsHandler(func(host string, _ *goproxy.ProxyCtx) (*goproxy.ConnectAction, string) {
		return &goproxy.ConnectAction{Action: goproxy.ConnectMitm, TLSConfig: goproxy.TLSConfigFromCA(authority)}, host
	}))
	return http.Serve(s.listener, proxy)
}

// certificates keeps them by host name.
type certificates struct {
	byHost sync.Map
}

func (c *certificates) Fetch(host string, make func() (*tls.Certificate, error)) (*tls.Certificate, error) {
	if kept, ok := c.byHost.Load(host); ok {
		return kept.(*tls.Certificate), nil
	}
	made, err := make()
	if err == nil {
		c.byHost.Store(host, made)
	}
	return made, err
}
