package analysis

// stableKey asks that attempts which share a body, or the id in it, share the key.
type stableKey struct {
	*asked
	kin   *kin
	again int // deliveries that came again under their key
}

func askStableKey(a *asked) check {
	if !a.StableKey {
		return nil
	}
	return &stableKey{asked: a, kin: a.kin}
}

func (q *stableKey) see(c *course) {
	if c.tries > 1 && !c.bodyKeyed() {
		q.again++
	}
}

func (q *stableKey) answer() Check {
	var shown witnesses
	for _, one := range q.kin.rekeyed {
		shown.insert(one.witness)
	}
	changed := q.kin.chains
	switch {
	case q.kin.changesKeys():
		return answer(Fail, changed+q.again, "%s came again under another key", counted(changed, "body")).of(float64(changed), 0).shownBy(shown)
	case changed > 0:
		return answer(Inconclusive, changed+q.again, "%s came again under another key after it had failed: the same event, or another one like it", counted(changed, "body")).
			of(float64(changed), 0).shownBy(shown)
	case q.again > 0:
		return answer(Pass, q.again, "%s came again under the same key", counted(q.again, "delivery")).of(0, 0)
	default:
		return answer(Inconclusive, 0, "no delivery came again that is told by more than its body")
	}
}

// stableBody asks that attempts which share a key share the body.
type stableBody struct {
	*asked
	basis   int
	changed witnesses
}

func askStableBody(a *asked) check {
	if !a.StableBody {
		return nil
	}
	return &stableBody{asked: a}
}

func (q *stableBody) see(c *course) {
	if c.bodyKeyed() {
		return
	}
	whole := int64(0)
	for _, a := range c.arrivals {
		whole = max(whole, a.Request.Bytes)
	}
	first, looked, changed := "", 0, false
	for _, a := range c.arrivals {
		cut := a.how == brokenOff && a.Request.Bytes < whole // it may not have shown all of its body
		hash := a.Request.SHA256
		if hash == "" || cut {
			continue
		}
		if first == "" {
			first = hash
		}
		looked++
		changed = changed || hash != first
	}
	if looked > 1 {
		q.basis++
	}
	if changed {
		q.changed.add(c)
	}
}

func (q *stableBody) answer() Check {
	if q.basis == 0 {
		return answer(Inconclusive, 0, "no delivery with a key of its own came again with a hash of its body (log.bodies)")
	}
	return answer(judged(q.changed.all, q.basis), q.basis, "%s had another body under the same key", counted(q.changed.all, "delivery")).
		of(float64(q.changed.all), 0).shownBy(q.changed)
}
