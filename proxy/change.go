package proxy

import (
	"time"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
)

// change makes a change between two decisions, has the listeners follow, and writes down what it was, with its place among the decisions. make reports whether
// anything was changed; the moment that it is given is the change's own.
func (s *Server) change(what deliveries.Change, make func(tx *counters.Tx, now time.Time) bool) (changed bool) {
	s.cfg.Counters.Do(func(tx *counters.Tx) {
		what.Start = time.Now()
		if changed = make(tx, what.Start); changed {
			what.Order = tx.Turn()
		}
	})
	if !changed {
		return false
	}
	s.turnDoors()
	s.append(&what, nil)
	return true
}

// LiftFaults turns all faults off: what is held goes on at once, later attempts are forwarded, numbered and recorded.
func (s *Server) LiftFaults() { s.switchFaults(false, s.faults.lift) }

// RestoreFaults turns them on again.
func (s *Server) RestoreFaults() { s.switchFaults(true, s.faults.restore) }

func (s *Server) switchFaults(on bool, turn func() bool) {
	s.change(deliveries.Change{What: deliveries.ChangedFaults, On: &on}, func(*counters.Tx, time.Time) bool { return turn() })
}

// JumpTo begins a phase now; what follows it follows. False: there is no such phase.
func (s *Server) JumpTo(phase string) bool {
	return s.change(deliveries.Change{What: deliveries.ChangedPhase, Phase: phase}, func(_ *counters.Tx, now time.Time) bool {
		begun, known := s.ruling.Load().scenario.PhasesFrom(phase, s.clock.shifted(now))
		if known {
			s.clock.begin(now)
			s.clock.phases.Store(&begun)
		}
		return known
	})
}

// RestartClock lets windows, phases and ramps begin anew: now, or with the next attempt where the scenario says so.
func (s *Server) RestartClock() {
	s.change(deliveries.Change{What: deliveries.ChangedClock}, func(_ *counters.Tx, now time.Time) bool {
		s.clock.phases.Store(nil)
		s.clock.start.Store(nil)
		if s.ruling.Load().scenario.Clock == scenario.ClockStart {
			s.clock.begin(now)
		}
		return true
	})
}
