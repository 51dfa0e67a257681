package main

import (
	"github.com/valyala/fasthttp"
)

// serveForwarder is the cheapest HTTP proxy in Go that is of any use: fasthttp copies requests and answers.
func serveForwarder(s serving) error {
	client := &fasthttp.Client{
		MaxConnsPerHost:               4096,
		NoDefaultUserAgentHeader:      true,
		DisableHeaderNamesNormalizing: true,
		DisablePathNormalizing:        true,
	}
	proxy := &fasthttp.Server{
		Handler: func(ctx *fasthttp.RequestCtx) {
			ctx.Request.Header.Del("Proxy-Connection")
			if err := client.Do(&ctx.Request, &ctx.Response); err != nil {
				ctx.Error(err.Error(), fasthttp.StatusBadGateway)
			}
		},
		NoDefaultServerHeader:         true,
		NoDefaultDate:                 true,
		DisableHeaderNamesNormalizing: true,
		MaxRequestBodySize:            64 << 20,
	}
	return proxy.Serve(s.listener)
}
