package proxy

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/scenario"
)

// ruling is what attempts are decided under: one revision of a scenario, and its clock. An attempt keeps the ruling that it began with.
type ruling struct {
	scenario   *scenario.Scenario
	label      string            // name@hash, for records
	revision   int               // its number in this run, from 1
	identities map[string]string // what each rule's counts are kept under
	asksAnswer bool              // of a target: some rule is decided by it
	try        string            // where the sender says which try it is
	created    string            // where it says when
	clock      *clock
}

// clock is what windows, phases and ramps go by. It runs on through all revisions of a scenario.
type clock struct {
	shift  time.Duration // what it is ahead of ours
	start  atomic.Pointer[time.Time]
	phases atomic.Pointer[time.Time] // when the first phase would have begun, after a jump; nil: with the start
	began  func()                    // is told when it starts
}

func newRuling(s *scenario.Scenario, revision int, c *clock) *ruling {
	return &ruling{
		scenario: s, label: s.Label(), revision: revision, identities: s.Identities(), asksAnswer: s.AsksAnswer(),
		try: s.TrySource(), created: s.CreatedSource(), clock: c,
	}
}

// begin starts the clock, unless it runs already.
func (c *clock) begin(now time.Time) {
	if c.start.Load() != nil {
		return
	}
	start := c.shifted(now)
	if c.start.CompareAndSwap(nil, &start) {
		c.began()
	}
}

// instant is a moment by this clock.
func (c *clock) instant(now time.Time) scenario.Instant {
	at := scenario.Instant{Now: c.shifted(now)}
	if start := c.start.Load(); start != nil {
		at.Start = *start
	}
	if phases := c.phases.Load(); phases != nil {
		at.Phases = *phases
	}
	return at
}

// shifted is a moment of ours as this clock shows it.
func (c *clock) shifted(t time.Time) time.Time { return t.Add(c.shift) }

// ours is what our clock shows when this one shows t.
func (c *clock) ours(t time.Time) time.Time { return t.Add(-c.shift) }

// decide is the decision at this moment, and counts it; at is the moment by our clock. Under the counters' lock.
func (r *ruling) decide(tx *counters.Tx, subj *scenario.Subject, matching scenario.Matching) (d scenario.Decision, at time.Time) {
	now, all := r.now(), &counts{tx, r.identities}
	return counted(all, r.scenario.Decide(subj, matching, all, now), now), r.clock.ours(now.Now)
}

// decideAnswer takes a decision up again when the target has answered, and counts what that adds. Under the counters' lock.
func (r *ruling) decideAnswer(tx *counters.Tx, subj *scenario.Subject, matching scenario.Matching, before scenario.Decision) (d scenario.Decision, at time.Time) {
	now, all := r.now(), &counts{tx, r.identities}
	return counted(all, r.scenario.DecideAnswer(subj, matching, before, all, now), now), r.clock.ours(now.Now)
}

// now is this moment by the scenario's clock, which the first decision starts where it asks for that. It is taken under the counters' lock: what is decided
// later is never counted in an earlier window.
func (r *ruling) now() scenario.Instant {
	now := time.Now()
	r.clock.begin(now)
	return r.clock.instant(now)
}

// counted is the decision, when the counters were moved as it says.
func counted(all *counts, d scenario.Decision, at scenario.Instant) scenario.Decision {
	d.Count(all, at.Now)
	return d
}

// counts are what was counted of a revision's rules: a rule that is in several revisions with an equal table is one rule.
type counts struct {
	tx         *counters.Tx
	identities map[string]string
}

func (c *counts) Matched(rule string) uint64 { return c.tx.Matched(c.identities[rule]) }
func (c *counts) Fired(rule string, since time.Time) uint64 {
	return c.tx.Fired(c.identities[rule], since)
}
func (c *counts) Ahead(rule, name string) []time.Time { return c.tx.Ahead(c.identities[rule], name) }
func (c *counts) Match(rule string)                   { c.tx.Match(c.identities[rule]) }
func (c *counts) Fire(rule string, since time.Time)   { c.tx.Fire(c.identities[rule], since) }
func (c *counts) Keep(rule, name string, ahead []time.Time, now time.Time) {
	c.tx.Keep(c.identities[rule], name, ahead, now)
}

func codeName(status int) string { return strconv.Itoa(status) }
