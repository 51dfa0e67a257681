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

// decide is the decision at this moment, and counts it. Under the counters' lock.
func (r *ruling) decide(tx *counters.Tx, subj *scenario.Subject, matching scenario.Matching) scenario.Decision {
	at := r.now()
	return counted(tx, r.scenario.Decide(subj, matching, tx, at), at)
}

// decideAnswer takes a decision up again when the target has answered, and counts what that adds. Under the counters' lock.
func (r *ruling) decideAnswer(tx *counters.Tx, subj *scenario.Subject, matching scenario.Matching, before scenario.Decision) scenario.Decision {
	at := r.now()
	return counted(tx, r.scenario.DecideAnswer(subj, matching, before, tx, at), at)
}

// now is this moment by the scenario's clock, which the first decision starts where it asks for that. It is taken under the counters' lock: what is decided
// later is never counted in an earlier window.
func (r *ruling) now() scenario.Instant {
	now := time.Now()
	r.begin(now)
	return r.instant(now)
}

// counted is the decision, when the counters were moved as it says.
func counted(tx *counters.Tx, d scenario.Decision, at scenario.Instant) scenario.Decision {
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
