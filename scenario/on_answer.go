package scenario

import (
	"slices"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/schema"
)

// AsksAnswer reports whether any enabled rule is decided by the target's own answer.
func (s *Scenario) AsksAnswer() bool {
	return slices.ContainsFunc(s.Rules, func(r Rule) bool { return r.Enabled && !r.Match.Response.Empty() })
}

// checkAnswer reports what a rule that is decided by the target's answer cannot do any more, or never will.
func (r *Rule) checkAnswer(v schema.Value) {
	if r.Match.Response.Empty() || r.moments.boundBy != "" {
		return // bound to the CONNECT: that was reported
	}
	if len(r.Match.Placement) > 0 && !slices.ContainsFunc(r.Match.Placement, Placement.hasTarget) {
		v.Key("match").Key("response").Complain("can never hold: there is no answer of a target to look at in a tunnel",
			"match.placement with one of forward, intercept, gateway, receiver")
	}
	if r.DeliverFirst {
		v.Key("deliver_first").Complain("says nothing beside match.response: the target has got the request by then", "")
	}
	for _, f := range r.Faults {
		f.checkAnswer(v.Key(f.Kind))
	}
	for i, option := range r.OneOf {
		for _, f := range option.Faults {
			options, _ := v.Key("one_of").List() // they were read from it
			f.checkAnswer(options[i].Key(f.Kind))
		}
	}
}

// checkAnswer reports a fault that acts before the target has answered.
func (f *Injection) checkAnswer(v schema.Value) {
	const late = "acts before the target has answered, and match.response asks for its answer"
	if !f.onAnswer {
		v.Complain(late, "make it two rules")
		return
	}
	if outbound, ok := f.Fault.(faults.Outbound); ok {
		if mend := outbound.Outbound(); mend != "" {
			v.Complain(late, mend)
		}
	}
}

// hasTarget reports whether a target answers there, and faultline sees it.
func (p Placement) hasTarget() bool { return p != Tunnel }
