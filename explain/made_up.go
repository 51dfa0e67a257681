package explain

import (
	"fmt"
	"slices"
	"time"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// Question is a made-up delivery: the same request, again and again, never acknowledged.
type Question struct {
	Subject  scenario.Subject // the request with all of its body; Attempt, Key and First are set here
	Attempts int              // how many; from 1
	Start    time.Time        // when the scenario's clock has started
	At       time.Time        // when the first attempt comes
	Gap      time.Duration    // from one attempt to the next
	Status   int              // of the target's own answer; 0: not known, then no rule is asked that looks at it
}

// MadeUp says what each attempt of a question meets. An https request comes in by a CONNECT of its own, which is decided, too, and passed through or opened as
// the scenario says, unless the subject's placement is a gateway's or a receiver's.
func MadeUp(rules *scenario.Scenario, q Question) *Account {
	rules = rules.Explaining()
	held(&q.Subject, rules.Limits.Body)
	m := &madeUp{Account: &Account{Scenario: rules, Subject: q.Subject}, question: q, table: counters.New(counters.Config{})}
	m.Key, _ = rules.Key(&q.Subject) // the body is held
	if !rules.SeedGiven && rules.Draws() {
		m.note("the scenario has no seed: these draws are made with 0, a run draws another")
	}
	for i := range q.Attempts {
		m.attempt(i)
	}
	return m.Account
}

// madeUp is an account that is being made.
type madeUp struct {
	*Account
	question Question
	table    *counters.Table
}

func (m *madeUp) attempt(i int) {
	now := m.question.At.Add(time.Duration(i) * m.question.Gap)
	m.Attempts = append(m.Attempts, Attempt{Number: i + 1, At: now.In(m.Scenario.Location)})
	at := scenario.Instant{Now: now, Start: m.question.Start}
	subject := m.question.Subject
	subject.Key, subject.Attempt, subject.First = m.Key.Value, i+1, m.question.At
	if subject.Scheme == "https" && subject.Placement != scenario.Gateway && subject.Placement != scenario.Receiver {
		goesOn := false
		if subject.Placement, subject.Tunnelled, goesOn = m.connect(subject, at); !goesOn {
			return
		}
	}
	if why := m.Scenario.NoWebhook(&subject); why != "" {
		m.note("it is no webhook, and passes untouched: " + why)
		return
	}
	decision := m.decide(scenario.Request, 0, func(tx *counters.Tx) scenario.Decision {
		return m.Scenario.Decide(&subject, m.Scenario.Matching(&subject), tx, at)
	}, now)
	m.answer(subject, decision, at)
}

// connect decides the CONNECT of an attempt, and says how its request comes in, if it does.
func (m *madeUp) connect(request scenario.Subject, at scenario.Instant) (placement scenario.Placement, tunnelled, goesOn bool) {
	subject := scenario.Subject{
		Moment: scenario.Connect, Placement: scenario.Tunnel, Client: request.Client, Scheme: "https", Host: request.Host, Port: request.Port, Size: -1,
	}
	matching, webhook, opened := m.Scenario.Connecting(&subject, m.Scenario.NeedsCA())
	if !webhook {
		m.note("it leads to no webhook, and passes untouched: " + m.Scenario.NoWebhook(&subject))
		return "", false, false
	}
	decision := m.decide(scenario.Connect, 0, func(tx *counters.Tx) scenario.Decision { return m.Scenario.Decide(&subject, matching, tx, at) }, at.Now)
	if decision.Unseen > 0 && !opened {
		m.note(fmt.Sprintf("the CONNECT to %s is passed through, and nothing in it is seen: %s to look inside; tls.intercept = \"auto\" opens it, or --intercept",
			subject.Host, need(decision.Unseen)))
	}
	shown := has[faults.Present](decision.Plan)
	if shown {
		m.note("a sender that takes the certificate goes on as shown")
	}
	return scenario.Intercept, shown && !opened, shown || opened && has[faults.Forward](decision.Plan)
}

// has reports whether a plan has a step of this kind.
func has[S faults.Step](plan faults.Plan) bool {
	return slices.ContainsFunc(plan.Steps, func(s faults.Step) bool { _, is := s.(S); return is })
}

func need(rules int) string {
	if rules == 1 {
		return "1 rule needs"
	}
	return fmt.Sprintf("%d rules need", rules)
}

// answer decides by the target's own answer, where that is asked for and comes to be.
func (m *madeUp) answer(subject scenario.Subject, before scenario.Decision, at scenario.Instant) {
	if !has[faults.Forward](before.Plan) {
		return
	}
	subject.Moment, subject.Status = scenario.Response, m.question.Status
	switch matching := m.Scenario.Matching(&subject); {
	case m.question.Status == 0 && m.Scenario.AsksAnswer():
		m.note("rules ask for the target's own answer, which is not known: --answer 503 says what it is taken to be")
	case matching.Any():
		m.decide(scenario.Response, m.question.Status, func(tx *counters.Tx) scenario.Decision {
			return m.Scenario.DecideAnswer(&subject, matching, before, tx, at)
		}, at.Now)
	}
}

// decide takes a decision, counts it and takes it down.
func (m *madeUp) decide(at scenario.Moment, status int, decide func(*counters.Tx) scenario.Decision, now time.Time) (d scenario.Decision) {
	m.table.Do(func(tx *counters.Tx) {
		d = decide(tx)
		d.Count(tx, now)
	})
	last := &m.Attempts[len(m.Attempts)-1]
	last.Moments = append(last.Moments, Moment{Decision: d, At: at, Status: status})
	return d
}
