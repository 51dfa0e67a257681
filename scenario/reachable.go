package scenario

import (
	"slices"
	"strings"

	"github.com/faultline/faultline/schema"
)

// checkReachable reports rules whose match no webhook can meet, as [delivery] leaves it out: a rule for GET, a rule for another host.
func (s *Scenario) checkReachable(root schema.Value) {
	tables, _ := root.Key("rule").List() // what is no list was reported
	d := &s.Delivery.Match
	for i, table := range tables {
		if s.Delivery.matchUnsound || !s.Rules[i].matchSound {
			continue // its own problems come first
		}
		m, match := &s.Rules[i].Match, table.Key("match")
		if !meet(m.Method, d.Method, matchGlob) {
			match.Key("method").Reject("can never hold: [delivery] leaves it out", "one of "+strings.Join(d.Method, ", "),
				"delivery.match.method says which methods a webhook has")
		}
		if !meet(m.Host, d.Host, hostMeets) {
			match.Key("host").Reject("can never hold: [delivery] leaves it out", "one of "+strings.Join(d.Host, ", "),
				"delivery.match.host says which hosts webhooks go to")
		}
		if !meet(m.Scheme, d.Scheme, equal[string]) {
			match.Key("scheme").Reject("can never hold: [delivery] leaves it out", "one of "+strings.Join(d.Scheme, ", "), "")
		}
		if !meet(m.Placement, d.Placement, equal[Placement]) {
			match.Key("placement").Reject("can never hold: [delivery] leaves it out", "one of "+listed(d.Placement), "")
		}
	}
}

func equal[T comparable](a, b T) bool { return a == b }

// meet reports whether something can be in both lists; a list that is empty holds everything. Of two globs it is always taken to be so.
func meet[T ~string](rule, delivery []T, matches func(glob, text T) bool) bool {
	if len(rule) == 0 || len(delivery) == 0 {
		return true
	}
	return slices.ContainsFunc(rule, func(a T) bool {
		return slices.ContainsFunc(delivery, func(b T) bool {
			return isGlob(string(a)) && isGlob(string(b)) || matches(a, b) || matches(b, a)
		})
	})
}

// hostMeets compares a glob of hosts with a host; a port counts when both have one.
func hostMeets(glob, host string) bool {
	if globHasPort(glob) && globHasPort(host) {
		return matchGlob(glob, host)
	}
	hosts := withoutPorts([]string{glob, host})
	return matchGlob(hosts[0], hosts[1])
}
