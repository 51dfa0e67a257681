package deliveries

import (
	"iter"
	"time"
)

// Record is one line of the log.
type Record interface{ event() Event }

// Event is the kind of a line.
type Event string

// The kinds of line.
const (
	EventRun     Event = "run"
	EventAttempt Event = "attempt"
	EventOpen    Event = "open"
	EventAmend   Event = "amend"
	EventConnect Event = "connect"
	EventTunnel  Event = "tunnel"
	EventOther   Event = "other"
	EventGap     Event = "gap"
	EventChange  Event = "change"
)

// Outcome is what the sender saw of an attempt.
type Outcome string

// The outcomes.
const (
	Acknowledged Outcome = "acknowledged" // a complete 2xx answer
	Rejected     Outcome = "rejected"     // a complete answer of another status
	Broken       Outcome = "broken"       // an answer begun, not completed
	Unanswered   Outcome = "unanswered"   // reset, close, hang, refused: not one byte of an answer
	Aborted      Outcome = "aborted"      // the sender went away first while nothing was wrong
)

// Reached is how much of the request the target got.
type Reached string

// How much of a request a target got.
const (
	None  Reached = "none"  // nothing
	Part  Reached = "part"  // some of it
	Whole Reached = "whole" // head and body
)

// End is how an attempt ended for the sender.
type End string

// The ends.
const (
	Complete End = "complete" // all that was announced was sent
	Cut      End = "cut"      // FIN in the answer
	Reset    End = "reset"    // RST
	Fin      End = "fin"      // FIN without a byte
	Refused  End = "refused"  // the kernel refused the connection
	Silence  End = "silence"  // the sender left, or was let go, waiting
)

// Party is who ended an attempt.
type Party string

// The parties.
const (
	BySender   Party = "sender"   // it closed or reset the connection
	ByProxy    Party = "proxy"    // faultline, by a fault, by an answer of its own, or as target.timeout was over
	ByTarget   Party = "target"   // its answer, or what became of it
	ByShutdown Party = "shutdown" // faultline, as it was stopped
)

// Attempt is a finished attempt, in the order of its fields in the log. V, Event, Run, Proxy and Seq are set by the Writer.
type Attempt struct {
	V         int       `json:"v"`                    // version of the format, 1; a field is never renamed within it
	Event     Event     `json:"event"`                // the kind of line
	Delivery  string    `json:"delivery"`             // opaque id of the delivery that the attempt is part of; a reader takes any text
	Start     time.Time `json:"start"`                // when its head had come: wall clock, UTC, nanoseconds
	Attempt   int       `json:"attempt"`              // which attempt of its delivery this is, from 1
	Outcome   Outcome   `json:"outcome"`              // what the sender saw
	Reached   Reached   `json:"reached"`              // how much of the request the target got
	Delivered *bool     `json:"delivered"`            // whether the target answered with success; null: it got all, and nobody knows its answer; copies have their own
	Host      string    `json:"host"`                 // the target's host in lower case, with its port unless it is the scheme's own
	MS        Times     `json:"ms"`                   // how long it took
	Key       string    `json:"key"`                  // what the delivery is told by; redacted when it comes from a place with a secret's name
	KeyFrom   string    `json:"key_from"`             // where the key was found: header:NAME, query:NAME, json:PATH, body, or several with commas
	Endpoint  string    `json:"endpoint"`             // scheme, host and path of the target, without the query
	ID        string    `json:"id"`                   // id of the attempt, a UUID that sorts by time
	Run       string    `json:"run"`                  // id of the process start that wrote the line
	Proxy     string    `json:"proxy"`                // name of the machine that wrote the line
	Seq       uint64    `json:"seq"`                  // number of the attempt in its run, in the order written: a hole is a lost record
	Try       string    `json:"try,omitempty"`        // which try the sender says this is, as [delivery] try finds it; left out when it does not say
	Created   string    `json:"created,omitempty"`    // when the payload says that it was created, as [delivery] created finds it; left out when it does not say
	Replay    string    `json:"replay,omitempty"`     // id of the attempt that faultline replay sent again with this one; left out for the sender's own
	Counted   string    `json:"counted"`              // who counted its attempts: local, this process
	Placement string    `json:"placement"`            // how the sender came: forward, intercept, gateway
	Tunnelled bool      `json:"tunnelled,omitempty"`  // it came by a CONNECT that a rule has opened, to show a certificate: rules of tunnels were decided there; left out when not
	Client    string    `json:"client"`               // the sender's address and port
	Method    string    `json:"method"`               // of the request
	URL       string    `json:"url"`                  // of the request; userinfo and secrets in the query are redacted
	Request   Message   `json:"request"`              // what came in
	Rules     []string  `json:"rules"`                // names of the rules that fired, in the order of the file
	Faults    []string  `json:"faults"`               // kinds of faults that they brought
	Phase     string    `json:"phase"`                // the phase that was on; empty without phases
	Scenario  string    `json:"scenario"`             // name and hash of the scenario that decided, name@hash
	Revision  int       `json:"revision,omitempty"`   // which text of the scenario that is, with what was left out of it by then: 1 from the start, one more with each change that says so
	Decided   []Ruling  `json:"decided,omitempty"`    // the decisions about it: when the request was read, and by the target's answer; left out while faults were off
	Target    *Target   `json:"target"`               // what happened at the target; null when it was not asked
	Copies    []Copy    `json:"copies,omitempty"`     // what became of the further sendings of the request that a fault made, in their order; left out when there are none
	LeftAlone []string  `json:"left_alone,omitempty"` // faults that did nothing, each with why: "corrupt: the answer has no body"; left out when there are none
	Answer    *Answer   `json:"answer"`               // what the sender was sent; null when it was not one byte
	End       End       `json:"end"`                  // how it ended for the sender
	EndedBy   Party     `json:"ended_by"`             // who ended it
	Error     string    `json:"error"`                // what went wrong, in words; empty when nothing did
}

