package proxy

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/faultline/faultline/scenario"
)

// ruling is what attempts are decided under: one scenario, and the start of its clock. An attempt keeps the ruling that it began with.
type ruling struct {
	scenario *scenario.Scenario
	label    string // name@hash, for records
	start    atomic.Pointer[time.Time]
}

func newRuling(s *scenario.Scenario, now time.Time) *ruling {
	r := &ruling{scenario: s, label: s.Label()}
	if s.Clock == scenario.ClockStart {
		r.start.Store(&now)
	}
	return r
}

// instant is the moment of a decision. Under the counters' lock: the first attempt starts the clock of a scenario that asks for it.
func (r *ruling) instant(now time.Time) scenario.Instant {
	r.start.CompareAndSwap(nil, &now)
	return scenario.Instant{Now: now, Start: *r.start.Load()}
}

func codeName(status int) string { return strconv.Itoa(status) }
