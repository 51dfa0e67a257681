package main

import (
	"github.com/valyala/fasthttp"
)

// serveTarget answers everything with a small 200.
func serveTarget(s serving) error {
	target := &fasthttp.Server{
		Handler: func(ctx *fasthttp.RequestCtx) {
			ctx.SetContentType("application/json")
			ctx.SetBodyString(`{"ok":true}`)
		},
		NoDefaultServerHeader: true,
	}
	if s.cert != "" {
		return target.ServeTLS(s.listener, s.cert, s.key)
	}
	return target.Serve(s.listener)
}
