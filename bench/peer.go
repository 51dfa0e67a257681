package main

import (
	"path/filepath"
	"strings"
)

// A peer is a proxy that is measured, faultline or another.
type peer struct {
	name    string
	start   func(*bench, string) (*process, error) // in front of the target at that address
	faulted bool                                   // a tenth of its attempts is answered 503
	vary    func(*load)                            // what is different in its load; nil: nothing
}

// own starts a server of this program as a proxy.
func own(server string, env ...string) func(*bench, string) (*process, error) {
	return func(b *bench, target string) (*process, error) {
		return b.serve(server, b.proxyCore, target, env)
	}
}

// serve starts a server of this program, with its memory statistics.
func (b *bench) serve(server string, core int, target string, env []string, more ...string) (*process, error) {
	address, metrics, err := twoAddresses()
	if err != nil {
		return nil, err
	}
	args := []string{b.self, "serve", server, "-listen", address, "-metrics", metrics, "-target", target}
	return b.start(command{name: server, core: core, address: address, metrics: "http://" + metrics, args: append(args, more...), env: env})
}

// startTarget starts what the attempts are addressed to.
func (b *bench) startTarget() (*process, error) {
	return b.serve("target", b.otherCore, "", nil)
}

func twoAddresses() (string, string, error) {
	one, err := freeAddress()
	if err != nil {
		return "", "", err
	}
	other, err := freeAddress()
	return one, other, err
}

// squid starts Squid without a cache and without logs.
func squid(b *bench, _ string) (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	config, err := b.file("squid.conf", `
http_port `+address+`
http_access allow all
cache deny all
access_log none
cache_store_log none
cache_log /dev/null
pid_filename none
pinger_enable off
shutdown_lifetime 0 seconds
`)
	if err != nil {
		return nil, err
	}
	return b.start(command{name: "squid", core: b.proxyCore, address: address, args: []string{"squid", "-N", "-f", config}})
}

// haproxy starts HAProxy in front of the one target: it is no forward proxy, and need not look where an attempt goes.
func haproxy(b *bench, target string) (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	config, err := b.file("haproxy.cfg", `
global
  nbthread 1
defaults
  mode http
  timeout connect 10s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend proxy
  bind `+address+`
  default_backend target
backend target
  server target `+target+`
`)
	if err != nil {
		return nil, err
	}
	return b.start(command{name: "haproxy", core: b.proxyCore, address: address, args: []string{"haproxy", "-db", "-f", config}})
}

// mitmdump starts mitmproxy without its terminal.
func mitmdump(options ...string) func(*bench, string) (*process, error) {
	return func(b *bench, _ string) (*process, error) {
		address, err := freeAddress()
		if err != nil {
			return nil, err
		}
		host, port, _ := strings.Cut(address, ":")
		args := []string{"mitmdump", "--quiet", "--listen-host", host, "--listen-port", port}
		for _, option := range append(options, "confdir="+filepath.Join(b.dir, "mitmproxy")) {
			args = append(args, "--set", option)
		}
		return b.start(command{name: "mitmdump", core: b.proxyCore, address: address, args: args})
	}
}
