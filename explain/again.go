package explain

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// again decides logged attempts of one delivery, in one run, once more.
type again struct {
	rules    *scenario.Scenario
	shift    time.Duration
	byFirst  bool // the clock has started with the first attempt
	attempts []*deliveries.Attempt
	pasts    []past                     // before each of them
	equal    map[string]map[string]bool // by revision of the scenario: the rules that are equal in it

	start time.Time // of the clock
	first time.Time // attempt of the delivery
	acks  map[string]ack
}

// ack is an acknowledged attempt at the same key, of whatever delivery.
type ack struct {
	delivery string
	start    time.Time
}

// past is what was counted before an attempt, by the log: how many attempts each rule's match has held for, and when it fired. It is scenario.Counts.
type past struct {
	matched map[string]uint64
	fired   map[string][]time.Time
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

// Ahead is nothing: what a fault has to remember is not in a log.
func (past) Ahead(string, string) []time.Time { return nil }

func newAgain(rules *scenario.Scenario, found *found, run deliveries.Run) *again {
	attempts := found.attempts
	g := &again{
		equal: found.equalRules(run.Run, rules), rules: rules, shift: shiftOf(run), attempts: attempts, start: run.Start, first: attempts[0].Start, acks: make(map[string]ack),
		byFirst: rules.Clock == scenario.ClockFirstAttempt || run.Start.IsZero(),
	}
	if g.byFirst {
		g.start = attempts[0].Start // until an earlier one is found
	}
	for range attempts {
		g.pasts = append(g.pasts, past{make(map[string]uint64), make(map[string][]time.Time)})
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
	if g.byFirst && a.Start.Before(g.start) {
		g.start = a.Start
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

// count adds an attempt to the past of those that began after it.
func (g *again) count(a *deliveries.Attempt) error {
	var matched []string
	for i, asked := range g.attempts {
		if !a.Start.Before(asked.Start) {
			continue
		}
		if matched == nil {
			subject, err := g.subject(a)
			if err != nil {
				return err
			}
			matched = g.matched(subject, a)
		}
		for _, rule := range matched {
			if g.counts(a, rule) {
				g.pasts[i].matched[rule]++
			}
		}
		for _, rule := range a.Rules {
			if g.counts(a, rule) {
				g.pasts[i].fired[rule] = append(g.pasts[i].fired[rule], a.Start.Add(g.shift))
			}
		}
	}
	return nil
}

// counts reports whether what a rule did at an attempt counts for the rule of this name that is asked about: it was decided under a text in which the rule is
// equal, or where the log does not hold that, under the same one.
func (g *again) counts(a *deliveries.Attempt, rule string) bool {
	if equal, known := g.equal[a.Scenario]; known {
		return equal[rule]
	}
	return a.Scenario == g.attempts[0].Scenario
}

func (g *again) subject(a *deliveries.Attempt) (scenario.Subject, error) {
	subject, err := subjectOf(a)
	if err != nil {
		return subject, fmt.Errorf("attempt %s: %w", a.ID, err)
	}
	held(&subject, g.rules.Limits.Body)
	return subject, nil
}

// matched are the rules whose match held for an attempt, at its request and at the target's answer.
func (g *again) matched(subject scenario.Subject, a *deliveries.Attempt) []string {
	at := scenario.Instant{Now: a.Start.Add(g.shift)}
	d := g.rules.Decide(&subject, g.rules.Matching(&subject), past{}, at)
	names := append([]string{}, d.Matched...)
	if a.Target != nil && a.Target.Status != 0 {
		subject.Moment, subject.Status = scenario.Response, a.Target.Status
		names = append(names, g.rules.DecideAnswer(&subject, g.rules.Matching(&subject), d, past{}, at).Matched...)
	}
	return names
}

// decide takes the i-th decision again.
func (g *again) decide(account *Account, i int) error {
	a := g.attempts[i]
	subject, err := g.subject(a)
	if err != nil {
		return err
	}
	subject.First, subject.Acknowledged = g.first.Add(g.shift), g.acknowledged(a)
	if i == 0 {
		account.Subject = subject
	}
	at := g.instant(account, a)
	request := Moment{At: scenario.Request, Decision: g.rules.Decide(&subject, g.rules.Matching(&subject), g.pasts[i], at)}
	said := Attempt{Number: a.Attempt, ID: a.ID, At: at.Now.In(g.rules.Location), Moments: []Moment{request}}
	if a.Target != nil && a.Target.Status != 0 && has[faults.Forward](request.Plan) {
		subject.Moment, subject.Status = scenario.Response, a.Target.Status
		if matching := g.rules.Matching(&subject); matching.Any() {
			answer := g.rules.DecideAnswer(&subject, matching, request.Decision, g.pasts[i], at)
			said.Moments = append(said.Moments, Moment{At: scenario.Response, Status: a.Target.Status, Decision: answer})
		}
	}
	account.Attempts = append(account.Attempts, said)
	g.judge(account, a, said)
	return nil
}

// instant is when an attempt was decided; somebody who jumped to another phase is believed.
func (g *again) instant(account *Account, a *deliveries.Attempt) scenario.Instant {
	at := scenario.Instant{Now: a.Start.Add(g.shift), Start: g.start.Add(g.shift)}
	if phase, _ := g.rules.PhaseAt(at); phase != a.Phase {
		if begun, known := g.rules.PhasesFrom(a.Phase, at.Now); known {
			account.note(fmt.Sprintf("phase %q was on, as somebody has jumped; since when is not in the log", a.Phase))
			at.Phases = begun
		}
	}
	return at
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

var redactedKey = regexp.MustCompile(`^sha256:[0-9a-f]{8}$`)

// judge notes what the record does not hold, and where the decision is not what it says.
func (g *again) judge(account *Account, a *deliveries.Attempt, said Attempt) {
	for _, m := range said.Moments {
		for _, r := range m.Readings {
			if r.Miss == scenario.MissUnheld {
				account.note("the log does not hold this body, and rules ask for it: log.bodies = \"full\" keeps bodies")
			}
			if strings.Contains(r.Miss, "sha256:") {
				account.note("a value that a rule asks for is redacted in the log")
			}
		}
		for _, kept := range m.Kept {
			account.note(fmt.Sprintf("what %q had left by then is not in the log: it is taken to have had all", kept.Rule))
		}
	}
	if redactedKey.MatchString(a.Key) {
		account.note("the key is redacted in the log: draws for it come out differently")
	}
	if fired := said.Fired(); !slices.Equal(fired, a.Rules) {
		account.note(fmt.Sprintf("attempt %d: the log says that %s, decided again %s", a.Attempt, firing(a.Rules), firing(fired)))
	}
}

// firing says which rules fired.
func firing(rules []string) string {
	if len(rules) == 0 {
		return "no rule fired"
	}
	return strings.Join(rules, ", ") + " fired"
}
