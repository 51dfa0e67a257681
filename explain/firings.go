package explain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
)

// Firings are how often a rule of the scenarios in a log has fired. Expected is how often it should have, at the attempts that came: that is only worked out
// for rules that have not fired at all, and counted up to EnoughFirings.
type Firings struct {
	Rule            string
	Fired, Expected int
}

const (
	// EnoughFirings is how many expected firings are enough to say that a rule should have fired.
	EnoughFirings = 5
	// mostDecided bounds how many attempts are decided again to look for them.
	mostDecided = 20_000
)

// FiringCount counts the firings in a log, record by record. The zero value is ready.
type FiringCount struct {
	order     []*replay
	scenarios map[string]*replay // by run and label
	changes   map[string]changes // by run
	fired     map[string]int     // by rule
	expected  map[string]int
}

// replay is a scenario in force in a run, with what its attempts come to as they are decided again.
type replay struct {
	rules *scenario.Scenario
	run   deliveries.Run
	past  past
	start time.Time
	first map[string]time.Time // attempt of each delivery
}

// Firings are those of every enabled rule, in the order of their scenarios. The log is read again when a rule has not fired.
func (f *FiringCount) Firings(log Log) ([]Firings, error) {
	all := f.rules()
	if idle := func(r Firings) bool { return r.Fired == 0 }; !slices.ContainsFunc(all, idle) {
		return all, nil
	}
	decided := 0
	for record, err := range log() {
		var bad *deliveries.BadLine
		if err != nil && !errors.As(err, &bad) {
			return nil, fmt.Errorf("count firings: %w", err)
		}
		a, is := record.(*deliveries.Attempt)
		if !is {
			continue
		}
		if decided++; decided > mostDecided {
			break
		}
		f.decide(a)
	}
	return f.rules(), nil
}

// Add takes the next record.
func (f *FiringCount) Add(record deliveries.Record) {
	switch r := record.(type) {
	case *deliveries.Run:
		f.scenario(r)
	case *deliveries.Change:
		if f.changes == nil {
			f.changes = make(map[string]changes)
		}
		all := f.changes[r.Run]
		all.add(r)
		f.changes[r.Run] = all
	case *deliveries.Attempt:
		f.count(r.Rules)
	case *deliveries.Connect:
		f.count(r.Rules)
	}
}

// Fired takes what was counted elsewhere: a rule has fired at so many attempts.
func (f *FiringCount) Fired(rule string, times int) {
	if f.fired == nil {
		f.fired = make(map[string]int)
	}
	f.fired[rule] += times
}

func (f *FiringCount) count(rules []string) {
	for _, rule := range rules {
		f.Fired(rule, 1)
	}
}

// scenario takes in what a run says of itself. One that cannot be read is left out: its rules are not known.
func (f *FiringCount) scenario(r *deliveries.Run) {
	label := labelOf(r)
	if label == "" || f.scenarios[r.Run+" "+label] != nil {
		return
	}
	rules, problems := scenario.Parse(r.Scenario.Name+".toml", r.Scenario.Text, anyFile{})
	if len(problems) > 0 {
		return
	}
	one := &replay{rules: rules.WithSeed(r.Seed), run: *r, past: newPast(), first: make(map[string]time.Time)}
	if rules.Clock == scenario.ClockStart {
		one.start = r.Start.Add(shiftOf(*r))
	}
	if f.scenarios == nil {
		f.scenarios = make(map[string]*replay)
	}
	f.scenarios[r.Run+" "+label] = one
	f.order = append(f.order, one)
}

// labelOf is the label that attempts under the run's scenario have.
func labelOf(r *deliveries.Run) string {
	if r.Scenario.Text == "" {
		return ""
	}
	return r.Scenario.Name + "@" + r.Scenario.Hash[:min(12, len(r.Scenario.Hash))]
}

// rules are the enabled rules of all scenarios, each name once.
func (f *FiringCount) rules() []Firings {
	all := []Firings{}
	for _, one := range f.order {
		for _, rule := range one.rules.Rules {
			known := slices.ContainsFunc(all, func(r Firings) bool { return r.Rule == rule.Name })
			if rule.Enabled && !known {
				all = append(all, Firings{rule.Name, f.fired[rule.Name], f.expected[rule.Name]})
			}
		}
	}
	return all
}

// decide takes the decision of an attempt again, as far as the log holds what it depends on.
func (f *FiringCount) decide(a *deliveries.Attempt) {
	one, ruled := f.scenarios[a.Run+" "+a.Scenario], places(a)
	if one == nil || len(ruled) == 0 {
		return
	}
	subject, err := subjectOf(a)
	if err != nil {
		return // a URL that is none was never decided
	}
	held(&subject, one.rules.Limits.Body)
	at := scenario.Instant{Now: ruled[0].at.Add(shiftOf(one.run)), Start: one.start}
	if one.start.IsZero() {
		one.start, at.Start = at.Now, at.Now
	}
	if _, known := one.first[a.Delivery]; !known {
		one.first[a.Delivery] = at.Now
	}
	subject.First = one.first[a.Delivery]
	rules := f.changes[a.Run].apply(one.rules, a.Revision)
	if begun, known := rules.PhasesFrom(a.Phase, at.Now); known {
		if phase, _ := rules.PhaseAt(at); phase != a.Phase {
			at.Phases = begun // somebody has jumped
		}
	}
	decision := rules.Decide(&subject, rules.Matching(&subject), one.past, at)
	for _, rule := range decision.Matched {
		one.past.matched[rule]++
	}
	for _, fired := range decision.Fired {
		one.past.fired[fired.Rule] = append(one.past.fired[fired.Rule], at.Now)
		if f.expected == nil {
			f.expected = make(map[string]int)
		}
		f.expected[fired.Rule] = min(EnoughFirings, f.expected[fired.Rule]+1)
	}
}

// Newest is the text of the scenario that was last in force in a log, and its label; "" without one.
func Newest(runs []*deliveries.Run) (text, label string) {
	var newest *deliveries.Run
	for _, r := range runs {
		if r.Scenario.Text != "" && (newest == nil || !r.Start.Before(newest.Start)) {
			newest = r
		}
	}
	if newest == nil {
		return "", ""
	}
	return newest.Scenario.Text, labelOf(newest)
}

// Parse reads the text of a scenario of which nothing else is there: files that it names are taken to be empty.
func Parse(label, text string) (*scenario.Scenario, error) {
	name, _, _ := strings.Cut(label, "@")
	rules, problems := scenario.Parse(name+".toml", text, anyFile{})
	if len(problems) > 0 {
		return nil, fmt.Errorf("read the scenario in the log: %w", errors.Join(asErrors(problems)...))
	}
	return rules, nil
}