// Times are monotonic differences in milliseconds. Total ends at the start of the last write, the reset, or the sender's own close.
type Times struct {
	Decide    float64 `json:"decide"`     // for the decision
	Target    float64 `json:"target"`     // that the target took
	FirstByte float64 `json:"first_byte"` // to the first byte of the answer; 0 when there was none
	Total     float64 `json:"total"`      // to the start of the last write, the reset, or the sender's own close
}

// Ruling is a decision about an attempt. A run numbers its decisions and changes as it takes them, one after another, so that the log says what came before what.
type Ruling struct {
	Order uint64  `json:"order"` // its number among the decisions about attempts, and the changes, of the run, from 1
	MS    float64 `json:"ms"`    // from the start of the attempt, to the nanosecond: windows and phases go by it
}

// Message is a request as it came in. Body is nil, a string, or {"base64": …}, as log.bodies says; a Writer takes a *Body, too.
type Message struct {
	Bytes     int64               `json:"bytes"`               // of the body
	Announced int64               `json:"announced,omitempty"` // bytes of the body by its Content-Length; left out when so many came, or it announced none
	SHA256    string              `json:"sha256"`              // of the body; empty with log.bodies = "none"
	Header    map[string][]string `json:"header"`              // as it came, secrets redacted
	Body      any                 `json:"body"`                // as log.bodies says: null, a text, or {"base64": …} for what is no UTF-8
}

// Target is what really happened at the target. Status 0: no answer.
type Target struct {
	Status int     `json:"status"` // of its answer; 0: it gave none
	Bytes  int64   `json:"bytes"`  // of the body of its answer
	MS     float64 `json:"ms"`     // from the connection that was wanted to the end of its answer
	Error  string  `json:"error"`  // what went wrong there; an idle close on a reused connection is nobody's fault
	Addr   string  `json:"addr"`   // address and port that were connected to
	Reused bool    `json:"reused"` // the connection had carried a request before
}

// Copy is what happened at the target to a further sending of a request, on a connection of its own. Status 0: no answer.
type Copy struct {
	Status    int     `json:"status"`    // of its answer; 0: it gave none
	Delivered *bool   `json:"delivered"` // whether it answered this one with success; null: it got all of it, and nobody knows its answer
	Bytes     int64   `json:"bytes"`     // of the body of its answer
	MS        float64 `json:"ms"`        // from the connection that was wanted to the end of its answer
	Error     string  `json:"error"`     // what went wrong there
	Addr      string  `json:"addr"`      // address and port that were connected to
}

// Successes is how often the target answered the attempt with success, copies included.
func (a *Attempt) Successes() (n int) {
	for delivered := range a.deliveries() {
		if delivered != nil && *delivered {
			n++
		}
	}
	return n
}

// deliveries are what is known of whether the target took the request, and each of its copies.
func (a *Attempt) deliveries() iter.Seq[*bool] {
	return func(yield func(*bool) bool) {
		if !yield(a.Delivered) {
			return
		}
		for _, c := range a.Copies {
			if !yield(c.Delivered) {
				return
			}
		}
	}
}

// Answer is what the sender was sent.
type Answer struct {
	Status       int                 `json:"status"`         // as sent
	Bytes        int64               `json:"bytes"`          // of the body that were sent
	RetryAfterMS *int64              `json:"retry_after_ms"` // what Retry-After announced; null without one
	Header       map[string][]string `json:"header"`         // as sent, secrets redacted
}

func (*Attempt) event() Event { return EventAttempt }
