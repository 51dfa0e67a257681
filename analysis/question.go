package analysis

import (
	"time"

	"github.com/faultline/faultline/scenario"
)

// Question is what a log is judged by. The zero Question asks nothing: the policy and its defects are told all the same.
type Question struct {
	Expect *scenario.Expect // nil: nothing is asked
	Label  string           // of the scenario that asks, name@hash

	// Settle is how long a delivery must be silent to be lost; 0: three times the longest gap of the policy, at least 200 s.
	Settle time.Duration
	// Ended says that the sender has ended: nothing will be attempted any more.
	Ended bool
	// Until is the end of what is known, when that is later than the log's last line: faultline was there and saw nothing. Zero: the log's last line.
	Until time.Time
	// Emitted is how many deliveries there were, if that is known from elsewhere than the log; 0: it is not.
	Emitted int

	// Plots says that the report is to be drawn, too: HTML needs it.
	Plots bool

	// Rules are those of the scenarios in the log, with what they should have done; none: they are not known.
	Rules []RuleFirings
}

// RuleFirings are how often a rule has fired, and how often it should have, by the attempts that came.
type RuleFirings struct {
	Rule            string
	Fired, Expected int
}
