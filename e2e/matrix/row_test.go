package matrix

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/faultline/faultline/faults"
)

// row is one case: a fault, and the failure that it imitates.
type row struct {
	name  string // of the rule; faultline acts, and the raw target fails, at the path of this name
	kind  string // of fault; "" where it is no kind's own
	fault string // of the rule
	truth failure
	// door, where it is not nil, is the truth instead: the row has an address of its own, as connections know no path, and its rule names that alone.
	door door
	// end is how the door ends a connection, in the words of the log; "": the client ends it.
	end string
	// like is the row that a row with a door is like where it cannot act but on requests.
	like string
	// target is what faultline's target for the row does; nil: it answers healthily.
	target http.HandlerFunc
	// in are the placements that the row is for; nil: forward, intercept and gateway.
	in []placement
	// sound is the body that is corrupted: what counts is how much of it is wrong, not where.
	sound string
	// asks is how often faultline's target gets each attempt.
	asks int
	// relays is true when the client is shown the target's own answer.
	relays bool
	// second is true when it is the second attempt on a connection that fails.
	second bool
	// follows is true when clients may go on to another URL, at which nothing fails.
	follows bool
	// primed is true when an attempt of nobody's has used up what the rule lets pass.
	primed bool
}

func (r row) path() string { return "/" + r.name }

// is reports whether the row is for a placement.
func (r row) is(in placement) bool {
	if r.in == nil {
		return in != tunnel && in != listener
	}
	return slices.Contains(r.in, in)
}

// atConnect reports whether the row acts on the connection there, and not on a request.
func (r row) atConnect(in placement) bool {
	kind, _ := faults.Lookup(r.kind)
	onOpened := kind.Acts == faults.AtConnect || kind.Acts == faults.OnlyAtConnect
	return r.door != nil && (in == tunnel || in == gateway || in == listener || in == intercept && onOpened)
}

// inClear and inTLS report whether the row is for a placement in which clients speak http, or https.
func (r row) inClear() bool { return r.is(forward) || r.is(gateway) || r.is(listener) }
func (r row) inTLS() bool   { return r.is(tunnel) || r.is(intercept) }

// The paths below a row's own, at which nothing fails: where a connection is begun, where a redirect leads, and what uses up a limit.
const (
	before = "/before"
	landed = "/landed"
	primer = "/primer"
)

// rule is the row's rule; own are the hosts of a row with a door.
func (r row) rule(own []string) string {
	match := fmt.Sprintf("path = %q", r.path())
	switch {
	case r.door != nil:
		match = `host = ["` + strings.Join(own, `", "`) + `"]`
	case r.primed:
		match = fmt.Sprintf("path = [%q, %q]", r.path(), r.path()+primer)
	}
	return fmt.Sprintf("[[rule]]\nname = %q\nmatch.%s\n%s\n", r.name, match, r.fault)
}

// rows are all of them; those of a target's own answer after deliver_first included.
func rows() []row {
	var all []row
	for _, group := range [][]row{
		refusedRows(), tlsRows(), cutRows(), slowRows(), shapingRows(), admissionRows(), answerRows(), redirectRows(), silentRows(), brokenRows(), oddRows(),
	} {
		for _, row := range group {
			all = append(all, row)
			if row.canDeliver() {
				all = append(all, row.delivered())
			}
		}
	}
	return all
}

// canDeliver reports whether the row is shown as well after its target was asked.
func (r row) canDeliver() bool {
	kind, _ := faults.Lookup(r.kind)
	return kind.Terminal && r.door == nil && !r.second && !r.follows && !r.primed && !r.relays
}

// delivered is the row, with its target asked first: the client sees no difference.
func (r row) delivered() row {
	leads := "Location: ." + r.path()
	r.name, r.kind, r.asks = r.name+deliveredToo, "", 1
	r.fault = "deliver_first = true\n" + r.fault
	r.truth.says = strings.ReplaceAll(r.truth.says, leads, "Location: ."+r.path())
	return r
}

// deliveredToo ends the names of rows whose target is asked first.
const deliveredToo = "-delivered"
