package scenario

import (
	"fmt"
	"slices"
	"time"

	"github.com/faultline/faultline/faults"
)

// Matching is which rules an attempt matches, and where the scenario explains itself, why it does not match the others. It is worked out before the counters
// are locked.
type Matching struct {
	rules  []looked
	unseen int
}

// Any reports whether any rule is to be decided.
func (m Matching) Any() bool {
	return slices.ContainsFunc(m.rules, func(l looked) bool { return l.miss == "" })
}

// looked is a rule whose match was looked at, and its place in the file; miss says why it does not hold. One that shields ends the reading and counts nothing.
type looked struct {
	rule    *Rule
	place   int
	miss    string
	shields bool
}

// Matching looks for the enabled rules that are decided at this moment, and whose match holds for the attempt.
func (s *Scenario) Matching(subj *Subject) Matching {
	v := look(subj, s.telling)
	var m Matching
	for at := s.mayMatch(subj); at.next(); {
		r := &s.Rules[at.place]
		miss, shields := r.miss(v), false
		switch {
		case miss == missInside && r.moments.injects:
			m.unseen++
		case miss == missLater && r.shields(v):
			miss, shields = "", true
		}
		if miss != "" && !s.tells() {
			continue
		}
		if m.rules == nil {
			m.rules = make([]looked, 0, min(4, len(s.Rules)))
		}
		m.rules = append(m.rules, looked{r, at.place, miss, shields})
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
	if len(m.rules) == 0 { // as for most attempts
		phase, _ := s.PhaseAt(at.begun())
		return Decision{Phase: phase, Unseen: m.unseen, Plan: faults.Compile(nil, false)}
	}
	d := s.deciding(subj, counts, at)
	d.readAll(m)
	d.Plan = faults.Compile(d.parts, d.deliverFirst)
	return d.Decision
}

// DecideAnswer takes the decision about an attempt up again when the target has answered: now the rules are read that ask for its answer, which Decide has
// passed over uncounted. They end where the reading before has ended: after a terminal fault or a pass none fires, below a rule with last = true none does.
// The Plan is what follows the Forward of before's. Counts and the rest are as for Decide.
func (s *Scenario) DecideAnswer(subj *Subject, m Matching, before Decision, counts Counts, at Instant) Decision {
	d := s.deciding(subj, counts, at)
	d.before = before.ending
	if before.closed {
		d.ending = before.ending
	}
	d.readAll(m)
	d.Plan = faults.CompileAnswer(before.parts, d.parts)
	return d.Decision
}

// deciding is what every rule meets at an attempt.
func (s *Scenario) deciding(subj *Subject, counts Counts, at Instant) *deciding {
	at = at.begun()
	at.phase, at.phaseSince = s.PhaseAt(at)
	return &deciding{circumstance: circumstance{telling: s.telling, subj: subj, at: at, seed: s.Seed, counts: counts}}
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
	circumstance
	deliverFirst bool
	before       ending // of an earlier reading: what stands below that rule is not read
}

// readAll reads the rules from top to bottom.
func (d *deciding) readAll(m Matching) {
	d.Phase, d.Unseen = d.at.phase, m.unseen
	if m.Any() {
		d.Matched = make([]string, 0, len(m.rules))
	}
	for _, l := range m.rules {
		if d.ended == "" && d.before.ended != "" && l.place > d.before.place {
			d.ending = d.before
		}
		if reading := d.read(l); d.tells() {
			d.Readings = append(d.Readings, reading)
		}
	}
}

// read says what becomes of one rule, and takes its faults in when it fires.
func (d *deciding) read(l looked) Reading {
	r := l.rule
	if l.miss != "" {
		return Reading{Rule: r.Name, Miss: l.miss}
	}
	d.rule, d.nth = r.Name, d.counts.Matched(r.Name)+1
	reading := Reading{Rule: r.Name, Nth: d.nth}
	if d.tells() {
		reading.Before = d.counts.Fired(r.Name, time.Time{})
	}
	if !l.shields {
		d.Matched = append(d.Matched, r.Name)
	}
	if d.ended != "" {
		reading.Miss = d.why(func() string { return fmt.Sprintf("the reading ended at %q", d.ended) })
		return reading
	}
	miss, opened := r.When.miss(&d.circumstance)
	if miss != "" {
		reading.Miss = miss
		return reading
	}
	if l.shields {
		reading.Fired, d.ending = true, ending{ended: r.Name, place: l.place}
		return reading
	}
	injected := r.picked(&d.circumstance)
	met, parts := d.inject(injected, d.at.Now.Sub(opened))
	d.parts = joined(d.parts, parts)
	ends := faults.End(parts)
	d.deliverFirst = d.deliverFirst || r.DeliverFirst && ends
	if r.Pass || r.Last || ends {
		d.ending = ending{r.Name, l.place, r.Pass || ends}
	}
	if len(injected) > 0 && len(met) == 0 {
		reading.Miss = d.why(func() string { return "its " + injected[0].Kind + " let the attempt through" })
		return reading
	}
	reading.Fired, reading.Faults = true, met
	d.Fired = append(d.Fired, Firing{Rule: r.Name, Faults: met, Since: r.When.countsFrom(opened, d.at)})
	return reading
}

// inject asks a rule's faults for what they add to the plan, and takes down what they have to remember; open is how long the rule's window has been. met
// are the kinds that add anything.
func (d *deciding) inject(injected []Injection, open time.Duration) (met []string, parts []faults.Part) {
	for i := range injected {
		f := &injected[i]
		if brought := f.Fault.Parts(d.occasion(f, open)); len(brought) > 0 {
			met, parts = append(met, f.Kind), joined(parts, brought)
		}
	}
	return met, parts
}

// joined are the parts of both; mostly there is one list alone.
func joined(a, b []faults.Part) []faults.Part {
	if len(a) == 0 {
		return b
	}
	return append(slices.Clip(a), b...) // what a fault has given may be its own
}

// occasion is what a fault may know, as far as it asks for it.
func (d *deciding) occasion(f *Injection, open time.Duration) faults.Occasion {
	o := faults.Occasion{Rule: d.rule, Open: open, Connect: d.subj.Moment == Connect, Now: d.at.Now, URL: d.url}
	if drawn, is := f.Fault.(faults.Drawn); is && drawn.Draws() {
		o.Draw = d.draw
	}
	if !f.admits() {
		return o
	}
	rule := d.rule
	o.Host, o.Client = hostPort(d.subj), d.subj.Client.String()
	o.Ahead = func(name string) []time.Time { return d.counts.Ahead(rule, f.remembers(name)) }
	o.Keep = func(name string, ahead []time.Time) {
		d.Kept = append(d.Kept, Kept{Rule: rule, Name: f.remembers(name), Ahead: ahead})
	}
	return o
}

// draw is what a fault of the rule draws for this attempt.
func (d *deciding) draw(purpose string) float64 { return d.lot(purpose, d.perAttempt()).draw() }

// url is where the attempt is addressed to; "" at Connect.
func (d *deciding) url() string {
	if d.subj.Moment == Connect {
		return ""
	}
	if d.subj.RawQuery == "" {
		return Endpoint(d.subj)
	}
	return Endpoint(d.subj) + "?" + d.subj.RawQuery
}
