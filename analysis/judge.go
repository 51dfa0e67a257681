package analysis

import "github.com/faultline/faultline/scenario"

// Report is what a log says.
type Report struct {
	Verdict  Result
	Scenario string // name@hash of the scenario that asks; "" without one
	Seed     *uint64

	Attempts                 int
	Acknowledged, Lost, Open int // deliveries
	Arrived                  int // acknowledged, and delivered at the target
	Known                    int // how many deliveries there were in all, if that is known; 0: those that came through faultline are told of
	Span                     span

	Checks []Check // V1 to V6, then what was asked
	Asked  int     // how many of them were asked for
	Policy Policy
	// Policies are those of several senders, where the log shows that there are several; Policy is what they have in common then.
	Policies []SenderPolicy
	Defects  []Defect
	Left     []Example // lost deliveries, the first few
	// Overlapping is how many deliveries had attempts at the same time, with the keys of some: they have no gap between them.
	Overlapping     int
	OverlappingKeys []string

	Endpoints []Endpoint // by host, the worst first
	Faults    []Fault    // by kind

	plots *plots // nil unless the question asks for them
}

// Judge says what a log says. The same log and question give the same report.
func Judge(log *Log, q Question) *Report {
	c := newContext(log, q)
	q.Emitted = q.known()
	c.infer(q)

	var t tally
	e := endpoints{span: c.tried}
	var p *plots
	if q.Plots {
		p = newPlots(c)
	}
	for one := range c.courses() {
		t.see(&one, c)
		if p != nil {
			p.see(&one)
		}
		e.see(&one)
		who := c.senders.of(&one)
		who.signs.see(&one, c.kin.changesKeys())
		if !one.doubtful && !c.kin.changesKeys() {
			who.inference.habits.see(one)
		}
	}
	c.senders.finish()

	r := &Report{
		Scenario: q.Label, Seed: log.seed(), Attempts: t.attempts, Acknowledged: t.acknowledged, Lost: t.lost, Open: t.open.all, Arrived: t.arrived, Known: q.Emitted,
		Span: span{log.first, c.until}, Policy: c.senders.policy(), Policies: c.senders.policies(), Left: t.left, Defects: c.senders.defects(c, &t),
	}
	if p != nil {
		p.finish(c.senders, &e)
	}
	r.plots = p
	r.Overlapping, r.OverlappingKeys = t.overlapping.all, t.overlapping.keys()
	r.Endpoints, r.Faults = e.table(), e.faultTable()
	validity := c.validate(q, &t)
	answers := c.answers(q, &t, doubts(validity))
	r.Checks, r.Asked = append(validity, answers...), len(answers)
	r.Verdict = overall(answers, t.attempts)
	return r
}

// infer looks at the gaps, and finds out from when on a delivery is settled.
func (c *context) infer(q Question) {
	var shown specimens
	c.lookForQueues()
	alone := &sender{}
	for one := range c.unsettled() {
		c.try(&one)
		alone.inference.seeGaps(one)
		shown.see(&one, c.leftAlone(&one, q))
		c.kin.suspect(&one)
	}
	c.senders = newSenders(&shown)
	if c.senders.split == nil {
		c.senders.all[0] = alone
	} else {
		for one := range c.unsettled() {
			c.senders.of(&one).inference.seeGaps(one)
		}
	}
	if len(c.kin.suspects)+len(c.kin.moved.at) > 0 {
		for one := range c.unsettled() {
			c.kin.gather(&one)
		}
	}
	c.kin.conclude()
	c.senders.conclude(q, &shown)
}

// known is how many deliveries there were, by the question or by what it expects.
func (q Question) known() int {
	if q.Emitted == 0 && q.Expect != nil && q.Expect.Deliveries != nil {
		return *q.Expect.Deliveries
	}
	return q.Emitted
}

// seed is that of the last run, nil when it is not known.
func (l *Log) seed() *uint64 {
	if len(l.starts) == 0 {
		return nil
	}
	newest := l.starts[0]
	for _, r := range l.starts[1:] {
		if !r.Start.Before(newest.Start) {
			newest = r
		}
	}
	return &newest.Seed
}

// overall is what all answers come to. Where nothing was asked, or nothing came, nothing is known to be well.
func overall(answers []Check, attempts int) Result {
	result := Pass
	if len(answers) == 0 || attempts == 0 {
		result = Inconclusive
	}
	for _, a := range answers {
		result = result.and(a.Result)
	}
	return result
}

// answers are those to all questions of [expect].
func (c *context) answers(q Question, t *tally, doubts string) []Check {
	if q.Expect == nil {
		return nil
	}
	expect := expanded(q.Expect)
	a := asked{Expectations: &expect.Expectations, scale: max(1, expect.TimeScale), senders: c.senders, kin: &c.kin, emitted: q.Emitted, until: c.until, settled: settlingOf(q, 0)}
	all := a.checks("")
	if expect.Untouched != nil {
		untouched := a
		untouched.Expectations, untouched.emitted = expect.Untouched, 0
		all = append(all, untouched.checks("untouched.")...)
	}
	for one := range c.courses() {
		for _, check := range all {
			if check.all || !one.faulted {
				check.see(&one)
			}
		}
	}
	var answers []Check
	if want := expect.Deliveries; want != nil {
		answers = append(answers, named("deliveries", cameAll(t, *want)).valid(doubts))
	}
	for _, check := range all {
		answers = append(answers, named(check.name, check.answer()).valid(doubts))
	}
	return answers
}

// namedCheck is a question of [expect], or of [expect.untouched].
type namedCheck struct {
	check
	name string
	all  bool // it looks at all deliveries, not only at those that met no fault
}

// checks are the questions that were asked.
func (a *asked) checks(prefix string) []namedCheck {
	var all []namedCheck
	for _, q := range questions() {
		if check := q.ask(a); check != nil {
			all = append(all, namedCheck{check, prefix + q.key, prefix == ""})
		}
	}
	return all
}

// cameAll asks whether so many deliveries came.
func cameAll(t *tally, want int) Check {
	result := Pass
	if t.deliveries != want {
		result = Fail
	}
	c := answer(result, t.deliveries, "%s came", counted(t.deliveries, "delivery")).of(float64(t.deliveries), float64(want))
	if t.deliveries < want {
		return c.restingOnAbsence()
	}
	return c
}

// expanded is what is expected with the keys of the policy that it names, as far as it has none of its own.
func expanded(e *scenario.Expect) *scenario.Expect {
	p, known := preset(e.Policy)
	if !known {
		return e
	}
	out := *e
	out.Expectations = e.Over(p.Expectations)
	return &out
}
