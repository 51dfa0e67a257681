package main

import (
	"strings"

	"github.com/faultline/faultline/console"
	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// shown is what the admin listener asks the station for.
func (p *station) shown() console.Config {
	return console.Config{
		Version:        version,
		Deliveries:     p.settings.deliveries,
		Live:           func() console.Live { return console.Live(p.server.Live()) },
		OpenDeliveries: func() int { return p.counters.Open() },
		Log: func() console.LogStats {
			stats := p.writer.Stats()
			return console.LogStats{Records: stats.Records, Lost: stats.Lost, Bytes: stats.Bytes}
		},
		// It listens and has its scenario before the admin listener answers.
		Ready:   func() console.Readiness { return console.Readiness{Log: p.writer.Err()} },
		Control: p.revisions,
		Recent:  p.recent,
		Token:   p.settings.token,
		Logger:  p.logger,
	}
}

// declare makes every series exist that the scenario names.
func (p *station) declare(rules *scenario.Scenario) {
	p.metrics.Scenario(rules.Name, rules.Hash)
	names := console.Names{Placements: []string{string(scenario.Forward)}}
	if p.authority.Load() != nil {
		names.Placements = append(names.Placements, string(scenario.Intercept))
	}
	if len(p.gateways) > 0 {
		names.Placements = append(names.Placements, string(scenario.Gateway))
	}
	for _, glob := range rules.Hosts() {
		if !strings.ContainsAny(glob, "*?[{") {
			names.Hosts = append(names.Hosts, glob)
		}
	}
	for _, rule := range rules.Rules {
		for _, f := range rule.Injections() {
			names.Firings = append(names.Firings, console.Firing{Rule: rule.Name, Fault: f.Kind})
			names.Codes = append(names.Codes, codesOf(f.Fault)...)
		}
	}
	p.metrics.Declare(names)
}

// codesOf are the statuses that a fault answers with, told by its plan.
func codesOf(f faults.Fault) []int {
	if drawn, ok := f.(faults.Drawn); ok && drawn.Draws() {
		return nil // it depends on a draw, and none of those that do answers
	}
	if refusing, ok := f.(faults.Refusing); ok {
		return []int{refusing.Refusal().Status}
	}
	var codes []int
	for _, part := range f.Parts(faults.Occasion{}) {
		if answer, ok := part.Step.(faults.Answer); ok {
			codes = append(codes, answer.Status)
		}
	}
	return codes
}
