// Package explain decides attempts again, one that somebody makes up or one that a log holds, and says of every rule that it fired, or the first
// condition that failed, with its values. It stands beside the stage decide and has no decision of its own: scenario decides, counters count.
//
// Promise: what a made-up attempt is said to meet is what the proxy does to it; of a logged one it is said where the log holds too little to tell.
//
//	account := explain.MadeUp(rules, explain.Question{Subject: subject, Attempts: 3, Start: start, At: at})
//	account, err := explain.Logged(func() iter.Seq2[deliveries.Record, error] { return deliveries.Read("faultline-log") }, "0193…", nil)
package explain

import (
	"time"

	"github.com/faultline/faultline/scenario"
)

// Account is what attempts meet, and why.
type Account struct {
	Scenario *scenario.Scenario // what they were decided under
	Subject  scenario.Subject   // the request, that of the first attempt
	Key      scenario.Key
	Attempts []Attempt
	// Notes are what else there is to know: what could not be told, and why.
	Notes []string
}

// Attempt is one attempt, decided at one moment or several.
type Attempt struct {
	Number  int // within its delivery
	ID      string
	At      time.Time // by the clock that the scenario goes by
	Moments []Moment
}

// Moment is one decision of an attempt. At the answer its plan is what follows the target's answer.
type Moment struct {
	scenario.Decision
	At     scenario.Moment
	Status int // of the target's answer, at that moment
}

// Fired are the names of the rules that fired, at whatever moment.
func (a Attempt) Fired() []string {
	var names []string
	for _, m := range a.Moments {
		for _, f := range m.Decision.Fired {
			names = append(names, f.Rule)
		}
	}
	return names
}

// note takes a note down, once.
func (a *Account) note(text string) {
	for _, known := range a.Notes {
		if known == text {
			return
		}
	}
	a.Notes = append(a.Notes, text)
}
