package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"runtime"
)

// A server is one of the processes that this program itself can be, by `bench serve NAME -listen ADDRESS`.
type server func(serving) error

// serving is what a server is told.
type serving struct {
	listener net.Listener
	target   string // address
	cert     string // file of a certificate, for those that speak TLS
	key      string // file of its key
}

// servers are all of them.
func servers() map[string]server {
	return map[string]server{
		"target":        serveTarget,
		"goproxy":       serveGoproxy,
		"tuned":         serveTuned,
		"forward":       serveForwarder,
		"opening":       serveOpening,
		"tuned-opening": serveTunedOpening,
		"stream":        serveStream,
		"mute":          serveMute,
	}
}

// serve runs one, with its memory statistics at another address where that is wanted.
func serve(args []string) error {
	if len(args) == 0 || servers()[args[0]] == nil {
		return fmt.Errorf("serve %q: no such server", args)
	}
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:0", "address to listen at")
	metrics := flags.String("metrics", "", "address for memory statistics")
	var s serving
	flags.StringVar(&s.target, "target", "", "address of the target")
	flags.StringVar(&s.cert, "cert", "", "file of a certificate")
	flags.StringVar(&s.key, "key", "", "file of its key")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s.listener = listener
	if *metrics != "" {
		go http.ListenAndServe(*metrics, http.HandlerFunc(tellMemory))
	}
	return servers()[args[0]](s)
}

// tellMemory answers with what this process has allocated, by the names that Prometheus has for it.
func tellMemory(w http.ResponseWriter, _ *http.Request) {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Fprintf(w, "go_memstats_mallocs_total %d\ngo_memstats_alloc_bytes_total %d\n", stats.Mallocs, stats.TotalAlloc)
}
