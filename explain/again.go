package explain

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// again decides logged attempts of one delivery, in one run, once more.
type again struct {
	rules    *scenario.Scenario // as their text has it; own: the text that they were decided under
	own      bool
	shift    time.Duration
	changes  changes
	revised  map[int]*scenario.Scenario // the rules by revision
	clock    *clock
	attempts []*deliveries.Attempt
	points   [][]*point                 // the decisions about each of them
	equal    map[string]map[string]bool // by revision of the scenario: the rules that are equal in it

	remembered *remembered // nil: no rule asks for it, or it is not known

	first time.Time // attempt of the delivery
	acks  map[string]ack
}

// ack is an acknowledged attempt at the same key, of whatever delivery.
type ack struct {
	delivery string
	start    time.Time
}

func newAgain(rules *scenario.Scenario, own bool, found *found, run deliveries.Run) *again {
	attempts, texts := found.attempts, found.textsOf(run.Run)
	g := &again{
		rules: rules, own: own, shift: shiftOf(run), changes: found.changesOf(run.Run), attempts: attempts, equal: equalRules(texts, rules),
		revised: make(map[int]*scenario.Scenario), first: attempts[0].Start, acks: make(map[string]ack),
	}
	g.clock = newClock(g.changes, run.Start, func(label string) *scenario.Scenario {
		if text := texts[label]; own && text != nil {
			return text
		}
		return rules // what others were is not known, or it is tried in their place
	})
	for _, a := range attempts {
		var of []*point
		for _, p := range places(a) {
			of = append(of, &point{place: p, past: newPast()})
		}
		g.points = append(g.points, of)
	}
	if remembers(rules) {
		g.remembered = newRemembered(g)
	}
	return g
}

// read takes in what happened before the attempts that are asked about.
func (g *again) read(log Log) error {
	for record, err := range log() {
		var bad *deliveries.BadLine
		switch {
		case errors.As(err, &bad):
			continue // was counted
		case err != nil:
			return fmt.Errorf("read what came before: %w", err)
		}
		switch r := record.(type) {
		case *deliveries.Attempt:
			if err := g.attempt(r); err != nil {
				return err
			}
		case *deliveries.Amend:
			delete(g.acks, r.ID) // its last bytes never came
		}
	}
	if g.remembered != nil && !g.remembered.recall() {
		g.remembered = nil
	}
	return nil
}

func (g *again) attempt(a *deliveries.Attempt) error {
	asked := g.attempts[0]
	if a.Delivery == asked.Delivery && a.Start.Before(g.first) {
		g.first = a.Start
	}
	if a.Outcome == deliveries.Acknowledged && a.Key == asked.Key && a.KeyFrom == asked.KeyFrom && g.scope(a) == g.scope(asked) {
		g.acks[a.ID] = ack{a.Delivery, a.Start}
	}
	if a.Run != asked.Run {
		return nil
	}
	if g.remembered != nil {
		g.remembered.add(a)
	}
	return g.count(a)
}

// scope is what a key of an attempt is unique within.
func (g *again) scope(a *deliveries.Attempt) string {
	switch g.rules.Delivery.Per {
	case scenario.PerEndpoint:
		return a.Endpoint
	case scenario.PerHost:
		return a.Host
	case scenario.PerAll:
		return ""
	default:
		panic("explain: keys per " + string(g.rules.Delivery.Per))
	}
}

// rulesAt is the scenario with what was left out of it when an attempt came.
func (g *again) rulesAt(a *deliveries.Attempt) *scenario.Scenario {
	if g.revised[a.Revision] == nil {
		g.revised[a.Revision] = g.changes.apply(g.rules, a.Revision)
	}
	return g.revised[a.Revision]
}

func (g *again) subject(a *deliveries.Attempt) (scenario.Subject, error) {
	subject, err := subjectOf(a)
	if err != nil {
		return subject, fmt.Errorf("attempt %s: %w", a.ID, err)
	}
	held(&subject, g.rules.Limits.Body)
	return subject, nil
}

