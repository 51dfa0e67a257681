package explain

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
)

// place is when something was done: its number among all that was decided and changed in its run. Logs of an older faultline have none, and go by the time.
type place struct {
	order uint64
	at    time.Time
}

func (p place) before(q place) bool {
	if p.order > 0 && q.order > 0 {
		return p.order < q.order
	}
	return p.at.Before(q.at)
}

// places are those of the decisions about an attempt. There is none when faults were off.
func places(a *deliveries.Attempt) []place {
	if a.Revision == 0 { // of an older faultline
		return []place{{at: a.Start}}
	}
	var all []place
	for _, r := range a.Decided {
		all = append(all, place{r.Order, a.Start.Add(time.Duration(math.Round(r.MS * 1e6)))})
	}
	return all
}

// changes are what operators have changed in a run, in its order.
type changes []*deliveries.Change

// add takes another in.
func (c *changes) add(change *deliveries.Change) {
	at, _ := slices.BinarySearchFunc(*c, change, func(a, b *deliveries.Change) int { return cmp.Compare(a.Order, b.Order) })
	*c = slices.Insert(*c, at, change)
}

// knows reports whether it is known what is in force at a revision.
func (c changes) knows(revision int) bool {
	return revision <= 1 || slices.ContainsFunc(c, func(change *deliveries.Change) bool { return change.Revision == revision })
}

// apply gives a scenario with the rules left out, and let in, that are so at a revision.
func (c changes) apply(rules *scenario.Scenario, revision int) *scenario.Scenario {
	in := rules
	for _, change := range c {
		switch {
		case change.Revision == 0 || change.Revision > revision:
		case change.What == deliveries.ChangedScenario:
			in = rules
		case change.What == deliveries.ChangedRule && change.On != nil:
			if next, known := in.WithEnabled(change.Rule, *change.On); known {
				in = next
			}
		}
	}
	return in
}

// droppedBefore is the last revision that came before a place and dropped the counts of a rule, as its text did not have it; 0: none.
func (c changes) droppedBefore(at place, rule string, equal map[string]map[string]bool) (order uint64) {
	without := false
	for _, change := range c {
		if change.Revision == 0 || change.Order >= at.order {
			continue
		}
		if change.What == deliveries.ChangedScenario {
			rules, known := equal[change.Scenario]
			without = known && !rules[rule]
		}
		if without {
			order = change.Order
		}
	}
	return order
}

// clock is what windows, phases and ramps of a run count from. It is told of decisions, and says from when on it ran at a place.
type clock struct {
	changes changes
	started time.Time // the run; zero: not known
	// rules are what is in force under a label; "": at the start.
	rules  func(label string) *scenario.Scenario
	firsts map[uint64]place // the first decision after the start of the run (0), and after each change of the clock
}

func newClock(all changes, started time.Time, rules func(label string) *scenario.Scenario) *clock {
	return &clock{changes: all, started: started, rules: rules, firsts: make(map[uint64]place)}
}

// decided takes a decision in: the clock may have been waiting for it.
func (c *clock) decided(p place) {
	c.first(0, p)
	for _, change := range c.changes {
		if change.What == deliveries.ChangedClock && change.Order < p.order {
			c.first(change.Order, p)
		}
	}
}

func (c *clock) first(since uint64, p place) {
	if first, known := c.firsts[since]; !known || p.before(first) {
		c.firsts[since] = p
	}
}

// at says since when the clock runs, and when the first phase began or would have, had nobody jumped; zero: it has not started, or nobody has. Both are by the
// machine's clock.
func (c *clock) at(p place) (start, phases time.Time) {
	rules := c.rules("")
	waits := uint64(0) // what it was waiting since for a decision
	if rules.Clock == scenario.ClockStart {
		start = c.started
	}
	begun := func(before place) {
		if first, known := c.firsts[waits]; start.IsZero() && known && !before.before(first) {
			start = first.at
		}
	}
	for _, change := range c.changes {
		if change.Order >= p.order {
			break
		}
		begun(place{change.Order, change.Start})
		switch change.What {
		case deliveries.ChangedScenario:
			rules = c.rules(change.Scenario)
		case deliveries.ChangedPhase:
			if from, known := rules.PhasesFrom(change.Phase, change.Start); known {
				phases = from
				start = orElse(start, change.Start)
			}
		case deliveries.ChangedClock:
			start, phases, waits = time.Time{}, time.Time{}, change.Order
			if rules.Clock == scenario.ClockStart {
				start = change.Start
			}
		case deliveries.ChangedRule, deliveries.ChangedFaults:
		}
		if change.Revision > 0 && rules.Clock == scenario.ClockStart {
			start = orElse(start, c.started)
		}
	}
	begun(p)
	return start, phases
}

func orElse(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t
}
