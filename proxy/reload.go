package proxy

import (
	"maps"
	"slices"
	"time"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
)

// Reload puts another revision of the scenario into force: attempts that come from now on are decided under it, those under way keep theirs. Rules of the
// same name and an equal table keep their counts, and the clock runs on. For one caller at a time.
func (s *Server) Reload(rules *scenario.Scenario) {
	s.put(rules, deliveries.Change{What: deliveries.ChangedScenario, Scenario: rules.Label()})
}

// EnableRule leaves a rule out, or lets it in again, until the next Reload; its counts stay. It gives what is now in force. False: there is no such rule. For
// one caller of it and of Reload at a time.
func (s *Server) EnableRule(rule string, on bool) (*scenario.Scenario, bool) {
	next, known := s.ruling.Load().scenario.WithEnabled(rule, on)
	if known {
		s.put(next, deliveries.Change{What: deliveries.ChangedRule, Rule: rule, On: &on})
	}
	return next, known
}

// put puts the next revision into force.
func (s *Server) put(rules *scenario.Scenario, change deliveries.Change) {
	change.Revision = s.ruling.Load().revision + 1
	next := newRuling(rules, change.Revision, s.clock)
	s.change(change, func(tx *counters.Tx, _ time.Time) bool {
		if rules.Clock == scenario.ClockStart {
			s.clock.begin(s.cfg.Start)
		}
		s.ruling.Store(next)
		tx.Retain(slices.Collect(maps.Values(next.identities)), rules.Delivery.ForgetAfter)
		return true
	})
}

// Phase is the phase that is on, and since when by the scenario's clock; "" between phases, and without any.
func (s *Server) Phase() (name string, since time.Time) {
	return s.ruling.Load().scenario.PhaseAt(s.clock.instant(time.Now()))
}

// RuleCounts are how often a rule's match has held, and how often it has fired.
type RuleCounts struct{ Matched, Fired uint64 }

// RuleCounts gives those of the rules in force, by name.
func (s *Server) RuleCounts() map[string]RuleCounts {
	all := make(map[string]RuleCounts)
	s.cfg.Counters.Do(func(tx *counters.Tx) {
		for rule, identity := range s.ruling.Load().identities {
			all[rule] = RuleCounts{Matched: tx.Matched(identity), Fired: tx.Fired(identity, time.Time{})}
		}
	})
	return all
}

// FaultsLifted reports whether faults are off.
func (s *Server) FaultsLifted() bool {
	off, _ := s.faults.lifted()
	return off
}
