package proxy

import (
	"maps"
	"slices"
	"time"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/scenario"
)

// Reload puts another revision of the scenario into force: attempts that come from now on are decided under it, those under way keep theirs. Rules of the
// same name and an equal table keep their counts, and the clock runs on. For one caller at a time.
func (s *Server) Reload(rules *scenario.Scenario) {
	next := newRuling(rules, s.clock)
	if rules.Clock == scenario.ClockStart {
		s.clock.begin(s.cfg.Start)
	}
	s.cfg.Counters.Do(func(tx *counters.Tx) {
		s.ruling.Store(next)
		tx.Retain(slices.Collect(maps.Values(next.identities)), rules.Delivery.ForgetAfter)
	})
	s.turnDoors()
}

// RestartClock lets windows, phases and ramps begin anew: now, or with the next attempt where the scenario says so.
func (s *Server) RestartClock() {
	s.clock.phases.Store(nil)
	s.clock.start.Store(nil)
	if s.ruling.Load().scenario.Clock == scenario.ClockStart {
		s.clock.begin(time.Now())
	}
	s.turnDoors()
}

// Phase is the phase that is on, and since when by the scenario's clock; "" between phases, and without any.
func (s *Server) Phase() (name string, since time.Time) {
	return s.ruling.Load().scenario.PhaseAt(s.clock.instant(time.Now()))
}

// JumpTo begins a phase now; what follows it follows. False: there is no such phase.
func (s *Server) JumpTo(phase string) bool {
	now := time.Now()
	begun, known := s.ruling.Load().scenario.PhasesFrom(phase, s.clock.shifted(now))
	if known {
		s.clock.begin(now)
		s.clock.phases.Store(&begun)
		s.turnDoors()
	}
	return known
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
