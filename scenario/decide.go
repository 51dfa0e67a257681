package scenario

import (
	"time"

	"github.com/faultline/faultline/faults"
)

// Matching is which enabled rules an attempt matches. It is worked out before the counters are locked.
type Matching struct {
	rules  []*Rule
	unseen int
}

// Matching finds the enabled rules whose match holds for the attempt. At Connect they are only those that can be decided there.
func (s *Scenario) Matching(subj *Subject) Matching {
	v := look(subj)
	var m Matching
	for i := range s.Rules {
		switch r := &s.Rules[i]; {
		case !r.Enabled:
		case subj.Moment == Request:
			if r.Match.miss(v) == "" {
				m.rules = append(m.rules, r)
			}
		case r.Match.missConnection(v) != "":
		case r.decidedAtConnect():
			m.rules = append(m.rules, r)
		case len(r.all()) > 0:
			m.unseen++
		}
	}
	return m
}

// Decide says what is to be done to an attempt, by the rules that it matches, what was counted before, and the time: nothing else. The rules are read from
// top to bottom until one that fires ends the reading. subj's Key, Attempt, Acknowledged and First must be set. Safe for concurrent use; Counts is read
// during the call only, and the caller moves it as Decision says.
func (s *Scenario) Decide(subj *Subject, m Matching, counts Counts, at Instant) Decision {
	d := Decision{Unseen: m.unseen}
	var parts []faults.Part
	deliverFirst := false
	reading := true
	for _, r := range m.rules {
		d.Matched = append(d.Matched, r.Name)
		if !reading {
			continue
		}
		c := &circumstance{subj: subj, at: at, seed: s.Seed, rule: r.Name, nth: counts.Matched(r.Name) + 1, fired: counts.Fired(r.Name)}
		miss, opened := r.When.miss(c)
		if miss != "" {
			continue
		}
		injected := r.picked(c)
		d.Fired = append(d.Fired, firing(r.Name, injected))
		parts = append(parts, partsOf(injected, c, at.Now.Sub(opened))...)
		deliverFirst = deliverFirst || r.DeliverFirst
		reading = !r.stops(injected)
	}
	d.Plan = faults.Compile(parts, deliverFirst)
	return d
}

// firing says which faults a rule brought.
func firing(rule string, injected []Injection) Firing {
	var kinds []string
	for _, f := range injected {
		kinds = append(kinds, f.Kind)
	}
	return Firing{Rule: rule, Faults: kinds}
}

// partsOf are what a rule's faults add to the plan, open being how long its window has been.
func partsOf(injected []Injection, c *circumstance, open time.Duration) []faults.Part {
	occasion := faults.Occasion{
		Rule: c.rule, URL: urlOf(c.subj), Open: open, Connect: c.subj.Moment == Connect,
		Draw: func(purpose string) float64 { return c.lot(purpose, c.perAttempt()).draw() },
	}
	var parts []faults.Part
	for _, f := range injected {
		parts = append(parts, f.Fault.Parts(occasion)...)
	}
	return parts
}

// urlOf is where an attempt is addressed to; "" at Connect.
func urlOf(subj *Subject) string {
	if subj.Moment == Connect {
		return ""
	}
	if subj.RawQuery == "" {
		return Endpoint(subj)
	}
	return Endpoint(subj) + "?" + subj.RawQuery
}

// NeedsBody reports, by an attempt's head alone, whether its body must be held back before it can be decided: an enabled rule that may still match asks
// for the body, or for what depends on the delivery key while the key may come from the body; or [delivery] itself asks. A body that is
// not held passes as it comes, and its hash with BodyKey is its key.
func (s *Scenario) NeedsBody(subj *Subject) bool {
	v := look(subj)
	if d := &s.Delivery.Match; d.missConnection(v) != "" || d.missHead(v) != "" {
		return false
	} else if d.asksBody(v) || s.Delivery.asksBody() {
		return true
	}
	keyUnknown := !s.keyInHead(subj)
	if keyUnknown && s.Delivery.keyAsksDocument() {
		return true
	}
	for i := range s.Rules {
		r := &s.Rules[i]
		if !r.Enabled || r.Match.missConnection(v) != "" || r.Match.missHead(v) != "" {
			continue
		}
		if r.Match.asksBody(v) || keyUnknown && r.asksDelivery() {
			return true
		}
	}
	return false
}

// keyInHead reports whether the head alone gives the delivery key.
func (s *Scenario) keyInHead(subj *Subject) bool {
	head := *subj
	head.Body, head.BodyHeld, head.BodyWhole = nil, false, false
	_, known := s.Key(&head)
	return known
}

// asksBody reports whether the log's try or created stand in the body.
func (d *Delivery) asksBody() bool {
	return d.Try != nil && d.Try.from == inJSON || d.Created != nil && d.Created.from == inJSON
}

// keyAsksDocument reports whether a key from the body is more than the hash of its bytes.
func (d *Delivery) keyAsksDocument() bool {
	if len(d.Ignore) > 0 {
		return true
	}
	for _, c := range d.Key {
		for _, s := range c {
			if s.from == inJSON || s.from == inBody && len(c) > 1 {
				return true
			}
		}
	}
	return false
}
