package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/faultline/faultline/ca"
	"github.com/faultline/faultline/proxy"
	"github.com/faultline/faultline/scenario"
)

// gatewayEntrance is an open listener that stands for a target.
type gatewayEntrance struct {
	listener *net.TCPListener
	target   scenario.GatewayListener
	door     *proxy.Door // nil: not served yet
}

// gatewayNotice is a gateway in the ready file.
type gatewayNotice struct {
	Listen string `json:"listen"`
	Target string `json:"target"`
}

func (g gatewayEntrance) notice() gatewayNotice {
	return gatewayNotice{g.listener.Addr().String(), g.target.Target.String()}
}

func (g gatewayEntrance) proxied() proxy.Gateway {
	return proxy.Gateway{Scheme: g.target.Target.Scheme, Authority: g.target.Target.Host, Path: g.target.Target.EscapedPath()}
}

// openGateways opens a listener for each gateway, or none when one cannot be had.
func openGateways(gateways []scenario.GatewayListener) ([]gatewayEntrance, error) {
	var open []gatewayEntrance
	for _, g := range gateways {
		l, err := listenOn("gateway", g.Listen)
		if err != nil {
			return nil, errors.Join(err, closeGateways(open))
		}
		open = append(open, gatewayEntrance{listener: l, target: g})
	}
	return open, nil
}

func closeGateways(open []gatewayEntrance) error {
	var err error
	for _, g := range open {
		err = errors.Join(err, g.listener.Close())
	}
	return err
}

// parseGateways reads --gateway LISTEN=TARGET.
func parseGateways(flags []string) ([]scenario.GatewayListener, error) {
	var all []scenario.GatewayListener
	for _, flag := range flags {
		listen, target, ok := strings.Cut(flag, "=")
		if !ok {
			return nil, usage("--gateway %q: want LISTEN=TARGET such as 127.0.0.1:9001=https://hooks.example.com", flag)
		}
		g, err := scenario.ParseGateway(listen, target)
		if err != nil {
			return nil, usage("--gateway %q: %w", flag, err)
		}
		all = append(all, g)
	}
	return all, nil
}

// openAuthority opens our CA when CONNECTs may be opened with it; nil otherwise.
func (p *station) openAuthorityFor(rules *scenario.Scenario) error {
	if !rules.NeedsCA() || p.authority.Load() != nil {
		return nil
	}
	authority, err := openCA(p.world, rules.TLS.CADir, "tls.ca_dir in the scenario")
	if err != nil {
		return err
	}
	p.authority.Store(authority)
	return nil
}

// targetRoots are the system's roots, those of target.ca_file, and our own CA, where there is one: faultline receive --tls is a target, too.
func targetRoots(w world, rules *scenario.Scenario) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("read the system's roots: %w", err)
	}
	if dir, err := caFolder(w, rules.TLS.CADir, "tls.ca_dir"); err == nil {
		if own, err := os.ReadFile(filepath.Join(dir, ca.CertificateFile)); err == nil { // else there is none
			pool.AppendCertsFromPEM(own)
		}
	}
	if rules.Target.CAFile == "" {
		return pool, nil
	}
	data, err := os.ReadFile(rules.Target.CAFile)
	if err != nil {
		return nil, usage("target.ca_file: %w", err)
	}
	if !pool.AppendCertsFromPEM(data) {
		return nil, usage("target.ca_file: no certificate in %q, want PEM", rules.Target.CAFile)
	}
	return pool, nil
}

func (p *station) sayEntrances() {
	for _, g := range p.gateways {
		p.term.say("  gateway: http://%s stands for %s", g.listener.Addr(), g.target.Target)
	}
	authority := p.authority.Load()
	if authority == nil {
		return
	}
	if authority.Origin() != ca.Loaded {
		p.term.say("  https:   %s", originText(authority))
	}
	p.term.say("  https:   %s opened with our CA, trusted by whoever uses %s", openedHosts(p.rules), authority.Paths().Bundle)
}

// openedHosts says which connections are opened.
func openedHosts(rules *scenario.Scenario) string {
	hosts := slices.Clone(rules.TLS.Intercept)
	if rules.TLS.Auto {
		hosts = append(hosts, "auto")
	}
	if rules.Certifies() {
		hosts = append(hosts, "what a rule shows a certificate")
	}
	return strings.Join(hosts, ", ")
}
