package scenario

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/faultline/faultline/faults"
)

// Moment is when a decision is taken.
type Moment int

const (
	// Connect is a CONNECT that was read, before anything of what it carries: only host, port, client, placement (intercept when it will be opened, else
	// tunnel), time, counts, and chance by host or arrival are known.
	Connect Moment = iota
	// Request is a request that was read as far as the decision needs it.
	Request
	// Response is the head of the target's own answer to it, when nothing of it was shown yet.
	Response
)

// String is the moment as JSON output names it.
func (m Moment) String() string {
	switch m {
	case Connect:
		return "connect"
	case Request:
		return "request"
	case Response:
		return "response"
	default:
		panic(fmt.Sprintf("scenario: moment %d", int(m)))
	}
}

// Placement is where an attempt came in.
type Placement string

// The placements.
const (
	Forward   Placement = "forward"
	Tunnel    Placement = "tunnel"
	Intercept Placement = "intercept"
	Gateway   Placement = "gateway"
	Receiver  Placement = "receiver"
)

// Subject is what is known of an attempt when it is decided: all that a match or a delivery key may look at. At Connect only Host, Port,
// Client and Placement are set.
type Subject struct {
	Moment    Moment
	Placement Placement
	// Tunnelled is true for a request on an intercepted connection that was to be a tunnel until a rule had it opened: what is decided at the CONNECT of a
	// tunnel was decided.
	Tunnelled bool
	Client    netip.Addr
	Method    string
	Scheme    string // "http" or "https"
	Host      string // lower case, no port, no brackets
	Port      int    // always set, 80 or 443 filled in
	Path      string // as sent (escaped), "/" when empty
	RawQuery  string
	Header    map[string][]string // canonical names
	Status    int                 // of the target's own answer, at Response

	// Body is what was held of the request's body: all of it when BodyWhole is true. BodyHeld is false while the body was not looked at: then
	// nothing that needs it holds, and NeedsBody says whether it must be.
	Body      []byte
	BodyHeld  bool
	BodyWhole bool
	// Size is the body's length in bytes; -1 while it is unknown (chunked and not whole).
	Size int64

	// The delivery, set after Key and the counters were asked. Attempt 0: not known (connect, or no webhook).
	Key          string
	Acknowledged uint64 // `body` keys: how many acknowledged deliveries of this key came before
	Attempt      int
	First        time.Time // when this delivery's first attempt began; zero: it is this one
}

// Key is a delivery key and where it came from.
type Key struct {
	Value string
	// From is the source that was present: "header:Webhook-Id", "json:type,json:claim_id", "body", "body-prefix".
	From string
	// Scope is what Value is unique within, by [delivery] per: the endpoint, the host, or "".
	Scope string
	// Body is true for "body" and "body-prefix": an acknowledgement then ends the delivery.
	Body bool
}

// Instant is the time of a decision.
type Instant struct {
	Now time.Time // by the wall clock
	// Start is what after, for and ramps count from; zero: not started yet, counts as now.
	Start time.Time
	// Phases is when the first phase began, or would have, had nobody jumped to another (PhasesFrom); zero: with Start.
	Phases time.Time

	phase      string // the one that is on
	phaseSince time.Time
}

// begun is the instant with what has not started yet starting now.
func (at Instant) begun() Instant {
	if at.Start.IsZero() {
		at.Start = at.Now
	}
	if at.Phases.IsZero() {
		at.Phases = at.Start
	}
	return at
}

// Counts is what a decision reads of the past, by rule name.
type Counts interface {
	// Matched is how many attempts the rule's match has held for, this one not included.
	Matched(rule string) uint64
	// Fired is how often the rule has fired since a moment, the zero time being the beginning of all; this attempt not included. The moments that are
	// asked for are openings of the rule's window, or of the phase, and each is the latest at its time.
	Fired(rule string, since time.Time) uint64
	// Ahead is what was last kept of the rule under the name: moments, in order. Those that are past may be missing.
	Ahead(rule, name string) []time.Time
}

// Tally is Counts that can be moved.
type Tally interface {
	Counts
	// Match adds one to Matched.
	Match(rule string)
	// Fire adds one to Fired, in all and since a moment; the zero time is none.
	Fire(rule string, since time.Time)
	// Keep takes the place of what is Ahead of the rule under the name; what is past by now may be forgotten.
	Keep(rule, name string, ahead []time.Time, now time.Time)
}

// Firing is a rule that fired and the fault kinds it brought ("pass" alone brings none). A rule whose only fault has let the attempt through, as a
// rate limit that is not reached, has not fired.
type Firing struct {
	Rule   string
	Faults []string
	// Since is what the rule's firings are counted from, beside all of them: the opening of its window or of the phase (times per). Zero: from nothing.
	Since time.Time
}

// Reading is what became of one rule at one attempt: it fired, or which condition failed first.
type Reading struct {
	Rule  string
	Fired bool
	// Miss says why it did not fire: the first condition that failed, with what was asked and what was there. "": it fired.
	Miss string
	// Faults are the kinds that it brought.
	Faults []string
	// Nth is the number of this match of the rule, from 1; 0: its match did not hold. Before is how often it had fired before, in all.
	Nth, Before uint64
}

// Kept is what a fault of a rule has to remember of this attempt, under a name: moments that lie ahead, such as the one at which a bucket of tokens is
// full again.
type Kept struct {
	Rule, Name string
	Ahead      []time.Time
}

// Decision is what is to be done to an attempt, and what was counted for it: the caller has it counted, under the lock under which Counts was read. A rule
// that the reading did not get to keeps nothing: it has given no token away.
type Decision struct {
	Plan    faults.Plan
	Phase   string // the one that was on; "": none
	Fired   []Firing
	Matched []string
	Kept    []Kept
	// Readings say of every rule of the scenario, in its order, what became of it; of one that explains itself alone.
	Readings []Reading
	// Unseen is, at Connect, how many enabled rules name this host but need to look inside the tunnel.
	Unseen int

	parts []faults.Part
	ending
}

// ending is the end of a reading: the rule, "" while none has ended it, and its place in the file.
type ending struct {
	ended  string
	place  int
	closed bool // it was a terminal fault, or a pass, and the target's answer changes nothing any more
}
