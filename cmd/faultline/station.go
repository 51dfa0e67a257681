package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/faultline/faultline/ca"
	"github.com/faultline/faultline/console"
	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/proxy"
	"github.com/faultline/faultline/scenario"
	"github.com/faultline/faultline/trial"
)

// station is a running proxy with its log, its counters and its admin listener.
type station struct {
	world     world
	settings  settings
	rules     *scenario.Scenario
	run       string
	started   time.Time
	listen    string
	reach     string // listen, as a client on this machine reaches it
	admin     string
	term      *terminal
	logger    *slog.Logger
	entrance  *net.TCPListener // the proxy's own
	gateways  []gatewayEntrance
	authority atomic.Pointer[ca.Authority] // nil: no CONNECT is opened
	targets   *x509.CertPool               // nil: the system's roots
	notes     []string                     // what there is to say of the log, once the first line is out
	unread    []string                     // lines of it that cannot be

	writer    *deliveries.Writer
	counters  *counters.Table
	server    *proxy.Server
	revisions *revisions
	metrics   *console.Metrics
	recent    *console.Recent
	console   *console.Server
	observed  observedHosts
	tally     *trial.Tally // nil: it is no trial
	also      []string     // hosts of webhooks beside those of the scenario
	// interrupted says that the worker was told to end: what it still had to do is waiting in its queue.
	interrupted bool
	failed      chan error // a listener's end that nobody asked for

	// ballast is memory that is never touched, and so takes none: the collector lets a heap grow by its own size before it runs, and that of a quiet proxy is so small
	// that it ran for every few hundred attempts. It was a fifth of what an attempt costs.
	ballast []byte
}

const ballastSize = 32 << 20 // bytes

// startStation opens everything, and serves all but senders. Whatever it opened it closes again when a later part cannot be had.
func startStation(set settings, rules *scenario.Scenario, w world) (_ *station, err error) {
	p := &station{
		world: w, settings: set, rules: rules, run: uuid.Must(uuid.NewV7()).String(), started: time.Now(), term: newTerminal(w, set.quiet), logger: newLogger(w),
		recent: console.NewRecent(), failed: make(chan error, 1), ballast: make([]byte, ballastSize),
	}
	p.revisions = newRevisions(p)
	if err := p.openAuthorityFor(rules); err != nil {
		return nil, err
	}
	if p.targets, err = targetRoots(w, rules); err != nil {
		return nil, err
	}
	proxyListener, err := listenOn("listen", set.listen)
	if err != nil {
		return nil, err
	}
	adminListener, err := listenOn("admin", set.admin)
	if err != nil {
		return nil, errors.Join(err, proxyListener.Close())
	}
	if p.gateways, err = openGateways(set.gateways); err != nil {
		return nil, errors.Join(err, proxyListener.Close(), adminListener.Close())
	}
	p.listen, p.admin = proxyListener.Addr().String(), adminListener.Addr().String()
	if p.reach, err = clientAddress(p.listen); err != nil {
		return nil, errors.Join(err, proxyListener.Close(), adminListener.Close(), closeGateways(p.gateways))
	}
	p.metrics = console.NewMetrics(p.shown())
	p.counters = counters.New(counters.Config{Limit: set.deliveries, ForgetAfter: rules.Delivery.ForgetAfter, Forgotten: p.metrics.Forgotten})
	if err := p.openLog(); err != nil {
		return nil, errors.Join(err, proxyListener.Close(), adminListener.Close(), closeGateways(p.gateways))
	}
	p.build()
	p.declare(p.rules)
	p.entrance = proxyListener
	go p.serve(func() error { return p.console.Serve(adminListener) })
	return p, nil
}

// letIn serves senders. It, or letInto, must be called once, before close.
func (p *station) letIn() {
	go p.serve(p.server.Open(p.entrance).Serve)
	p.serveGateways(p.gateways)
}

// letInto serves senders that send to an endpoint of ours.
func (p *station) letInto(r proxy.Receiver) {
	go p.serve(p.server.OpenReceiver(p.entrance, r).Serve)
	p.serveGateways(p.gateways)
}

func (p *station) serve(f func() error) {
	err := f()
	if err == nil {
		return
	}
	select {
	case p.failed <- err:
	default: // the first is enough to end the run
	}
}

// openLog opens the log folder and reads what an earlier run left open in it.
func (p *station) openLog() error {
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("name of this machine: %w", err)
	}
	cfg := p.settings.log
	cfg.Proxy, cfg.Run = host, p.run
	cfg.Written = p.recent.Observe
	cfg.Synced = func(d time.Duration) { p.metrics.Synced(d) }
	cfg.Health, cfg.Removed = p.logHealth, p.logRemoved
	cfg.Seal, cfg.Sealed = true, p.logSealed
	writer, torn, err := deliveries.OpenWriter(cfg, p.runRecord(p.rules))
	if err != nil {
		return usage("--log %s: %w", p.settings.logDir, err)
	}
	p.writer = writer
	for _, line := range torn {
		p.notes = append(p.notes, line.String())
	}
	if err := p.resume(); err != nil {
		return errors.Join(usage("--log %s: %w", p.settings.logDir, err), p.closeLog())
	}
	return nil
}

