package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/faultline/faultline/console"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
)

// revisions puts texts of the scenario into force while the proxy runs, one after another: from its file, and from the admin API. All of a text comes into
// force, or nothing of it.
type revisions struct {
	station *station
	builtIn bool // the scenario was no file at the start

	mu    sync.Mutex
	read  string             // the file's text when it was last read: a change is told by that, whatever is in force
	rules *scenario.Scenario // in force

	unreadable string // why its file cannot be read; "": it can
}

func newRevisions(p *station) *revisions {
	return &revisions{station: p, builtIn: !isFile(p.settings.scenario), read: p.rules.Text, rules: p.rules}
}

// arg is the scenario as the command line names it; "": none.
func (v *revisions) arg() string { return v.station.settings.scenario }

// fromFile puts the file's text into force, when it was changed since it was last read, or in any case (always). What is wrong with it is said, and counted.
func (v *revisions) fromFile(always bool) {
	if v.arg() == "" || v.arg() == "-" {
		v.failed("the scenario", errors.New("it was read from no file"))
		return
	}
	read := readFile // a built-in of this name must not take the place of a file that is gone
	if v.builtIn {
		read = builtIn
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	src, err := read(v.arg())
	if err != nil {
		if said := err.Error(); always || said != v.unreadable { // once: whatever happens in its folder leads here
			v.failed(v.arg(), err)
			v.unreadable = said
		}
		return
	}
	v.unreadable = ""
	defer src.close()
	if src.text == v.read && !always {
		return
	}
	v.read = src.text
	restart, err := v.replace(src)
	if err != nil {
		v.failed(v.arg(), err)
		return
	}
	v.station.term.say("%s %s reloaded: %s, seed %d", time.Now().Format(time.TimeOnly), v.arg(), counted(len(v.rules.Rules), "rule"), v.rules.Seed)
	v.station.sayWarnings(v.rules)
	if len(restart) > 0 {
		v.station.term.say("  %s in %s: changed, and in force after a restart", strings.Join(restart, ", "), v.arg())
	}
}

// failed says why a text did not come into force.
func (v *revisions) failed(what string, err error) {
	v.station.metrics.Reloaded(err)
	v.station.logger.Error("scenario not reloaded, the one in force stays", "scenario", what, "error", err)
}

// replace puts a text into force. restart names the tables that need more than that. v.mu is held.
func (v *revisions) replace(src source) (restart []string, err error) {
	next, problems := scenario.Parse(src.name, src.text, src.files)
	if len(problems) > 0 {
		return nil, invalid(problems)
	}
	if !next.SeedGiven {
		next = next.WithSeed(v.rules.Seed) // a drawn seed stays
	}
	if intercept := v.station.settings.intercept; intercept != nil {
		if next, err = next.WithIntercept(intercept); err != nil {
			return nil, fmt.Errorf("--intercept: %w", err)
		}
	}
	if err := v.station.enforce(next); err != nil {
		return nil, err
	}
	restart = v.rules.Restarts(next)
	v.rules = next
	v.station.metrics.Reloaded(nil)
	return restart, nil
}

// enforce has all that follows a scenario follow this one: the log first, as it explains the attempts to come.
func (p *station) enforce(next *scenario.Scenario) error {
	if err := p.openAuthorityFor(next); err != nil {
		return err
	}
	gateways, err := p.prepareGateways(next)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	run := p.runRecord(next)
	run.Start = time.Now()
	if err := p.writer.Reload(ctx, run); err != nil {
		return errors.Join(fmt.Errorf("write the scenario to the log: %w", err), gateways.cancel())
	}
	p.server.Reload(next)
	if err := p.exchangeGateways(gateways); err != nil {
		p.logger.Error("gateways do not follow the scenario", "error", err)
	}
	p.declare(next)
	return nil
}

// Scenario is the text in force.
func (v *revisions) Scenario() console.Revision {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.revision()
}

func (v *revisions) revision() console.Revision {
	sum := sha256.Sum256([]byte(v.rules.Text))
	return console.Revision{
		Name: v.rules.Name, Text: v.rules.Text, Tag: hex.EncodeToString(sum[:])[:12], Seed: v.rules.Seed, Rules: len(v.rules.Rules),
	}
}

// Replace puts a text into force that came by the admin API. It is not written to the file; paths in it are read from the file's folder.
func (v *revisions) Replace(text, ifTag string, restartClock bool) (console.Revision, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if ifTag != "" && ifTag != v.revision().Tag {
		return console.Revision{}, console.ErrChanged
	}
	src, err := sourceBeside(v.arg(), text)
	if err != nil {
		return console.Revision{}, err
	}
	defer src.close()
	restart, err := v.replace(src)
	if err != nil {
		v.failed("PUT", err)
		return console.Revision{}, asInvalid(err)
	}
	if restartClock {
		v.station.server.RestartClock()
	}
	put := v.revision()
	put.Restart = restart
	v.station.term.say("%s scenario replaced by the admin API: %s, seed %d", time.Now().Format(time.TimeOnly), counted(put.Rules, "rule"), v.rules.Seed)
	return put, nil
}

// asInvalid is the error as the admin API tells it.
func asInvalid(err error) error {
	var problems invalid
	if !errors.As(err, &problems) {
		return err
	}
	lines := make(console.Invalid, len(problems))
	for i, p := range problems {
		lines[i] = p.Error()
	}
	return lines
}

// Rules are those in force, with what was counted of them.
func (v *revisions) Rules() []console.Rule {
	v.mu.Lock()
	defer v.mu.Unlock()
	counts := v.station.server.RuleCounts()
	all := make([]console.Rule, len(v.rules.Rules))
	for i, r := range v.rules.Rules {
		all[i] = console.Rule{Name: r.Name, Enabled: r.Enabled, Faults: kindsOf(r), Matched: counts[r.Name].Matched, Fired: counts[r.Name].Fired}
	}
	return all
}

func kindsOf(r scenario.Rule) []string {
	kinds := []string{}
	for _, f := range r.Injections() {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}

// Enable leaves a rule out, or lets it in again, until another text comes into force.
func (v *revisions) Enable(rule string, enabled bool) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	next, known := v.station.server.EnableRule(rule, enabled)
	if !known {
		return false
	}
	v.rules = next
	v.station.term.say("%s rule %q %s by the admin API", time.Now().Format(time.TimeOnly), rule, map[bool]string{true: "let in", false: "left out"}[enabled])
	return true
}

// Phase is the one that is on.
func (v *revisions) Phase() console.Phase {
	v.mu.Lock()
	defer v.mu.Unlock()
	var p console.Phase
	for _, phase := range v.rules.Phases {
		p.Names = append(p.Names, phase.Name)
	}
	name, since := v.station.server.Phase()
	if p.Name = name; name != "" {
		p.Since = &since
	}
	return p
}

// Jump begins a phase now.
func (v *revisions) Jump(phase string) bool {
	known := v.station.server.JumpTo(phase)
	if known {
		v.station.term.say("%s phase %q begun by the admin API", time.Now().Format(time.TimeOnly), phase)
	}
	return known
}

// FaultsOn reports whether faults are injected.
func (v *revisions) FaultsOn() bool { return !v.station.server.FaultsLifted() }

// SwitchFaults is the kill switch.
func (v *revisions) SwitchFaults(on bool) {
	if on {
		v.station.server.RestoreFaults()
	} else {
		v.station.server.LiftFaults()
	}
	v.station.term.say("%s faults %s by the admin API", time.Now().Format(time.TimeOnly), map[bool]string{true: "on", false: "off"}[on])
}

var _ console.Control = (*revisions)(nil)

// runRecord is the line that explains a segment: what ran, under which scenario.
func (p *station) runRecord(rules *scenario.Scenario) deliveries.Run {
	return deliveries.Run{
		Start: p.started, Version: version, Seed: rules.Seed, Now: p.settings.now,
		Scenario: deliveries.ScenarioText{Name: rules.Name, Hash: rules.Hash, Text: rules.Text},
	}
}
