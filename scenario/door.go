package scenario

import (
	"slices"
	"time"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/schema"
)

// Door is what becomes of a listener: Rule and Faults have closed it. The zero Door is open.
type Door struct {
	State  faults.Door
	Rule   string
	Faults []string
}

// DoorAt says what becomes of a listener at an instant, and until when that surely lasts; zero: for ever, but for a clock that has still to start. Of subj only
// Placement, Scheme, Host and Port count: those of a gateway's target or of a receiver, or Forward for the proxy's own listener.
//
// A gateway closes by rules that are decided by time alone, given its target. The rules are read from top to bottom, as always: below one that may end the
// reading and looks at more than that, nothing closes the gateway, and its attempts are decided one by one. The proxy's own listener closes by rules that
// name it; of the others only those count that end the reading for every attempt.
func (s *Scenario) DoorAt(subj *Subject, at Instant) (door Door, until time.Time) {
	if subj.Placement.stands() && !s.Delivery.hasAllOf(subj) {
		return Door{}, time.Time{}
	}
	started := !at.Start.IsZero()
	if started {
		at.phase, at.phaseSince = s.PhaseAt(at)
	}
	for i := range s.Rules {
		r := &s.Rules[i]
		if !r.concerns(subj) || !started && r.When.window.fromStart() {
			continue
		}
		until = earlier(until, s.changes(&r.When.window, at))
		if miss, _ := r.When.window.miss(at, false); miss != "" || !r.moments.mayEnd {
			continue
		}
		state := r.moments.own
		if subj.Placement.stands() {
			state = r.moments.gateway
		}
		if state == faults.DoorOpen || !r.moments.byTime {
			return Door{}, until
		}
		return Door{State: state, Rule: r.Name, Faults: kindsOf(r.Faults)}, until
	}
	return Door{}, until
}

// stands reports whether a listener stands for one target, and knows it before there is a request.
func (p Placement) stands() bool { return p == Gateway || p == Receiver }

// hasAllOf reports whether all that comes to a gateway's listener is a webhook, as far as that is known before there is a request.
func (d *Delivery) hasAllOf(subj *Subject) bool {
	return len(d.Match.Client) == 0 && d.Match.missTarget(subj) == ""
}

// concerns reports whether the rule has a say in what becomes of a listener.
func (r *Rule) concerns(subj *Subject) bool {
	switch {
	case !r.Enabled, !r.Match.Response.Empty(): // an answer comes after the listener
		return false
	case !subj.Placement.stands():
		return r.moments.own != faults.DoorOpen || r.moments.byTime && r.Match.always()
	case r.moments.own != faults.DoorOpen, r.moments.only && (r.moments.gateway == faults.DoorOpen || !r.moments.byTime):
		return false // it is for the proxy's own listener, or for a CONNECT, which no gateway gets
	}
	return r.Match.missTarget(subj) == ""
}

// kindsOf are the kinds of a rule's faults.
func kindsOf(brought []Injection) []string {
	kinds := make([]string, len(brought))
	for i, f := range brought {
		kinds[i] = f.Kind
	}
	return kinds
}

// missTarget is a miss of what a gateway's listener knows: its target and its placement.
func (m *Match) missTarget(subj *Subject) string {
	v := look(subj, false)
	known := Match{Host: m.Host, Placement: m.Placement, Scheme: m.Scheme}
	if miss := known.missConnection(v); miss != "" {
		return miss
	}
	return known.missHead(v)
}

// asksMoreThanTarget reports whether the match asks for anything that a gateway's listener does not know.
func (m *Match) asksMoreThanTarget() bool {
	rest := *m
	rest.Host, rest.Placement, rest.Scheme = nil, nil, nil
	return !rest.always()
}

// checkListener reports what a rule that closes the proxy's own listener cannot have: it is decided by time alone, for all targets, before any connection.
func (r *Rule) checkListener(v schema.Value) {
	closing := func(f Injection) bool {
		fault, ok := f.Fault.(faults.Closing)
		if !ok {
			return false
		}
		_, own := fault.Closes()
		return own != faults.DoorOpen
	}
	at := slices.IndexFunc(r.Injections(), closing)
	if at < 0 {
		return
	}
	kind := r.Injections()[at].Kind
	for _, key := range v.Key("match").Keys() {
		v.Key("match").Key(key).Complain("the proxy's own listener closes for all targets and senders, before it knows any", "a gateway's listener closes for its target: leave listener out")
	}
	for _, key := range v.Key("when").Keys() {
		if !slices.Contains(timeKeys[:], key) {
			v.Key("when").Key(key).Complain("a listener is closed by time alone", "after, for, repeat_every, from, until, daily, days and phase are")
		}
	}
	switch {
	case len(r.OneOf) > 0:
		v.Key("one_of").Complain("a listener is closed by time alone, and not by a draw", "make it two rules")
	case r.DeliverFirst:
		v.Key("deliver_first").Complain("nothing is delivered through a closed listener", "")
	}
	for _, f := range r.Faults {
		if f.Kind != kind {
			v.Key(f.Kind).Complain("nothing can act behind a closed listener", "make it two rules")
		}
	}
}

// timeKeys are the keys of when that tell the time.
var timeKeys = [...]string{"after", "for", "repeat_every", "from", "until", "daily", "days", "phase"}
