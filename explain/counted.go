package explain

import (
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
)

// past is what was counted before a decision, by the log: how many attempts each rule's match has held for, and when it fired. It is scenario.Counts.
type past struct {
	matched map[string]uint64
	fired   map[string][]time.Time
	ahead   map[keptPlace][]time.Time // what faults remember
}

func newPast() past {
	return past{make(map[string]uint64), make(map[string][]time.Time), make(map[keptPlace][]time.Time)}
}

func (p past) Matched(rule string) uint64 { return p.matched[rule] }

func (p past) Fired(rule string, since time.Time) uint64 {
	n := uint64(0)
	for _, at := range p.fired[rule] {
		if !at.Before(since) {
			n++
		}
	}
	return n
}

func (p past) Ahead(rule, name string) []time.Time { return p.ahead[keptPlace{rule, name}] }

// point is a decision that is asked about, and what was counted before it.
type point struct {
	place
	past past
	seen uint64 // decisions before it that are in the log
}

// missing is how many decisions before it are not in the log.
func (p *point) missing(all changes) int {
	if p.order == 0 {
		return 0
	}
	there := p.seen
	for _, change := range all {
		if change.Order < p.order {
			there++
		}
	}
	return int(p.order - 1 - there)
}

// countsOthers reports whether what an attempt meets depends on how many others came.
func countsOthers(rules *scenario.Scenario) bool {
	for _, r := range rules.Rules {
		if w := r.When; !w.Nth.Empty() || w.Every > 0 || w.Times > 0 || w.Chance != nil && w.ChancePer == scenario.PerArrival {
			return true
		}
	}
	return false
}

// count adds an attempt to the past of the decisions that came after it.
func (g *again) count(a *deliveries.Attempt) error {
	all := places(a)
	var matched [][]string // at each of its decisions
	for i, p := range all {
		g.clock.decided(p)
		for _, of := range g.points {
			for _, asked := range of {
				if !p.before(asked.place) {
					continue
				}
				asked.seen++
				if matched == nil {
					subject, err := g.subject(a)
					if err != nil {
						return err
					}
					matched = g.matched(subject, a, len(all))
				}
				g.add(a, p, asked, matched[i], func(rule string) bool {
					return i == 0 && !g.byAnswer(rule) || i == len(all)-1 && g.byAnswer(rule)
				})
			}
		}
	}
	return nil
}

// add counts one decision about an attempt: what has matched, and what of that which has fired was read then.
func (g *again) add(a *deliveries.Attempt, p place, asked *point, matched []string, read func(rule string) bool) {
	for _, rule := range matched {
		if g.counts(a, p, rule, asked) {
			asked.past.matched[rule]++
		}
	}
	for _, rule := range a.Rules {
		if read(rule) && g.counts(a, p, rule, asked) {
			asked.past.fired[rule] = append(asked.past.fired[rule], p.at.Add(g.shift))
		}
	}
}

// counts reports whether what a rule did at an attempt counts for the rule of this name that is asked about: it was decided under a text in which the rule is
// equal, or where the log does not hold that, under the same one; and no text without the rule came between.
func (g *again) counts(a *deliveries.Attempt, p place, rule string, asked *point) bool {
	if p.order > 0 && p.order < g.changes.droppedBefore(asked.place, rule, g.equal) {
		return false
	}
	if equal, known := g.equal[a.Scenario]; known {
		return equal[rule]
	}
	return a.Scenario == g.attempts[0].Scenario
}

// byAnswer reports whether a rule is decided by the target's answer.
func (g *again) byAnswer(rule string) bool {
	for _, r := range g.rules.Rules {
		if r.Name == rule {
			return !r.Match.Response.Empty()
		}
	}
	return false
}

// matched are the rules whose match held at each of so many decisions about an attempt. Where there is one alone, and it is not known to have been all, it
// has what the target's answer brought, too.
func (g *again) matched(subject scenario.Subject, a *deliveries.Attempt, decisions int) [][]string {
	rules, at := g.rulesAt(a), scenario.Instant{Now: a.Start.Add(g.shift)}
	d := rules.Decide(&subject, rules.Matching(&subject), past{}, at)
	all := [][]string{d.Matched}
	if a.Target == nil || a.Target.Status == 0 || decisions == 1 && a.Revision > 0 {
		return append(all, nil)
	}
	subject.Moment, subject.Status = scenario.Response, a.Target.Status
	answered := rules.DecideAnswer(&subject, rules.Matching(&subject), d, past{}, at).Matched
	if decisions == 1 {
		return [][]string{slices.Concat(d.Matched, answered)}
	}
	return append(all, answered)
}
