package console

import (
	"errors"
	"time"
)

// Control is what an operator may do to a running proxy. Its methods may be called by many at once.
type Control interface {
	// Scenario is the text in force.
	Scenario() Revision
	// Replace puts another text into force, all of it or nothing. With a tag the one in force must be that, else the error is ErrChanged; a text with problems
	// is an Invalid. restartClock lets windows and phases begin anew.
	Replace(text, ifTag string, restartClock bool) (Revision, error)
	// Rules are those in force, in their order.
	Rules() []Rule
	// Enable leaves a rule out, or lets it in again, until the next text. False: there is none of this name.
	Enable(rule string, enabled bool) bool
	// Phase is the one that is on.
	Phase() Phase
	// Jump begins a phase. False: there is none of this name.
	Jump(phase string) bool
	// FaultsOn reports whether faults are injected; SwitchFaults turns them off, which frees what is held, or on again.
	FaultsOn() bool
	SwitchFaults(on bool)
}

// Revision is a scenario's text, and the tag that tells it from others.
type Revision struct {
	Name, Text, Tag string
	Seed            uint64 // what chance is drawn from
	Rules           int
	// Restart names the tables of the text that come into force with a restart alone.
	Restart []string
}

// Rule is a rule with what was counted of it.
type Rule struct {
	Name    string   `json:"name"`
	Enabled bool     `json:"enabled"`
	Faults  []string `json:"faults"`
	Matched uint64   `json:"matched"` // attempts that its match held for
	Fired   uint64   `json:"fired"`
}

// Phase is the phase that is on; Name is "" between phases and without any.
type Phase struct {
	Name  string     `json:"phase"`
	Since *time.Time `json:"since"` // by the scenario's clock; null without a phase
	Names []string   `json:"phases"`
}

// ErrChanged says that another text is in force than the one that was to be replaced.
var ErrChanged = errors.New("another scenario is in force")

// Invalid is a text with problems, each of them a line that an editor can read.
type Invalid []string

func (i Invalid) Error() string { return "the scenario has problems" }