// decide takes the decisions about the i-th attempt again.
func (g *again) decide(account *Account, i int) error {
	a, rules := g.attempts[i], g.rulesAt(g.attempts[i]).Explaining()
	subject, err := g.subject(a)
	if err != nil {
		return err
	}
	subject.First, subject.Acknowledged = g.first.Add(g.shift), g.acknowledged(a)
	if i == 0 {
		account.Subject = subject
	}
	if !g.changes.knows(a.Revision) {
		account.note("what an operator has changed before is not in the log any more")
	}
	if len(g.points[i]) == 0 {
		account.Attempts = append(account.Attempts, g.untouched(rules, a))
		return nil
	}
	asked := g.points[i][0]
	at := g.instant(account, a, asked)
	request := Moment{At: scenario.Request, Decision: rules.Decide(&subject, rules.Matching(&subject), asked.past, at)}
	said := Attempt{Number: a.Attempt, ID: a.ID, At: at.Now.In(rules.Location), Moments: []Moment{request}}
	if answered := g.answered(i); answered != nil && has[faults.Forward](request.Plan) {
		subject.Moment, subject.Status = scenario.Response, a.Target.Status
		if matching := rules.Matching(&subject); matching.Any() {
			answer := rules.DecideAnswer(&subject, matching, request.Decision, answered.past, g.instant(account, a, answered))
			said.Moments = append(said.Moments, Moment{At: scenario.Response, Status: a.Target.Status, Decision: answer})
		}
	}
	account.Attempts = append(account.Attempts, said)
	g.judge(account, a, said)
	return nil
}

// untouched is an attempt that nothing was decided about.
func (g *again) untouched(rules *scenario.Scenario, a *deliveries.Attempt) Attempt {
	off := Moment{At: scenario.Request}
	off.Phase, off.Plan = a.Phase, faults.Compile(nil, false)
	for _, r := range rules.Rules {
		off.Readings = append(off.Readings, scenario.Reading{Rule: r.Name, Miss: "faults were off"})
	}
	return Attempt{Number: a.Attempt, ID: a.ID, At: a.Start.Add(g.shift).In(rules.Location), Moments: []Moment{off}}
}

// answered is the decision by the target's answer, nil when there was none to take.
func (g *again) answered(i int) *point {
	of := g.points[i]
	switch a := g.attempts[i]; {
	case a.Target == nil || a.Target.Status == 0:
		return nil
	case len(of) > 1:
		return of[1]
	case a.Revision > 0 && g.own:
		return nil // it was not asked for, or faults went off
	default:
		return of[0]
	}
}

// instant is when a decision was taken; somebody who jumped to another phase is believed where the log does not tell it.
func (g *again) instant(account *Account, a *deliveries.Attempt, p *point) scenario.Instant {
	at := g.at(p.place)
	if p != g.pointOf(a) {
		return at // the record tells the phase of the request
	}
	if phase, _ := g.rules.PhaseAt(at); phase != a.Phase {
		if begun, known := g.rules.PhasesFrom(a.Phase, at.Now); known {
			account.note(fmt.Sprintf("phase %q was on, as somebody has jumped; since when is not in the log", a.Phase))
			at.Phases = begun
		}
	}
	return at
}

// at is a place by the scenario's clock.
func (g *again) at(p place) scenario.Instant {
	at := scenario.Instant{Now: p.at.Add(g.shift)}
	start, phases := g.clock.at(p)
	if !start.IsZero() {
		at.Start = start.Add(g.shift)
	}
	if !phases.IsZero() {
		at.Phases = phases.Add(g.shift)
	}
	return at
}

// pointOf is the decision about an attempt when its request was read.
func (g *again) pointOf(a *deliveries.Attempt) *point {
	return g.points[slices.Index(g.attempts, a)][0]
}

// acknowledged is how many deliveries of the same body were acknowledged before.
func (g *again) acknowledged(a *deliveries.Attempt) uint64 {
	if a.KeyFrom != "body" && a.KeyFrom != "body-prefix" {
		return 0
	}
	var before []string
	for _, ack := range g.acks {
		if ack.delivery != a.Delivery && ack.start.Before(a.Start) && !slices.Contains(before, ack.delivery) {
			before = append(before, ack.delivery)
		}
	}
	return uint64(len(before))
}
