package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// The checks of validity come before those of [expect]: where one of V1, V2, V3, V4, V6 does not hold, nothing is known to have passed, and no fail stands that
// rests on what is not in the log. V5 is a warning.

// validate asks all of them.
func (c *context) validate(q Question, t *tally) []Check {
	return []Check{
		named("V1", c.complete()),
		named("V2", fired(q, t)),
		named("V3", t.targetWasUp()),
		named("V4", c.settledAll(t)),
		named("V5", c.keysHold(t)),
		named("V6", c.sawEverything(q)),
	}
}

func named(name string, check Check) Check {
	check.Name = name
	return check
}

// doubts says which of the checks of validity stand against a verdict; "" when none does.
func doubts(validity []Check) string {
	var names []string
	for _, v := range validity {
		if v.Result != Pass && v.Name != "V5" {
			names = append(names, v.Name)
		}
	}
	return strings.Join(names, " and ")
}

// valid is a check in the light of doubts.
func (c Check) valid(doubts string) Check {
	switch {
	case doubts == "" || c.Result == Inconclusive:
		return c
	case c.Result == Pass:
		c.Text = fmt.Sprintf("%s, but %s", c.Text, doesNotHold(doubts))
	case c.absent:
		c.Text = fmt.Sprintf("%s; it may not be so, as %s", c.Text, doesNotHold(doubts))
	default:
		return c // its evidence is in the log
	}
	c.Result = Inconclusive
	return c
}

func doesNotHold(doubts string) string {
	if strings.Contains(doubts, " ") {
		return doubts + " do not hold"
	}
	return doubts + " does not hold"
}

// complete is V1: no record is lost.
func (c *context) complete() Check {
	var why []string
	lost := uint64(0)
	for _, gap := range c.log.lost {
		lost += gap.Records
		why = append(why, fmt.Sprintf("%s from %s to %s: %s", counted(int(gap.Records), "record"), clock(gap.Start), clock(gap.Until), gap.Error))
	}
	slices.Sort(why)
	if n := c.log.unread.lines; n > 0 {
		lost += uint64(n)
		why = append(why, fmt.Sprintf("%s cannot be read: %s", counted(n, "line"), c.log.unread.first))
	}
	missing, cut := c.log.holes()
	if missing > 0 && len(c.log.lost) == 0 { // else they are the same
		lost += missing
		why = append(why, fmt.Sprintf("%s missing by their numbers (seq)", counted(int(missing), "attempt")))
	}
	if cut > 0 {
		lost += cut
		why = append(why, fmt.Sprintf("%s before the first, removed by log.keep or in another file", counted(int(cut), "attempt")))
	}
	if lost == 0 {
		return answer(Pass, c.log.attempts, "no record is lost").of(0, 0)
	}
	return answer(Inconclusive, c.log.attempts, "%s; repeat the run with the whole log", strings.Join(why, "; ")).of(float64(lost), 0)
}

// holes are the attempts that are missing between the numbers of a run, and before the first of them. Numbers that are given twice are none.
func (l *Log) holes() (missing, cut uint64) {
	for _, r := range l.runs {
		if r.trace != nil {
			missing, cut = missing+r.trace.Lost, cut+r.trace.Cut
			continue
		}
		between := r.most - r.least + 1
		if r.attempts == 0 || uint64(r.attempts) > between {
			continue
		}
		missing += between - uint64(r.attempts)
		if r.least > 1 {
			cut += r.least - 1
		}
	}
	return missing, cut
}

// expectedFirings is from how many on a rule must have fired once.
const expectedFirings = 5

// fired is V2: the scenario really did something.
func fired(q Question, t *tally) Check {
	if len(q.Rules) == 0 {
		return answer(Pass, t.faulted, "no scenario is known whose rules should have fired")
	}
	all, idle := 0, []string{}
	for _, r := range q.Rules {
		all += r.Fired
		if r.Fired == 0 && r.Expected >= expectedFirings {
			idle = append(idle, fmt.Sprintf("%q should have fired %s and did not", r.Rule, times(r.Expected)))
		}
	}
	switch {
	case len(idle) > 0:
		return answer(Inconclusive, t.attempts, "%s: were the faults switched off?", strings.Join(idle, "; ")).of(float64(len(idle)), 0)
	case all == 0 && t.attempts > 0:
		return answer(Inconclusive, t.attempts, "no rule of the scenario has fired: do match and when fit what came?").of(float64(len(q.Rules)), 0)
	default:
		return answer(Pass, all, "the rules have fired %s", times(all)).of(0, 0)
	}
}

