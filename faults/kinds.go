package faults

import (
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/faultline/faultline/schema"
)

// Kind is one line of the catalogue.
type Kind struct {
	// Name is the key of a rule that asks for it.
	Name string
	// Doc says what is on the wire.
	Doc string
	// Imitates names what fails like that by itself.
	Imitates string
	// Limits says what it cannot imitate, and which placement or fault can; "": nothing to say.
	Limits string
	// Cousins names the features of toxiproxy, WireMock and Envoy that do the like.
	Cousins string
	// Terminal is true when it ends the attempt; the others shape it and add up.
	Terminal bool
	// Main is the key that a bare value sets: status = 503. "": there is none.
	Main string
	// Bare is true when `true` is enough: reset = true.
	Bare bool
	// Acts is the moment at which it acts.
	Acts Moment
	// OnAnswer is true when it can act on the target's own answer: in rules that ask for it (match.response).
	OnAnswer bool
	// New is a fault of this kind with its defaults.
	New func() Fault
}

// Moment is when a kind acts.
type Moment int

// The moments.
const (
	AtRequest     Moment = iota // when the request was read; what passes through a tunnel is never seen
	InTunnels                   // at a CONNECT that is passed through, elsewhere when the request was read
	AtConnect                   // at a CONNECT, opened or not; without one (plain http, a gateway) when the request was read
	OnlyAtConnect               // at a CONNECT, opened or not, and nowhere else
)

func (m Moment) String() string {
	switch m {
	case AtRequest:
		return "when the request was read; a CONNECT that is passed through goes unseen"
	case InTunnels:
		return "when the request was read, or at a CONNECT that is passed through"
	case AtConnect:
		return "at a CONNECT, whether it is opened or not; without one, when the request was read"
	case OnlyAtConnect:
		return "at a CONNECT, whether it is opened or not, and nowhere else"
	default:
		panic(fmt.Sprintf("faults: moment %d", int(m)))
	}
}

// Fault is one fault of one rule. After Check it is not changed any more, and may be used by many at once.
type Fault interface {
	// Fields are its keys. The file is read into them.
	Fields() []schema.Field
	// Check looks at what was read as a whole and reports problems at v, the fault's table. Paths are read from files and stay inside it.
	Check(v schema.Value, files fs.FS)
	// Parts are the steps that it adds to an attempt's plan. None: it has let the attempt through, which then has met no fault.
	Parts(at Occasion) []Part
}

// Drawn is a Fault whose parts may depend on a draw; the others need not have it.
type Drawn interface {
	// Draws reports whether Parts will ask for a draw.
	Draws() bool
}

// Outbound is a Fault that may act before the target has answered, though its kind can act on the answer; the others need not have it.
type Outbound interface {
	// Outbound is what would have it act on the answer, for people; "" when it does.
	Outbound() (mend string)
}

// Refusing is a terminal Fault that may let an attempt through: it ends the attempt, and the reading of the rules, only where it refuses it. The others
// need not have it.
type Refusing interface {
	// Refusal is what it answers where it does.
	Refusal() Answer
}

// Slowing is a Fault that slows the request's body, which may have to be read before the plan is made; the others need not have it.
type Slowing interface {
	// Up is how many bytes of it come in a second; 0: as many as are sent.
	Up() int64
}

// Unnoticed is a Fault that some clients do not notice, or take for an answer; the others need not have it.
type Unnoticed interface {
	// Unnoticed says which clients, and what they make of it, and what would have them notice; "" when all do.
	Unnoticed() (by, mend string)
}

// Certifying is a Fault that may show a certificate, for which the proxy needs its CA; the others need not have it.
type Certifying interface {
	// Certifies reports whether it will.
	Certifies() bool
}

// Occasion is what a fault may know of the attempt that it acts on.
type Occasion struct {
	// Rule is the name of the rule that fired.
	Rule string
	// Draw is a number in [0, 1), the same for the same attempt of the same delivery, another for another purpose. It is there for Drawn faults that draw. Nil:
	// nothing is drawn.
	Draw func(purpose string) float64
	// URL is where the attempt is addressed to; "" at Connect. Nil: the same.
	URL func() string
	// Open is how long the rule's window has been open.
	Open time.Duration
	// Connect is true at a CONNECT: there is no request and no answer to act on.
	Connect bool
	// Host is the target as the log names it, Client the sender's address. Both are there for Refusing faults.
	Host, Client string
	// Now is the time of the decision.
	Now time.Time
	// Ahead is what this fault has kept under a name by an earlier attempt: moments, in order. Those that are past may be missing. It and Keep are there
	// for Refusing faults.
	Ahead func(name string) []time.Time
	// Keep takes the place of what was kept under the name, for the attempts after this one.
	Keep func(name string, ahead []time.Time)
}

// kinds is THE table of fault kinds, in the order of the documentation.
var kinds = [...]Kind{
	refuseKind,
	connectTimeoutKind,
	tlsKind,
	cutTunnelKind,
	informationalKind,
	latencyKind,
	rateLimitKind,
	capacityKind,
	bandwidthKind,
	rewriteKind,
	duplicateKind,
	corruptKind,
	statusKind,
	redirectKind,
	hangKind,
	stallKind,
	closeKind,
	resetKind,
	truncateKind,
	malformedKind,
}

// Kinds are all fault kinds.
func Kinds() []Kind { return slices.Clone(kinds[:]) }

// Lookup finds a kind by its name.
func Lookup(name string) (Kind, bool) {
	at := slices.IndexFunc(kinds[:], func(k Kind) bool { return k.Name == name })
	if at < 0 {
		return Kind{}, false
	}
	return kinds[at], true
}

// Read reads a fault of this kind as a rule gives it: a table, a bare value for the main key, or `true`. Problems are reported at v; the fault is of use
// only when there were none.
func (k Kind) Read(v schema.Value, files fs.FS) Fault {
	fault := k.New()
	fields := fault.Fields()
	sound := v.Sound(func() {
		if _, isTable := v.Raw.(map[string]any); isTable {
			v.Read(fields...)
			return
		}
		k.readBare(v, fields)
	})
	if sound {
		fault.Check(v, files)
	}
	return fault
}

func (k Kind) readBare(v schema.Value, fields []schema.Field) {
	if v.Raw == true && k.Bare {
		return
	}
	for _, f := range fields {
		if f.Key == k.Main {
			f.Read(v)
			return
		}
	}
	want := "a table"
	if k.Bare {
		want = "true or a table"
	}
	v.Reject("not a "+k.Name, want, "")
}
