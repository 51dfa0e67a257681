package analysis

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// tally counts what every report tells, asked for or not.
type tally struct {
	deliveries, attempts      int
	acknowledged, lost        int
	arrived                   int // acknowledged, and delivered at the target
	faulted                   int // attempts that a fault was brought to
	open, doubtful            witnesses
	mixed, unlogged           witnesses
	overlapping               witnesses
	openSilence, openPatience time.Duration // of the open delivery that is settled last
	left                      examples      // lost deliveries

	genuine         witnesses // that met a failure of the target's own
	genuineAttempts int
	kinds           map[ending]int // of these failures
	down            []outage       // attempts that could not reach their target
}

// outage is an attempt at a target that could not be reached.
type outage struct {
	span
	how string
}

// see takes a delivery with its state.
func (t *tally) see(c *course, ctx *context) {
	t.deliveries++
	t.attempts += len(c.arrivals)
	switch c.State {
	case deliveries.StateAcknowledged:
		t.acknowledged++
		if c.Delivered {
			t.arrived++
		}
	case deliveries.StateLost:
		t.lost++
		t.left.add(c, ctx.silent(c))
		if c.bodyKeyed() && len(c.arrivals) == 1 && c.arrivals[0].Request.Body == nil {
			t.unlogged.add(c)
		}
	case deliveries.StateOpen:
		t.waits(c, ctx)
	default:
		panic("analysis: state " + string(c.State))
	}
	if c.doubtful {
		t.doubtful.add(c)
	}
	if c.mixed() {
		t.mixed.add(c)
	}
	if c.overlaps() {
		t.overlapping.add(c)
	}
	t.seeFailures(c)
}

func (t *tally) waits(c *course, ctx *context) {
	silence, patience := ctx.silent(c), ctx.patience(c)
	if t.open.all == 0 || patience-silence > t.openPatience-t.openSilence {
		t.openSilence, t.openPatience = silence, patience
	}
	t.open.add(c)
}

// seeFailures looks for faults, and for failures that nobody injected.
func (t *tally) seeFailures(c *course) {
	before := t.genuineAttempts
	for _, a := range c.arrivals {
		if len(a.Faults) > 0 {
			t.faulted++
			continue
		}
		if !a.genuineFailure() {
			continue
		}
		t.genuineAttempts++
		if t.kinds == nil {
			t.kinds = make(map[ending]int)
		}
		t.kinds[a.how]++
		if how := a.unreachable(); how != "" {
			t.down = append(t.down, outage{span{a.Start, a.ended}, how})
		}
	}
	if t.genuineAttempts > before {
		t.genuine.add(c)
	}
}

// genuineFailure reports whether the target, or the way to it, failed without a fault of ours: it was no answer, or one that says so itself.
func (a arrival) genuineFailure() bool {
	failed := a.how != wellEnded && (a.how.status() == 0 || a.how.status() >= 500)
	return failed && len(a.Faults) == 0 && (a.EndedBy == deliveries.ByTarget || a.EndedBy == deliveries.ByProxy)
}

// unreachable says how a target could not be reached; "" when it was, or nobody knows.
func (a arrival) unreachable() string {
	if a.Target == nil || a.Target.Status != 0 || a.Target.Error == "" {
		return ""
	}
	for _, known := range [...]string{"refused", "timeout", "no such host", "no route"} {
		if strings.Contains(a.Target.Error, known) {
			return known
		}
	}
	return "unreachable"
}

// genuineKinds names the failures of the target's own.
func (t *tally) genuineKinds() string {
	var names []string
	for how, n := range t.kinds {
		names = append(names, fmt.Sprintf("%s %dx", how, n))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// mixed reports whether bodies of different type came under the delivery's key.
func (c *course) mixed() bool {
	first := ""
	for _, a := range c.arrivals {
		kind := eventType(a.Request.Body)
		if kind != "" && first != "" && kind != first {
			return true
		}
		first = kind
	}
	return false
}

// eventType is what a logged JSON body says its event is, "" when it does not.
func eventType(body any) string {
	text, _ := body.(string)
	if !strings.HasPrefix(text, "{") {
		return ""
	}
	var event map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &event) != nil {
		return ""
	}
	for _, name := range [...]string{"type", "event_type", "event"} {
		if value := string(event[name]); strings.HasPrefix(value, `"`) {
			return value
		}
	}
	return ""
}
