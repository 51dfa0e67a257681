package explain

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// remembered takes the decisions of a run again, all of them in their order, so that what faults have to remember (the tokens of a bucket, the workers of an
// endpoint) is as it was at each. That is not known where decisions are missing, were made under another text, or are too many; nor where one comes out
// differently from its record, as then something else is not known.
type remembered struct {
	again  *again
	all    []decided
	first  map[string]time.Time         // attempt of each delivery
	before map[string]scenario.Decision // of attempts that wait for their target's answer
	past   past
	lost   bool // it is not known
}

// decided is one decision about an attempt.
type decided struct {
	*deliveries.Attempt
	place
	answer, last bool
}

// keptPlace is where a fault keeps something: its rule, and a name.
type keptPlace struct{ rule, name string }

// remembers reports whether a rule has a fault that remembers anything.
func remembers(rules *scenario.Scenario) bool {
	return slices.ContainsFunc(rules.Rules, func(r scenario.Rule) bool {
		return slices.ContainsFunc(r.Injections(), func(f scenario.Injection) bool { _, is := f.Fault.(faults.Refusing); return is })
	})
}

func newRemembered(g *again) *remembered {
	return &remembered{again: g, first: make(map[string]time.Time), before: make(map[string]scenario.Decision), past: newPast()}
}

// add takes in an attempt of the run.
func (r *remembered) add(a *deliveries.Attempt) {
	all := places(a)
	r.lost = r.lost || a.Revision == 0 || a.Scenario != r.again.attempts[0].Scenario || len(r.all)+len(all) > mostDecided
	if r.lost {
		return
	}
	for i, p := range all {
		r.all = append(r.all, decided{a, p, i > 0, i == len(all)-1})
	}
	if first, known := r.first[a.Delivery]; !known || a.Start.Before(first) {
		r.first[a.Delivery] = a.Start
	}
}

// recall gives the decisions that are asked about what was remembered by then. False: it is not known.
func (r *remembered) recall() bool {
	asked := make(map[uint64]*point)
	for _, p := range slices.Concat(r.again.points...) {
		asked[p.order] = p
		r.lost = r.lost || p.missing(r.again.changes) > 0
	}
	if r.lost {
		return false
	}
	slices.SortFunc(r.all, func(a, b decided) int { return cmp.Compare(a.order, b.order) })
	ahead := make(map[*point]map[keptPlace][]time.Time)
	for _, d := range r.all {
		if p := asked[d.order]; p != nil {
			ahead[p] = maps.Clone(r.past.ahead)
		}
		if len(ahead) < len(asked) && !r.decide(d) {
			return false
		}
	}
	for p, there := range ahead {
		p.past.ahead = there
	}
	return true
}

// decide takes a decision again, and remembers what it leaves behind. False: it is not what its record says.
func (r *remembered) decide(d decided) bool {
	rules := r.again.rulesAt(d.Attempt)
	subject, err := r.again.subject(d.Attempt)
	if err != nil {
		return false
	}
	subject.First = r.first[d.Delivery].Add(r.again.shift)
	at, made := r.again.at(d.place), scenario.Decision{}
	if d.answer {
		subject.Moment, subject.Status = scenario.Response, d.Target.Status
		before := r.before[d.ID]
		made = rules.DecideAnswer(&subject, rules.Matching(&subject), before, r.past, at)
		r.past.take(made, at.Now)
		made.Fired = slices.Concat(before.Fired, made.Fired)
	} else {
		made = rules.Decide(&subject, rules.Matching(&subject), r.past, at)
		r.past.take(made, at.Now)
	}
	if !d.last {
		r.before[d.ID] = made
		return true
	}
	delete(r.before, d.ID)
	return slices.EqualFunc(made.Fired, d.Rules, func(f scenario.Firing, rule string) bool { return f.Rule == rule })
}

// take counts a decision.
func (p past) take(d scenario.Decision, now time.Time) {
	for _, rule := range d.Matched {
		p.matched[rule]++
	}
	for _, f := range d.Fired {
		p.fired[f.Rule] = append(p.fired[f.Rule], now)
	}
	for _, k := range d.Kept {
		p.ahead[keptPlace{k.Rule, k.Name}] = k.Ahead
	}
}
