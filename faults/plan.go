package faults

import (
	"time"

	"github.com/faultline/faultline/schema"
)

// Plan is what the faults of one attempt come to: wire steps in the order in which they are carried out. Plans share memory: nobody changes one.
// The zero Plan does nothing; every plan that Compile returns ends in exactly one step that ends the attempt.
type Plan struct {
	Steps []Step
}

// Step is one thing done on the wire. The list is closed: proxy has one performer for each, and knows no fault kind.
type Step interface {
	isStep()
	// String is the step in a few words, for people.
	String() string
}

// The steps that an attempt goes through on its way.
type (
	// Wait holds the attempt back for a time. It ends early when the sender leaves, or when faults are lifted; the
	// steps after it then go on at once. Rule is the rule that asked for it (for the injected-delay metric).
	Wait struct {
		Rule string
		For  time.Duration
	}

	// Throttle slows the sender's way to us (Up: the request's body) and ours to it (Down: the answer), in bytes a second; 0 leaves a way alone. It lasts
	// until the attempt is over, or faults are lifted. Of several the lowest rate holds. In a tunnel it is both flows.
	Throttle struct{ Up, Down int64 }

	// Forward sends the request to the target and waits for the head of its answer.
	Forward struct{}

	// Deliver sends the request to the target and takes its whole answer (`deliver_first`). What the target fails at is in the record alone. With Keep the
	// answer is for the Begin that follows; otherwise none of it is kept.
	Deliver struct{ Keep bool }

	// HearOut takes the rest of the target's answer and shows the sender none of it. Only after Forward.
	HearOut struct{}

	// Rewrite changes the request before the target gets it, or with Answer whatever answer is shown after it: first the body, then the fields, then the
	// signature. See ApplyBody, ApplyHeader and ApplySignature.
	Rewrite struct {
		Answer       bool
		SetHeader    map[string][]string // canonical names
		RemoveHeader []string
		NewBody      bool // Body takes the place of the body
		Body         []byte
		Template     *Template // makes the new body; nil: none does
		SetJSON      []JSONValue
		RemoveJSON   []schema.JSONPath
		SigningKey   []byte // signs it anew, as Standard Webhooks has it; nil: nothing does
	}

	// Duplicate has the target get the request More times after the first, each Apart after the one before, on connections of their own. The answers are
	// awaited, and not shown.
	Duplicate struct {
		More  int
		Apart time.Duration
	}

	// Corrupt inverts Bytes of the body of whatever answer is shown after it, or with JSON makes it none. Draw picks the places.
	Corrupt struct {
		Bytes int
		JSON  bool
		Draw  float64 // in [0, 1)
	}

	// Hold shows the sender silence until it leaves, or For has passed (0: as long as the proxy holds anybody), or
	// faults are lifted. The step after it ends the attempt. On a CONNECT: after `200`.
	Hold struct{ For time.Duration }
)

// The steps that begin an answer and leave it unfinished: the step after them ends the attempt.
type (
	// Begin shows the head of an answer and After of its body.
	Begin struct {
		Answer Answer // a stand-in
		// Own begins the target's own answer, after a Deliver that kept it. Without one, as the target is down, the stand-in serves.
		Own   bool
		After Amount
		// Chunked frames the answer as chunked, whatever it was: that it is cut is then seen by every client. Otherwise it has its Content-Length.
		Chunked bool
	}

	// Raw shows bytes that are no answer, or an unsound one: Status is what its Head claims; 0: there is no head.
	Raw struct {
		Status     int
		Head, Body []byte
	}

	// Interim shows Count interim answers (1xx) of this status before the answer (RFC 9110 15.2). HTTP/1.0 senders are spared.
	Interim struct{ Status, Count int }
)

// Amount is a part of a body: a share of it when Share is true, else a number of bytes.
type Amount struct {
	Share bool
	Of    float64 // 0 to 1 of the body, or bytes
}

// In is the amount in bytes, of a body of size bytes.
func (a Amount) In(size int64) int64 {
	if a.Share {
		return int64(a.Of * float64(size))
	}
	return min(int64(a.Of), size)
}

// The steps that end an attempt. After Begin or Raw they end the answer that was begun.
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
		// RetryAt is the moment that Retry-After announces, by the clock of the decision, in whole seconds from the answer, rounded up. Zero: RetryAfter
		// says it.
		RetryAt time.Time
		// Early answers before the request's body was read, as a server does that turns a body away unseen.
		Early bool
	}

	// Reset reads the whole request, then sends a RST before any byte of an answer. With Midway only the head and half of the body are read.
	// On a CONNECT: `200`, the sender's first bytes are awaited, then the RST.
	Reset struct{ Midway bool }

	// Finish reads the whole request, then sends a FIN without a byte of an answer.
	Finish struct{}
)

// The steps that end a CONNECT, and that no request has. Before them it is answered 200.
type (
	// Alert awaits the sender's hello, then sends a fatal alert (handshake_failure) and a FIN.
	Alert struct{}

	// Cut relays, in a tunnel or to what is opened, until Bytes have gone to the sender, or where Time is not 0 until that is over; then it breaks the way.
	// Only after Forward.
	Cut struct {
		Bytes int64
		Time  time.Duration
		As    Break
	}

	// Present answers the handshake with a certificate of the host that has a flaw. A sender that takes it is served.
	Present struct{ Flaw Flaw }
)

// Break is how a tunnel ends that is cut.
type Break string

// The ways to break.
const (
	Severed Break = "reset" // a RST to both sides
	Shut    Break = "close" // a FIN to both sides
	Stalled Break = "stall" // nothing passes any more; as long as the proxy holds anybody, then a RST
)

// Flaw is what is wrong with a certificate.
type Flaw string

// The flaws.
const (
	Expired    Flaw = "expired"
	WrongHost  Flaw = "wrong host"
	Untrusted  Flaw = "untrusted"
	SelfSigned Flaw = "self-signed"
)

func (Wait) isStep()      {}
func (Throttle) isStep()  {}
func (Corrupt) isStep()   {}
func (Rewrite) isStep()   {}
func (Duplicate) isStep() {}
func (Forward) isStep()   {}
func (Deliver) isStep()   {}
func (HearOut) isStep()   {}
func (Hold) isStep()      {}
func (Begin) isStep()     {}
func (Raw) isStep()       {}
func (Interim) isStep()   {}
func (Relay) isStep()     {}
func (Answer) isStep()    {}
func (Reset) isStep()     {}
func (Finish) isStep()    {}
func (Alert) isStep()     {}
func (Present) isStep()   {}
func (Cut) isStep()       {}

// Terminal reports whether the plan ends the attempt by something other than the target's own answer.
func (p Plan) Terminal() bool {
	if len(p.Steps) == 0 {
		return false
	}
	_, relayed := p.Steps[len(p.Steps)-1].(Relay)
	return !relayed
}
