package explain

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
	"github.com/faultline/faultline/schema"
)

// Log gives the records of a log; it is read twice.
type Log func() iter.Seq2[deliveries.Record, error]

// Logged decides attempts of a log again: the one of this id, or all of the delivery of this id or key. They are decided under the scenario that the log
// holds, with its seed, or under another one if rules is not nil; what counts were by then is taken from the log.
func Logged(log Log, id string, rules *scenario.Scenario) (*Account, error) {
	found, err := find(log, id)
	if err != nil {
		return nil, err
	}
	first := found.attempts[0]
	run, known := found.runOf(first)
	own := rules == nil
	if rules == nil {
		if rules, err = scenarioOf(run, known, first); err != nil {
			return nil, err
		}
	}
	if known && !rules.SeedGiven {
		rules = rules.WithSeed(run.Seed)
	}
	found.keep(func(a *deliveries.Attempt) bool { return a.Run == first.Run && a.Scenario == first.Scenario })
	account := &Account{Scenario: rules, Key: scenario.Key{Value: first.Key, From: first.KeyFrom}}
	account.Notes = found.notes
	if !known {
		account.note("the log does not hold the start of this run: after, for and phases count from its first attempt")
	}
	again := newAgain(rules, own, found, run)
	if err := again.read(log); err != nil {
		return nil, err
	}
	for i := range found.attempts {
		if err := again.decide(account, i); err != nil {
			return nil, err
		}
	}
	return account, nil
}

// found are the attempts that are asked about, and all that runs said of themselves.
type found struct {
	attempts []*deliveries.Attempt
	runs     []*deliveries.Run
	changes  []*deliveries.Change
	notes    []string
}

// find looks for an attempt by its id, or for those of a delivery.
func find(log Log, id string) (*found, error) {
	f := &found{}
	unread := 0
	for record, err := range log() {
		var bad *deliveries.BadLine
		switch {
		case errors.As(err, &bad):
			unread++
			continue
		case err != nil:
			return nil, fmt.Errorf("look for %q: %w", id, err)
		}
		switch r := record.(type) {
		case *deliveries.Run:
			f.runs = append(f.runs, r)
		case *deliveries.Change:
			f.changes = append(f.changes, r)
		case *deliveries.Attempt:
			if r.ID == id || r.Delivery == id || r.Key == id {
				f.attempts = append(f.attempts, r)
			}
		}
	}
	if len(f.attempts) == 0 {
		return nil, fmt.Errorf("the log has no attempt, delivery or key %q", id)
	}
	if unread > 0 {
		f.notes = append(f.notes, fmt.Sprintf("%s of the log could not be read: counts may be too low", counted(unread, "line")))
	}
	slices.SortStableFunc(f.attempts, func(a, b *deliveries.Attempt) int { return a.Start.Compare(b.Start) })
	return f, f.oneDelivery(id)
}

// oneDelivery is an error when a key stands for several deliveries.
func (f *found) oneDelivery(id string) error {
	var names []string
	for _, a := range f.attempts {
		if name := fmt.Sprintf("%s (%s)", a.Delivery, a.Endpoint); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > 1 {
		return fmt.Errorf("the key %q is that of %d deliveries; name one of them: %s", id, len(names), strings.Join(names, ", "))
	}
	return nil
}

// keep leaves out what was decided in another run, or under another scenario, and says so.
func (f *found) keep(these func(*deliveries.Attempt) bool) {
	all := len(f.attempts)
	f.attempts = slices.DeleteFunc(f.attempts, func(a *deliveries.Attempt) bool { return !these(a) })
	switch others := all - len(f.attempts); others {
	case 0:
	case 1:
		f.notes = append(f.notes, "1 other attempt of it was decided in another run, or under another scenario: ask for it by its own id")
	default:
		f.notes = append(f.notes, fmt.Sprintf("%d other attempts of it were decided in other runs, or under other scenarios: ask for them by their own ids", others))
	}
}

// counted is a number of things, with their name.
func counted(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// runOf is what the run of an attempt said of itself: at its start, and of the scenario in force when it was decided.
func (f *found) runOf(a *deliveries.Attempt) (run deliveries.Run, known bool) {
	for _, r := range f.runs {
		if r.Run != a.Run {
			continue
		}
		if !known {
			run, known = *r, true
		}
		if a.Scenario == label(r.Scenario) {
			run.Seed, run.Scenario = r.Seed, r.Scenario
		}
	}
	return run, known
}

// changesOf are those of a run.
func (f *found) changesOf(run string) (all changes) {
	for _, change := range f.changes {
		if change.Run == run {
			all.add(change)
		}
	}
	return all
}

// textsOf are the texts that a run had in force, by their labels; "" is the one at its start. Those that cannot be read are missing.
func (f *found) textsOf(run string) map[string]*scenario.Scenario {
	texts := make(map[string]*scenario.Scenario)
	for _, r := range f.runs {
		if r.Run != run || texts[label(r.Scenario)] != nil {
			continue
		}
		text, problems := scenario.Parse(r.Scenario.Name+".toml", r.Scenario.Text, anyFile{})
		if len(problems) > 0 {
			continue // of another version, or none
		}
		texts[label(r.Scenario)] = text
		if texts[""] == nil {
			texts[""] = text
		}
	}
	return texts
}

// equalRules are, for each text, the rules that are equal to those of rules: their counts went on.
func equalRules(texts map[string]*scenario.Scenario, rules *scenario.Scenario) map[string]map[string]bool {
	identities, all := rules.Identities(), make(map[string]map[string]bool)
	for name, text := range texts {
		equal := make(map[string]bool)
		for rule, identity := range text.Identities() {
			equal[rule] = identities[rule] == identity
		}
		all[name] = equal
	}
	return all
}

// label is how an attempt names the scenario that it was decided under.
func label(s deliveries.ScenarioText) string { return s.Name + "@" + s.Hash[:min(12, len(s.Hash))] }

// scenarioOf reads the scenario out of the log.
func scenarioOf(run deliveries.Run, known bool, a *deliveries.Attempt) (*scenario.Scenario, error) {
	switch {
	case a.Scenario == "":
		return nil, errors.New("it was decided without a scenario: nothing was injected")
	case !known || run.Scenario.Text == "":
		return nil, fmt.Errorf("the log does not hold the scenario %s; name its file", a.Scenario)
	}
	rules, problems := scenario.Parse(run.Scenario.Name+".toml", run.Scenario.Text, anyFile{})
	if len(problems) > 0 {
		return nil, fmt.Errorf("read the scenario in the log: %w", errors.Join(asErrors(problems)...))
	}
	return rules, nil
}

func asErrors(problems []schema.Problem) []error {
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = p
	}
	return errs
}

// shiftOf is what the scenario's clock was ahead of the machine's.
func shiftOf(run deliveries.Run) time.Duration {
	if run.Now.IsZero() {
		return 0
	}
	return run.Now.Sub(run.Start)
}