// logHealth says when the log cannot be written, and when it can again.
func (p *station) logHealth(err error) {
	if err != nil {
		p.logger.Error("log cannot be written", "error", err)
		return
	}
	p.logger.Info("log can be written again")
}

// logSealed says which segment could not be compressed; that one was is nothing to say.
func (p *station) logSealed(segment string, _ int64, err error) {
	if err != nil {
		p.logger.Warn("log segment stays uncompressed until the next start", "segment", segment, "error", err)
	}
}

// logRemoved says which part of the log log.keep has cost.
func (p *station) logRemoved(segment string, bytes int64, err error) {
	if err != nil {
		p.logger.Error("log segment beyond log.keep cannot be removed", "segment", segment, "bytes", bytes, "error", err)
		return
	}
	p.logger.Info("log segment removed, as log.keep says", "segment", segment, "bytes", bytes)
}

// build makes what serves out of what was opened.
func (p *station) build() {
	var accepts func() error
	if p.rules.Log.Required {
		accepts = p.writer.Err
	}
	p.server = proxy.New(proxy.Config{
		Name: "faultline-" + p.run[len(p.run)-8:], Run: p.run,
		Journal: p.writer, Observer: p, Counters: p.counters, Redact: p.settings.redact, Bodies: p.settings.bodies,
		Start: p.started, Shift: p.shift(), Limits: p.settings.limits, Signs: p.settings.signs, TargetTimeout: p.settings.targetTimeout, Guarded: []string{p.admin},
		Access: p.settings.access, Allow: p.settings.allow, Deny: p.settings.deny,
		Accepts: accepts, Targets: p.targets, Unverified: p.rules.Target.Insecure, Parent: p.rules.Target.Proxy, Leaf: p.leaf, Flawed: p.flawed,
		Refused: p.metrics.Refused, Unseen: p.unseen, Log: p.logger,
	}, p.rules)
	p.console = console.NewServer(p.metrics)
}

// shift is what the scenario's clock is ahead of the machine's.
func (p *station) shift() time.Duration {
	if p.settings.now.IsZero() {
		return 0
	}
	return p.settings.now.Sub(p.started)
}

// leaf makes certificates for opened CONNECTs.
func (p *station) leaf(host string) (*tls.Certificate, error) {
	authority := p.authority.Load()
	if authority == nil {
		return nil, errNoAuthority
	}
	return authority.Leaf(host)
}

// flawed makes certificates that no client should accept.
func (p *station) flawed(host string, flaw ca.Flaw) (*tls.Certificate, error) {
	authority := p.authority.Load()
	if authority == nil {
		return nil, errNoAuthority
	}
	return authority.Flawed(host, flaw)
}

// errNoAuthority is for what cannot be: a CONNECT is opened only under a scenario that asks for it, and that has our CA opened first.
var errNoAuthority = errors.New("our CA is not open")

// close drains, for as long as ctx lasts at most, and ends what startStation began. Lost records are an internal error.
func (p *station) close(ctx context.Context, drain time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, drain)
	defer cancel()
	p.server.Shutdown(ctx)
	p.term.flush()
	err := errors.Join(p.console.Close(), p.closeLog())
	if err != nil {
		return exit{exitInternal, err}
	}
	if lost := p.writer.Stats().Lost; lost > 0 {
		return exit{exitInternal, fmt.Errorf("%d log records were lost", lost)}
	}
	return nil
}

// closeWait bounds the last sync of the log.
const closeWait = 10 * time.Second

func (p *station) closeLog() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	return p.writer.Close(ctx)
}

// Observe shows a record to the metrics and to the terminal.
func (p *station) Observe(record deliveries.Record, fired []scenario.Firing) {
	p.metrics.Observe(record, firings(fired))
	p.count(record)
	switch r := record.(type) {
	case *deliveries.Attempt:
		p.term.attempt(r)
		p.observed.saw(r.Host)
	case *deliveries.Connect:
		p.term.connect(r)
	}
}

func firings(fired []scenario.Firing) []console.Firing {
	var pairs []console.Firing
	for _, f := range fired {
		for _, kind := range f.Faults {
			pairs = append(pairs, console.Firing{Rule: f.Rule, Fault: kind})
		}
	}
	return pairs
}

// Passed counts a request that was no webhook.
func (p *station) Passed(host string) {
	p.metrics.Passed(host)
	p.count(&deliveries.Other{Host: host, Count: 1})
}

// Waited counts an injected delay.
func (p *station) Waited(rule string, d time.Duration) { p.metrics.Waited(rule, d) }

// unseen says, once per host, that rules cannot act on it while it is only tunnelled.
func (p *station) unseen(address string, rules int) {
	host := strings.TrimSuffix(address, ":443")
	p.term.say("%s CONNECT %s passed unseen: %s to look inside; add --intercept %s",
		time.Now().Format(time.TimeOnly), address, needs(rules), host)
}

func needs(rules int) string {
	if rules == 1 {
		return "1 rule needs"
	}
	return fmt.Sprintf("%d rules need", rules)
}
