package main

import (
	"net/http"

	"github.com/elazarl/goproxy"
)

// serveGoproxy is goproxy as it comes.
func serveGoproxy(s serving) error {
	return http.Serve(s.listener, goproxy.NewProxyHttpServer())
}

// serveTuned is goproxy with a transport that keeps its connections to the target, and does nothing else that it need not.
func serveTuned(s serving) error {
	proxy := goproxy.NewProxyHttpServer()
	proxy.Tr = tunedTransport()
	return http.Serve(s.listener, proxy)
}

func tunedTransport() *http.Transport {
	return &http.Transport{
		MaxIdleConns:        0, // no limit
		MaxIdleConnsPerHost: 1024,
		DisableCompression:  true,
		ForceAttemptHTTP2:   false,
	}
}
