package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/faultline/faultline/explain"
	"github.com/faultline/faultline/scenario"
)

// accountJSON is what explain --json prints.
type accountJSON struct {
	Scenario string        `json:"scenario"` // its name
	Seed     uint64        `json:"seed"`
	Method   string        `json:"method"`
	Endpoint string        `json:"endpoint"`
	Key      string        `json:"key"`
	KeyFrom  string        `json:"key_from"`
	Attempts []attemptJSON `json:"attempts"`
	Notes    []string      `json:"notes"`
}

type attemptJSON struct {
	Attempt int          `json:"attempt"`
	ID      string       `json:"id,omitempty"` // of a logged one
	At      time.Time    `json:"at"`
	Phase   string       `json:"phase"`
	Moments []momentJSON `json:"moments"`
}

type momentJSON struct {
	Moment string     `json:"moment"`           // connect, request, response
	Status int        `json:"status,omitempty"` // of the target's answer, at response
	Rules  []ruleJSON `json:"rules"`
	Plan   string     `json:"plan"`
}

type ruleJSON struct {
	Rule   string   `json:"rule"`
	Fired  bool     `json:"fired"`
	Miss   string   `json:"miss"` // the first condition that failed, with its values; "" when it fired
	Faults []string `json:"faults"`
	Match  uint64   `json:"match"`        // the number of this match of the rule; 0: its match does not hold
	Before uint64   `json:"fired_before"` // how often it had fired before
}

func printAccount(w io.Writer, a *explain.Account, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(jsonAccount(a))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s   %s   %s, seed %d\n", printable(a.Subject.Method), printable(scenario.Endpoint(&a.Subject)), keyText(a.Key), printable(a.Scenario.Name), a.Scenario.Seed)
	for _, attempt := range a.Attempts {
		fmt.Fprintf(&b, "\n%s\n", headline(attempt))
		for _, m := range attempt.Moments {
			b.WriteString(momentText(m, len(attempt.Moments) > 1))
		}
	}
	for i, note := range a.Notes {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "note: %s\n", printable(note))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func keyText(key scenario.Key) string {
	if key.From == "" {
		return "no key"
	}
	return fmt.Sprintf("key %s (%s)", printable(short(key.Value)), printable(key.From))
}

func headline(a explain.Attempt) string {
	text := fmt.Sprintf("attempt %d   %s", a.Number, a.At.Format(time.RFC3339))
	if len(a.Moments) > 0 && a.Moments[0].Phase != "" {
		text += "   phase " + printable(a.Moments[0].Phase)
	}
	return text
}

// momentText shows what became of every rule, and what was to be done; of one of several moments which one it is.
func momentText(m explain.Moment, several bool) string {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	for _, r := range m.Readings {
		verdict, why := "-", r.Miss
		if r.Fired {
			verdict, why = "fires", strings.Join(r.Faults, ", ")
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", verdict, printable(r.Rule), printable(why), countsText(r))
	}
	fmt.Fprintf(table, "  plan\t%s\n", m.Plan)
	_ = table.Flush() // a builder takes everything
	var lines strings.Builder
	if several || m.At == scenario.Connect {
		lines.WriteString("  " + title(m) + ":\n")
	}
	for line := range strings.Lines(b.String()) {
		lines.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return lines.String()
}

func title(m explain.Moment) string {
	switch m.At {
	case scenario.Connect:
		return "at the CONNECT"
	case scenario.Request:
		return "when the request was read"
	case scenario.Response:
		return fmt.Sprintf("at the target's answer %d", m.Status)
	default:
		panic(fmt.Sprintf("faultline: a decision at moment %d", int(m.At)))
	}
}

// countsText shows the counters, where the match held.
func countsText(r scenario.Reading) string {
	if r.Nth == 0 {
		return ""
	}
	return fmt.Sprintf("match %d, fired %d before", r.Nth, r.Before)
}

func jsonAccount(a *explain.Account) accountJSON {
	out := accountJSON{
		Scenario: a.Scenario.Name, Seed: a.Scenario.Seed, Method: a.Subject.Method, Endpoint: scenario.Endpoint(&a.Subject),
		Key: a.Key.Value, KeyFrom: a.Key.From, Attempts: []attemptJSON{}, Notes: append([]string{}, a.Notes...),
	}
	for _, attempt := range a.Attempts {
		one := attemptJSON{Attempt: attempt.Number, ID: attempt.ID, At: attempt.At, Moments: []momentJSON{}}
		for _, m := range attempt.Moments {
			one.Phase = m.Phase
			one.Moments = append(one.Moments, jsonMoment(m))
		}
		out.Attempts = append(out.Attempts, one)
	}
	return out
}

func jsonMoment(m explain.Moment) momentJSON {
	out := momentJSON{Moment: m.At.String(), Status: m.Status, Rules: []ruleJSON{}, Plan: m.Plan.String()}
	for _, r := range m.Readings {
		out.Rules = append(out.Rules, ruleJSON{r.Rule, r.Fired, r.Miss, append([]string{}, r.Faults...), r.Nth, r.Before})
	}
	return out
}
