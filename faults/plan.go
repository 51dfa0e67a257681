package faults

import "time"

// Plan is what the faults of one attempt come to: wire steps in the order in which they are carried out. Plans share memory: nobody changes one.
// The zero Plan does nothing; every plan that Compile returns ends in exactly one step that ends the attempt.
type Plan struct {
	Steps []Step
}

// Step is one thing done on the wire. The list is closed: proxy has one performer for each, and knows no fault kind.
type Step interface{ isStep() }

// The steps that an attempt goes through on its way.
type (
	// Wait holds the attempt back for a time. It ends early when the sender leaves, or when faults are lifted; the
	// steps after it then go on at once. Rule is the rule that asked for it (for the injected-delay metric).
	Wait struct {
		Rule string
		For  time.Duration
	}

	// Forward sends the request to the target and waits for the head of its answer.
	Forward struct{}

	// Deliver sends the request to the target, takes its whole answer and keeps none of it (`deliver_first`).
	Deliver struct{}

	// Hold shows the sender silence until it leaves, or For has passed (0: as long as the proxy holds anybody), or
	// faults are lifted. The step after it ends the attempt.
	Hold struct{ For time.Duration }
)

// The steps that end an attempt.
type (
	// Relay shows the sender the target's own answer as it comes. Only after Forward.
	Relay struct{}

	// Answer shows the sender a whole answer that the target never gave. Keep-alive is kept.
	Answer struct {
		Status int
		// Header holds the fields beside the framing ones, which the performer sets. Canonical names.
		Header map[string][]string
		Body   []byte
		// RetryAfter is what Retry-After announces, counted from the moment of the answer: whole seconds, rounded up, or a date when RetryAfterDate
		// is true. The performer writes the field; 0 writes none.
		RetryAfter     time.Duration
		RetryAfterDate bool
		// Early answers before the request's body was read, as a server does that turns a body away unseen.
		Early bool
	}

	// Reset reads the whole request, then sends a RST before any byte of an answer.
	// On a CONNECT: `200`, the sender's first bytes are awaited, then the RST.
	Reset struct{}

	// Finish reads the whole request, then sends a FIN without a byte of an answer.
	Finish struct{}
)

func (Wait) isStep()    {}
func (Forward) isStep() {}
func (Deliver) isStep() {}
func (Hold) isStep()    {}
func (Relay) isStep()   {}
func (Answer) isStep()  {}
func (Reset) isStep()   {}
func (Finish) isStep()  {}

// Terminal reports whether the plan ends the attempt by something other than the target's own answer.
func (p Plan) Terminal() bool {
	if len(p.Steps) == 0 {
		return false
	}
	_, relayed := p.Steps[len(p.Steps)-1].(Relay)
	return !relayed
}
