package scenario

import (
	"slices"
	"strings"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/schema"
)

// DecidedAt is the value of when.moment.
type DecidedAt string

// DecidedAtConnect has a rule decided at the CONNECT alone, of an opened connection, too.
const DecidedAtConnect DecidedAt = "connect"

// Why a rule is not decided at a moment.
const (
	missInside  = "it needs to look inside the tunnel" // its host is named, its faults are not to be had
	missLater   = "it is decided when the request was read"
	missEarlier = "it was decided at the CONNECT"
	missConnect = "it is decided at a CONNECT alone"
	missAnswer  = "it is decided by the target's answer"
	missRead    = "it was decided when the request was read"
	missOwn     = "it closes the proxy's own listener, and no attempt meets it"
)

// missMoment says why the rule is not decided at this moment of this attempt; "" when it is. Each is decided once on a connection: a tunnel's at its CONNECT,
// those of an opened one there or when a request was read.
func (r *Rule) missMoment(v *view) string {
	switch byAnswer := !r.Match.Response.Empty(); {
	case r.moments.own != faults.DoorOpen:
		return missOwn
	case byAnswer && (v.Moment == Request || v.Moment == Connect && v.Placement == Intercept):
		return missAnswer
	case v.Moment == Response && byAnswer:
		return ""
	case v.Moment == Response:
		return missRead
	case v.Moment == Connect && v.Placement == Intercept && r.moments.boundBy == "":
		return missLater
	case v.Moment == Connect && !r.moments.known:
		return missInside
	case v.Moment == Connect:
		return ""
	case v.Placement == Intercept && (r.moments.boundBy != "" || v.Tunnelled && r.moments.known):
		return missEarlier
	case r.moments.only:
		return missConnect
	}
	return ""
}

// shields reports whether the rule, though its moment is the request, leaves an opened connection alone at its CONNECT: a pass that is known to hold there.
func (r *Rule) shields(v *view) bool {
	return v.Moment == Connect && v.Placement == Intercept && r.Pass && r.moments.boundBy == "" && r.moments.known
}

// moments is what a rule's conditions and faults come to: where it is decided.
type moments struct {
	boundBy string // what binds it to the CONNECT wherever there is one: when.moment, or the kind of a fault; "" when nothing does
	only    bool   // it is decided at a CONNECT, and where none comes never
	known   bool   // it asks for no more than is known at a CONNECT, and brings only what acts there
	byTime  bool   // it is decided by time alone, where the target is known
	injects bool   // it has a fault
	mayEnd  bool   // the reading ends when it fires, for some of what it may pick
	asksKey bool   // its decision, or its faults, depend on the delivery key

	gateway, own faults.Door // what it makes of a listener while it is open
}

func (r *Rule) findMoments() moments {
	m := moments{known: !r.Match.asksRequest() && !r.When.asksDelivery() && !r.DeliverFirst}
	if r.When.Moment == DecidedAtConnect {
		m.boundBy, m.only = "when.moment", true
	}
	for _, f := range r.Injections() {
		switch f.acts {
		case faults.AtRequest:
			m.known = false
		case faults.InTunnels:
		case faults.AtConnect, faults.OnlyAtConnect:
			m.boundBy = f.Kind
			m.only = m.only || f.acts == faults.OnlyAtConnect
		}
		if closing, ok := f.Fault.(faults.Closing); ok {
			m.gateway, m.own = closing.Closes()
		}
	}
	all := r.Injections()
	m.injects, m.mayEnd, m.asksKey = len(all) > 0, r.Pass || r.Last || terminalOf(all) != "", r.asksDelivery()
	m.byTime = len(r.OneOf) == 0 && !r.DeliverFirst && !r.Match.asksMoreThanTarget() && r.When.byTime()
	return m
}

// onlyInTunnels reports whether the rule's match holds in tunnels alone.
func (r *Rule) onlyInTunnels() bool {
	return len(r.Match.Placement) > 0 && !slices.ContainsFunc(r.Match.Placement, func(p Placement) bool { return p != Tunnel })
}

// neverConnects reports whether the rule's match holds only where no CONNECT comes.
func (r *Rule) neverConnects() bool {
	return len(r.Match.Placement) > 0 && !slices.ContainsFunc(r.Match.Placement, func(p Placement) bool { return p == Tunnel || p == Intercept })
}

// tunnelKinds are the kinds that act in a tunnel, for people.
func tunnelKinds() string {
	var names []string
	for _, kind := range faults.Kinds() {
		if kind.Acts != faults.AtRequest {
			names = append(names, kind.Name)
		}
	}
	return strings.Join(names, ", ")
}

// connectKnows are the conditions that are known at a CONNECT, for people.
const connectKnows = "known there are host, client, placement, nth, every, times, the time, and chance by host or arrival"

// checkMoment reports what a rule that is bound to the CONNECT asks for, or brings, that only the request knows.
func (r *Rule) checkMoment(v schema.Value) {
	by := r.moments.boundBy
	if by == "" {
		return
	}
	before := ", and " + by + " is decided at the CONNECT, before it"
	if by == "when.moment" {
		before = ", and the CONNECT comes before it"
	}
	for _, key := range v.Key("match").Keys() {
		if key != "host" && key != "client" && key != "placement" {
			v.Key("match").Key(key).Complain("only the request tells it"+before, connectKnows)
		}
	}
	for _, key := range v.Key("when").Keys() {
		if key == "attempt" || key == "age" {
			v.Key("when").Key(key).Complain("only the request tells it"+before, connectKnows)
		}
	}
	if r.When.Chance != nil && (r.When.ChancePer == PerAttempt || r.When.ChancePer == PerDelivery) {
		v.Key("when").Key("chance").Complain("is drawn for a request"+before, `chance_per = "arrival" draws for each CONNECT, "host" for all of a host alike`)
	}
	if r.DeliverFirst {
		v.Key("deliver_first").Complain("needs a request"+before, "")
	}
	r.checkLate(v, by)
}

// checkLate reports the faults that act only when the request was read.
func (r *Rule) checkLate(v schema.Value, by string) {
	for _, f := range r.Injections() {
		if f.acts != faults.AtRequest {
			continue
		}
		at := v.Key(f.Kind)
		if len(r.OneOf) > 0 {
			at = v.Key("one_of")
		}
		at.Complain(f.Kind+" acts when the request was read, and "+by+" has the rule decided at the CONNECT", "make it two rules")
	}
}
