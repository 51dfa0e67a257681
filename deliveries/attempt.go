package deliveries

import "time"

// Record is one line of the log.
type Record interface{ event() Event }

// Event is the kind of a log line.
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
	None  Reached = "none"
	Part  Reached = "part"
	Whole Reached = "whole"
)

// End is how an attempt ended for the sender.
type End string

// The ends.
const (
	Complete End = "complete"
	Cut      End = "cut"     // FIN in the answer
	Reset    End = "reset"   // RST
	Fin      End = "fin"     // FIN without a byte
	Refused  End = "refused" // the kernel refused the connection
	Silence  End = "silence" // the sender left, or was let go, waiting
)

// Party is who ended an attempt.
type Party string

// The parties.
const (
	BySender   Party = "sender"
	ByProxy    Party = "proxy"
	ByTarget   Party = "target"
	ByShutdown Party = "shutdown"
)

// Attempt is a finished attempt, in the order of its fields in the log. V, Event, Run, Proxy and Seq are set by the Writer.
type Attempt struct {
	V         int       `json:"v"`
	Event     Event     `json:"event"`
	Delivery  string    `json:"delivery"`
	Start     time.Time `json:"start"` // wall clock, UTC, nanoseconds
	Attempt   int       `json:"attempt"`
	Outcome   Outcome   `json:"outcome"`
	Reached   Reached   `json:"reached"`
	Delivered *bool     `json:"delivered"` // null: the target got it all, nobody waited for its answer
	Host      string    `json:"host"`
	MS        Times     `json:"ms"`
	Key       string    `json:"key"`
	KeyFrom   string    `json:"key_from"`
	Endpoint  string    `json:"endpoint"`
	ID        string    `json:"id"`
	Run       string    `json:"run"`
	Proxy     string    `json:"proxy"`
	Seq       uint64    `json:"seq"`
	Try       string    `json:"try,omitempty"`
	Created   string    `json:"created,omitempty"`
	Counted   string    `json:"counted"` // "local"
	Placement string    `json:"placement"`
	Client    string    `json:"client"`
	Method    string    `json:"method"`
	URL       string    `json:"url"`
	Request   Message   `json:"request"`
	Rules     []string  `json:"rules"`
	Faults    []string  `json:"faults"`
	Phase     string    `json:"phase"`
	Scenario  string    `json:"scenario"`
	Target    *Target   `json:"target"`
	Answer    *Answer   `json:"answer"` // null when not one byte was sent
	End       End       `json:"end"`
	EndedBy   Party     `json:"ended_by"`
	Error     string    `json:"error"`
}

// Times are monotonic differences in milliseconds. Total ends at the start of the last write, the reset, or the sender's own close.
type Times struct {
	Decide    float64 `json:"decide"`
	Target    float64 `json:"target"`
	FirstByte float64 `json:"first_byte"`
	Total     float64 `json:"total"`
}

// Message is a request as it came in. Body is nil, a string, or {"base64": …}, as log.bodies says.
type Message struct {
	Bytes  int64               `json:"bytes"`
	SHA256 string              `json:"sha256"`
	Header map[string][]string `json:"header"`
	Body   any                 `json:"body"`
}

// Target is what really happened at the target. Status 0: no answer.
type Target struct {
	Status int     `json:"status"`
	Bytes  int64   `json:"bytes"`
	MS     float64 `json:"ms"`
	Error  string  `json:"error"`
	Addr   string  `json:"addr"`
	Reused bool    `json:"reused"`
}

// Answer is what the sender was sent.
type Answer struct {
	Status       int                 `json:"status"`
	Bytes        int64               `json:"bytes"`
	RetryAfterMS *int64              `json:"retry_after_ms"` // null without a Retry-After
	Header       map[string][]string `json:"header"`
}

func (*Attempt) event() Event { return EventAttempt }
