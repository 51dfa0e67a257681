package scenario

// NeedsBody reports, by an attempt's head alone, whether its body must be held back before it can be decided: an enabled rule that may still match asks
// for the body, or for what depends on the delivery key while the key may come from the body; or [delivery] itself asks. A body that is
// not held passes as it comes, and its hash with BodyKey is its key.
func (s *Scenario) NeedsBody(subj *Subject) bool {
	v := look(subj, false)
	if d := &s.Delivery.Match; d.missConnection(v) != "" || d.missHead(v) != "" {
		return false
	} else if d.asksBody(v) || s.Delivery.asksBody() {
		return true
	}
	keyUnknown := !s.keyInHead(v)
	if keyUnknown && s.Delivery.keyAsksDocument() {
		return true
	}
	for at := s.mayMatch(subj); at.next(); {
		r := &s.Rules[at.place]
		asks := r.Match.asksBody(v) || keyUnknown && r.moments.asksKey // most do not, which is soon found out
		if asks && r.Enabled && r.decidedHere(v) && r.Match.missConnection(v) == "" && r.Match.missHead(v) == "" {
			return true
		}
	}
	return false
}

// decidedHere reports whether the rule is decided when this request was read, or by its answer.
func (r *Rule) decidedHere(v *view) bool {
	miss := r.missMoment(v)
	return miss == "" || miss == missAnswer
}

// keyInHead reports whether the head alone gives the delivery key.
func (s *Scenario) keyInHead(v *view) bool {
	head := *v
	head.headOnly = true
	for _, c := range s.Delivery.Key {
		if c.isBody() {
			continue
		}
		switch _, is := c.value(&head, func() (string, presence) { return "", unknown }); is {
		case present:
			return true
		case unknown:
			return false
		case absent:
		}
	}
	return false
}

// asksBody reports whether the log's try or created stand in the body.
func (d *Delivery) asksBody() bool {
	return d.Try != nil && d.Try.from == inJSON || d.Created != nil && d.Created.from == inJSON
}

// keyAsksDocument reports whether a key from the body is more than the hash of its bytes.
func (d *Delivery) keyAsksDocument() bool {
	if len(d.Ignore) > 0 {
		return true
	}
	for _, c := range d.Key {
		for _, s := range c {
			if s.from == inJSON || s.from == inBody && len(c) > 1 {
				return true
			}
		}
	}
	return false
}
