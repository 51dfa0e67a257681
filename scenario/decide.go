package scenario

import (
	"fmt"
	"slices"
	"time"

	"github.com/faultline/faultline/faults"
)

// Matching is which rules an attempt matches, and why it does not match the others. It is worked out before the counters are locked.
type Matching struct {
	rules  []looked
	unseen int
}

// Any reports whether any rule is to be decided.
func (m Matching) Any() bool {
	return slices.ContainsFunc(m.rules, func(l looked) bool { return l.miss == "" })
}

// looked is a rule whose match was looked at; miss says why it does not hold. One that shields ends the reading and counts nothing.
type looked struct {
	rule    *Rule
	miss    string
	shields bool
}

// Matching looks for the enabled rules that are decided at this moment, and whose match holds for the attempt.
func (s *Scenario) Matching(subj *Subject) Matching {
	v := look(subj)
	var m Matching
	for i := range s.Rules {
		r := &s.Rules[i]
		miss, shields := r.miss(v), false
		switch {
		case miss == missInside && len(r.Injections()) > 0:
			m.unseen++
		case miss == missLater && r.shields(v):
			miss, shields = "", true
		}
		m.rules = append(m.rules, looked{r, miss, shields})
	}
	return m
}

// miss says why the rule is not to be decided for the attempt at this moment; "" when it is.
func (r *Rule) miss(v *view) string {
	if !r.Enabled {
		return "it is not enabled"
	}
	if v.Moment == Connect {
		if miss := r.Match.missConnection(v); miss != "" {
			return miss
		}
		return r.missMoment(v)
	}
	if miss := r.missMoment(v); miss != "" {
		return miss
	}
	return r.Match.miss(v)
}

// Decide says what is to be done to an attempt, by the rules that it matches, what was counted before, and the time: nothing else. The rules are read from
// top to bottom until one that fires ends the reading. subj's Key, Attempt, Acknowledged and First must be set. Safe for concurrent use; Counts is read
// during the call only, and the caller moves it as Decision says.
func (s *Scenario) Decide(subj *Subject, m Matching, counts Counts, at Instant) Decision {
	d := &deciding{}
	d.readAll(s.circumstance(subj, counts, at), m)
	d.Plan = faults.Compile(d.parts, d.deliverFirst)
	return d.Decision
}

// DecideAnswer takes the decision about an attempt up again when the target has answered: now the rules are read that ask for its answer, which Decide has
// passed over uncounted. They end where the reading before has ended: after a terminal fault or a pass none fires, below a rule with last = true none does.
// The Plan is what follows the Forward of before's. Counts and the rest are as for Decide.
func (s *Scenario) DecideAnswer(subj *Subject, m Matching, before Decision, counts Counts, at Instant) Decision {
	d := &deciding{last: before.ended}
	if before.closed {
		d.ended = before.ended
	}
	d.readAll(s.circumstance(subj, counts, at), m)
	d.Plan = faults.CompileAnswer(before.parts, d.parts)
	return d.Decision
}

// circumstance is what every rule meets at an attempt.
func (s *Scenario) circumstance(subj *Subject, counts Counts, at Instant) circumstance {
	at = at.begun()
	at.phase, at.phaseSince = s.PhaseAt(at)
	return circumstance{subj: subj, at: at, seed: s.Seed, counts: counts}
}

// Count moves the counters as the decision says; now is that of its Instant.
func (d Decision) Count(t Tally, now time.Time) {
	for _, rule := range d.Matched {
		t.Match(rule)
	}
	for _, f := range d.Fired {
		t.Fire(f.Rule, f.Since)
	}
	for _, k := range d.Kept {
		t.Keep(k.Rule, k.Name, k.Ahead, now)
	}
}

// deciding is a decision that is being made.
type deciding struct {
	Decision
	deliverFirst bool
	last         string // the rule at which an earlier reading ended: what stands below it is not read
}

// readAll reads all rules from top to bottom.
func (d *deciding) readAll(c circumstance, m Matching) {
	d.Phase, d.Unseen = c.at.phase, m.unseen
	for _, l := range m.rules {
		d.Readings = append(d.Readings, d.read(l, c))
		if d.ended == "" && l.rule.Name == d.last {
			d.ended = d.last
		}
	}
}

// read says what becomes of one rule, and takes its faults in when it fires.
func (d *deciding) read(l looked, c circumstance) Reading {
	r := l.rule
	if l.miss != "" {
		return Reading{Rule: r.Name, Miss: l.miss}
	}
	c.rule, c.nth = r.Name, c.counts.Matched(r.Name)+1
	reading := Reading{Rule: r.Name, Nth: c.nth, Before: c.counts.Fired(r.Name, time.Time{})}
	if !l.shields {
		d.Matched = append(d.Matched, r.Name)
	}
	if d.ended != "" {
		reading.Miss = fmt.Sprintf("the reading ended at %q", d.ended)
		return reading
	}
	miss, opened := r.When.miss(&c)
	if miss != "" {
		reading.Miss = miss
		return reading
	}
	if l.shields {
		reading.Fired, d.ended = true, r.Name
		return reading
	}
	injected := r.picked(&c)
	met, parts := d.inject(injected, &c, c.at.Now.Sub(opened))
	d.parts = append(d.parts, parts...)
	ends := faults.End(parts)
	d.deliverFirst = d.deliverFirst || r.DeliverFirst && ends
	if r.Pass || r.Last || ends {
		d.ended, d.closed = r.Name, r.Pass || ends
	}
	if len(injected) > 0 && len(met) == 0 {
		reading.Miss = "its " + injected[0].Kind + " let the attempt through"
		return reading
	}
	reading.Fired, reading.Faults = true, met
	d.Fired = append(d.Fired, Firing{Rule: r.Name, Faults: met, Since: r.When.countsFrom(opened, c.at)})
	return reading
}

// inject asks a rule's faults for what they add to the plan, and takes down what they have to remember; open is how long the rule's window has been. met
// are the kinds that add anything.
func (d *deciding) inject(injected []Injection, c *circumstance, open time.Duration) (met []string, parts []faults.Part) {
	for _, f := range injected {
		brought := f.Fault.Parts(faults.Occasion{
			Rule: c.rule, URL: urlOf(c.subj), Open: open, Connect: c.subj.Moment == Connect,
			Draw: func(purpose string) float64 { return c.lot(purpose, c.perAttempt()).draw() },
			Host: hostPort(c.subj), Client: c.subj.Client.String(), Now: c.at.Now,
			Ahead: func(name string) []time.Time { return c.counts.Ahead(c.rule, f.remembers(name)) },
			Keep: func(name string, ahead []time.Time) {
				d.Kept = append(d.Kept, Kept{Rule: c.rule, Name: f.remembers(name), Ahead: ahead})
			},
		})
		if len(brought) > 0 {
			met = append(met, f.Kind)
			parts = append(parts, brought...)
		}
	}
	return met, parts
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
		if !r.Enabled || !r.decidedHere(v) || r.Match.missConnection(v) != "" || r.Match.missHead(v) != "" {
			continue
		}
		if r.Match.asksBody(v) || keyUnknown && r.asksDelivery() {
			return true
		}
	}
	return false
}

// decidedHere reports whether the rule is decided when this request was read, or by its answer.
func (r *Rule) decidedHere(v *view) bool {
	miss := r.missMoment(v)
	return miss == "" || miss == missAnswer
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
