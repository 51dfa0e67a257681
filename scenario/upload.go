package scenario

import "github.com/faultline/faultline/faults"

// Upload is how fast, in bytes a second, an attempt's body is to come in while it is held back for its decision: by the rules that fire whatever the body
// says. 0: as fast as it comes. What other rules ask for begins with the decision.
func (s *Scenario) Upload(subj *Subject) int64 {
	v := look(subj, false)
	if s.Delivery.Match.asksBody(v) {
		return 0
	}
	var lowest int64
	for at := s.mayMatch(subj); at.next(); {
		r := &s.Rules[at.place]
		if !r.Enabled || r.missMoment(v) != "" || r.Match.missConnection(v) != "" || r.Match.missHead(v) != "" {
			continue
		}
		if !r.Match.asksBody(v) && r.When.always() {
			lowest = lower(lowest, r.upload())
		}
		if r.moments.mayEnd {
			break // what stands below may not be read
		}
	}
	return lowest
}

func (r *Rule) upload() (lowest int64) {
	for _, f := range r.Faults {
		if slowing, is := f.Fault.(faults.Slowing); is {
			lowest = lower(lowest, slowing.Up())
		}
	}
	return lowest
}

// lower is the lower of two rates, of which 0 is none.
func lower(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
