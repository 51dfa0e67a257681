package main

import (
	"net"
	"path/filepath"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/proxy"
	"github.com/faultline/faultline/scenario"
)

// settings are what a proxy runs with: a flag or its variable, else the scenario file, else the default.
type settings struct {
	listen, admin string
	logDir        string
	log           deliveries.Config
	bodies        deliveries.BodyPolicy
	redact        *deliveries.Redactor
	limits        proxy.Limits
	deliveries    int
	signs         proxy.Signs
	targetTimeout time.Duration
	fresh, quiet  bool
}

// settle merges flags and file. given tells whether a flag, or its variable, was set.
func settle(flags proxyFlags, given func(string) bool, w world, rules *scenario.Scenario) (settings, error) {
	s := settings{listen: flags.listen, admin: flags.admin, logDir: flags.log, fresh: flags.fresh, quiet: flags.quiet}
	if !given("listen") {
		s.listen = rules.Proxy.Listen
	}
	if !given("admin") {
		s.admin = rules.Proxy.Admin
	}
	if !given("log") {
		s.logDir = rules.Log.Dir
	}
	if err := guardListen("listen", s.listen, rules.Proxy.Open); err != nil {
		return s, err
	}
	if err := guardListen("admin", s.admin, false); err != nil {
		return s, err
	}
	if len(flags.command) > 0 {
		s.logDir = filepath.Join(s.logDir, subFolder(time.Now()))
	}
	return s, s.fromFile(rules)
}

// subFolder is the name of a run's own folder: sortable by time.
func subFolder(now time.Time) string { return now.UTC().Format("20060102T150405.000Z") }

// guardListen refuses an address that others can reach, unless the file opens it.
func guardListen(flag, address string, open bool) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return usage("--%s %q: want HOST:PORT", flag, address)
	}
	ip := net.ParseIP(host)
	if open || host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	if flag == "admin" {
		return usage("--admin %s: the admin listener stays on loopback in this version, e.g. 127.0.0.1:9128", address)
	}
	return usage("--listen %s: anybody who reaches that address could use the proxy; listen on 127.0.0.1, or say in the scenario file\n  [proxy]\n  open = true",
		address)
}

// fromFile takes what only the file can say.
func (s *settings) fromFile(rules *scenario.Scenario) error {
	sync, err := deliveries.ParseSync(rules.Log.Sync)
	if err != nil {
		return usage("log.sync: %w", err)
	}
	if s.bodies, err = deliveries.ParseBodyPolicy(rules.Log.Bodies); err != nil {
		return usage("log.bodies: %w", err)
	}
	if s.redact, err = deliveries.NewRedactor(rules.Log.Redact); err != nil {
		return usage("log.redact: %w", err)
	}
	s.log = deliveries.Config{Dir: s.logDir, SegmentSize: rules.Log.Segment, Sync: sync, Required: rules.Log.Required}
	s.limits = proxy.Limits{
		Header: int(rules.Limits.Header), Body: rules.Limits.Body, Connections: rules.Limits.Connections, Held: rules.Limits.Held, Hold: rules.Limits.Hold,
	}
	s.deliveries = rules.Limits.Deliveries
	s.signs = proxy.Signs(rules.Proxy.Signs)
	s.targetTimeout = rules.Target.Timeout
	return nil
}
