package proxy

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/scenario"
)

// ruling is what attempts are decided under: one scenario, and the start of its clock. An attempt keeps the ruling that it began with.
type ruling struct {
	scenario *scenario.Scenario
	label    string        // name@hash, for records
	shift    time.Duration // what its clock is ahead of ours
	start    atomic.Pointer[time.Time]
}

func newRuling(s *scenario.Scenario, now time.Time, shift time.Duration) *ruling {
	r := &ruling{scenario: s, label: s.Label(), shift: shift}
	if s.Clock == scenario.ClockStart {
		r.begin(now)
	}
	return r
}

// begin starts the clock, unless it runs already.
func (r *ruling) begin(now time.Time) {
	start := r.shifted(now)
	r.start.CompareAndSwap(nil, &start)
}

// instant is a moment by the scenario's clock.
func (r *ruling) instant(now time.Time) scenario.Instant {
	at := scenario.Instant{Now: r.shifted(now)}
	if start := r.start.Load(); start != nil {
		at.Start = *start
	}
	return at
}

// shifted is a moment of ours as the scenario's clock shows it.
func (r *ruling) shifted(t time.Time) time.Time { return t.Add(r.shift) }

// decide is the decision at this moment, and counts it. The first one starts the clock of a scenario that asks for it. Under the counters' lock, and the
// time is taken under it: what is decided later is never counted in an earlier window.
func (r *ruling) decide(tx *counters.Tx, subj *scenario.Subject, matching scenario.Matching) scenario.Decision {
	now := time.Now()
	r.begin(now)
	at := r.instant(now)
	d := r.scenario.Decide(subj, matching, tx, at)
	fired := make([]counters.Firing, len(d.Fired))
	for i, f := range d.Fired {
		fired[i] = counters.Firing{Rule: f.Rule, Since: f.Since}
	}
	tx.Count(d.Matched, fired)
	for _, k := range d.Kept {
		tx.Keep(k.Rule, k.Name, k.Ahead, at.Now)
	}
	return d
}

func codeName(status int) string { return strconv.Itoa(status) }
