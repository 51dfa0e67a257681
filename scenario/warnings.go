package scenario

import (
	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/schema"
)

// Warnings are what a valid scenario most likely does not mean, by line.
func Warnings(s *Scenario) []schema.Problem {
	var found []schema.Problem
	warn := func(line int, key, what, hint string) {
		found = append(found, schema.Problem{File: s.file, Line: line, Key: key, What: what, Hint: hint})
	}
	if len(s.Hosts()) == 0 && len(s.Rules) > 0 {
		warn(0, "delivery.match.host", "neither [delivery] nor a rule names a host: every POST, PUT, PATCH and DELETE of the worker is a webhook",
			`match.host = ["hooks.example.com"] keeps faults away from other traffic`)
	}
	if s.Expect != nil {
		warn(s.Expect.line, "expect", "is read, but not judged by this version of faultline", "")
	}
	end := "" // the first rule that ends every reading
	for i := range s.Rules {
		r := &s.Rules[i]
		key := schema.Index("rule", i)
		switch {
		case !r.Enabled:
			continue
		case end != "":
			warn(r.line, key, "is never read: the rule \""+end+"\" above it fires at every attempt and ends the reading", "move it up")
		case r.When.Chance != nil && r.When.Chance.From == 0 && r.When.Chance.To == 0:
			warn(r.line, key+".when.chance", "is 0: the rule never fires", "enabled = false leaves it out")
		case r.onlyInTunnels() && !r.moments.known:
			warn(r.line, key, "can never fire: in a tunnel only "+tunnelKinds()+" act", connectKnows)
		case r.moments.only && r.neverConnects():
			warn(r.line, key, "can never fire: it is decided at a CONNECT, and match.placement has none where one comes", "tunnel and intercept are those")
		}
		if end == "" && !r.moments.only && r.moments.own == faults.DoorOpen && r.Match.always() && r.When.always() && r.alwaysStops() {
			end = r.Name
		}
	}
	schema.SortProblems(found)
	return found
}