// targetWasUp is V3: what failed, failed because we made it fail.
func (t *tally) targetWasUp() Check {
	if t.attempts == 0 {
		return answer(Inconclusive, 0, "no attempt came")
	}
	if t.genuine.all == 0 {
		return answer(Pass, t.attempts, "the target never failed of itself").of(0, 0)
	}
	return answer(Inconclusive, t.attempts, "the target failed of itself %s (%s), which is not the sender's: repeat the run against one that is up",
		times(t.genuineAttempts), t.genuineKinds()).of(float64(t.genuineAttempts), 0).shownBy(t.genuine)
}

// settledAll is V4: the run has lasted long enough.
func (c *context) settledAll(t *tally) Check {
	switch {
	case t.attempts == 0 && t.open.all == 0:
		return answer(Inconclusive, 0, "no attempt came")
	case t.open.all == 0:
		return answer(Pass, t.deliveries, "all deliveries are settled").of(0, 0)
	default:
		return answer(Inconclusive, t.deliveries, "%s may still be retried: the log ends %s after the last attempt, and a delivery is lost after %s of silence; "+
			"let it run longer, or say --settle (0s: the sender has ended)", counted(t.open.all, "delivery"), period(t.openSilence), period(t.openPatience)).
			of(float64(t.open.all), 0).shownBy(t.open)
	}
}

// keysHold is V5: the key tells deliveries apart, and nothing else.
func (c *context) keysHold(t *tally) Check {
	switch {
	case c.kin.alike > 0:
		return answer(Inconclusive, t.deliveries, "%s failed once and came again with another time or UUID in the body, which is the key: is there an id to key on?",
			counted(c.kin.alike, "delivery")).of(float64(c.kin.alike), 0).shownBy(t.doubtful)
	case t.mixed.all > 0:
		return answer(Inconclusive, t.deliveries, "%s with bodies of different type under one key: does it tell events apart?", counted(t.mixed.all, "delivery")).
			of(float64(t.mixed.all), 0).shownBy(t.mixed)
	case t.unlogged.all > 0:
		return answer(Inconclusive, t.deliveries, "%s lost after one attempt told by the body alone, which is not in the log: had it a time in it, a retry would be "+
			"another delivery; name a key, or log.bodies = \"full\" tells", counted(t.unlogged.all, "delivery")).of(float64(t.unlogged.all), 0).shownBy(t.unlogged)
	case t.deliveries == 0:
		return answer(Inconclusive, 0, "no delivery came")
	default:
		return answer(Pass, t.deliveries, "nothing speaks against the key").of(0, 0)
	}
}

// sawEverything is V6: no attempt was faulted before it could be seen, or else the number of deliveries is known from elsewhere.
func (c *context) sawEverything(q Question) Check {
	faulted, hosts := 0, map[string]bool{}
	for one := range c.log.blind {
		faulted++
		hosts[one.host] = true
	}
	unseen := 0
	for host, n := range c.log.unseen {
		unseen += n
		hosts[host] = true
	}
	at := nameHosts(hosts)
	switch {
	case faulted+unseen == 0:
		return answer(Pass, c.log.attempts, "nothing was hidden").of(0, 0)
	case q.Emitted > 0:
		return answer(Pass, c.log.attempts, "%s at connect at %s; %s in all", counted(faulted, "fault"), at, counted(q.Emitted, "delivery")).of(float64(faulted+unseen), 0)
	case faulted > 0:
		return answer(Inconclusive, c.log.attempts, "%s at connect at %s hid what came there; say how many deliveries there were (deliveries, or --emitted N)", counted(faulted, "fault"), at).
			of(float64(faulted+unseen), 0)
	default:
		return answer(Inconclusive, c.log.attempts, "%s to %s passed unseen; --intercept opens it, or say how many deliveries there were (--emitted N)", counted(unseen, "tunnel"), at).
			of(float64(unseen), 0)
	}
}

// nameHosts lists up to three hosts.
func nameHosts(hosts map[string]bool) string {
	names := []string{}
	for host := range hosts {
		names = append(names, cmp.Or(host, "every host"))
	}
	slices.Sort(names)
	if len(names) > 3 {
		return strings.Join(names[:3], ", ") + fmt.Sprintf(" and %d others", len(names)-3)
	}
	return strings.Join(names, ", ")
}
