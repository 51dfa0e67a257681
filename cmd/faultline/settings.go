package main

import (
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
	access        proxy.Access
	allow, deny   scenario.Destinations
	gateways      []scenario.GatewayListener
	gatewaysGiven bool      // by --gateway, which goes before every text of the scenario
	now           time.Time // what the scenario's clock shows at the start; zero: the machine's
	fresh, quiet  bool
	token         string   // that changes by the admin API must bring; "": none
	scenario      string   // as the command line names it; "": none
	intercept     []string // of --intercept, which goes before every text of the scenario; nil: not given
}

// settle merges flags and file. given tells whether a flag, or its variable, was set.
func settle(flags proxyFlags, given func(string) bool, w world, rules *scenario.Scenario) (settings, error) {
	s := settings{listen: flags.listen, admin: flags.admin, logDir: flags.log, fresh: flags.fresh, quiet: flags.quiet, scenario: flags.scenario}
	if given("intercept") {
		s.intercept = flags.intercept
	}
	if !given("listen") {
		s.listen = rules.Proxy.Listen
	}
	if !given("admin") {
		s.admin = rules.Proxy.Admin
	}
	if !given("log") {
		s.logDir = rules.Log.Dir
	}
	if len(flags.command) > 0 {
		s.logDir = filepath.Join(s.logDir, subFolder(time.Now()))
	}
	var err error
	if flags.now != "" {
		var ok bool
		if s.now, ok = rules.ParseTime(flags.now); !ok {
			return s, usage("--now %q: want a date-time such as 2026-11-24T01:59:30 or 2026-11-24T01:59:30Z", flags.now)
		}
	}
	if s.token, err = readToken(flags.adminTokenFile); err != nil {
		return s, err
	}
	if s.gateways, err = parseGateways(flags.gateways); err != nil {
		return s, err
	}
	s.gatewaysGiven = s.gateways != nil
	if err := s.fromFile(rules); err != nil {
		return s, err
	}
	return s, s.guardAddresses(rules.Proxy, flags)
}

// subFolder is the name of a run's own folder: sortable by time.
func subFolder(now time.Time) string { return now.UTC().Format("20060102T150405.000Z") }

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
	s.log = deliveries.Config{Dir: s.logDir, SegmentSize: rules.Log.Segment, Keep: rules.Log.Keep, Sync: sync, Required: rules.Log.Required}
	s.limits = proxy.Limits{
		Header: int(rules.Limits.Header), Body: rules.Limits.Body, Connections: rules.Limits.Connections, Held: rules.Limits.Held, Hold: rules.Limits.Hold,
	}
	s.deliveries = rules.Limits.Deliveries
	s.signs = proxy.Signs(rules.Proxy.Signs)
	s.targetTimeout = rules.Target.Timeout
	s.allow, s.deny = rules.Proxy.Allow, rules.Proxy.Deny
	if s.access, err = accessOf(rules.Proxy); err != nil {
		return err
	}
	if s.gateways == nil {
		s.gateways = rules.Gateways
	}
	return nil
}
