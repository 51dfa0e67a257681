package analysis

// inference gathers what the attempts say of the policy. It is made in two passes: the gaps say how long a delivery may be silent, and which deliveries
// are lost says which endings are not retried.
type inference struct {
	gaps     sample
	calm     sample // those of them that no queue can have lengthened
	order    order  // in which they came
	told     told
	habits   habits
	patience patience
}

// seeGaps takes a delivery, whatever its state.
func (n *inference) seeGaps(c course) {
	for i, a := range c.arrivals {
		n.patience.see(a)
		if i == 0 {
			continue
		}
		before := c.arrivals[i-1]
		switch {
		case a.regular:
			n.gaps.add(before.try, a.gap.Seconds())
			n.order.add(before.try, ended(before.ended), beginning(a.Start))
			if !a.queued() {
				n.calm.add(before.try, a.gap.Seconds())
			}
		case a.seen && a.announced > 0:
			n.told.add(a, before)
		}
	}
}

// waits is the part of the policy that the gaps tell. Those of a sender that ignores Retry-After are like any others.
func (n *inference) waits() *Policy {
	gaps, calm := n.gaps, n.calm
	if len(n.told) > 0 && n.told.ignored() {
		gaps, calm = gaps.clone(), calm.clone()
		for _, one := range n.told {
			gaps.add(one.try, one.gap.Seconds())
			if !one.queued {
				calm.add(one.try, one.gap.Seconds())
			}
		}
	}
	p := &Policy{}
	p.fitGaps(gaps, calm, n.order)
	p.Obeys = n.told.obedience(p)
	return p
}

// longestWait is the longest that the policy would wait between two attempts, as far as it was seen and one try further.
func (n *inference) longestWait(p *Policy) (longest float64) {
	longest = n.gaps.longest()
	if p.waits != nil {
		for try := range len(n.gaps) + 1 {
			longest = max(longest, p.waits.high(try+1))
		}
	}
	return longest
}

// finish adds what only the states of the deliveries tell.
func (n *inference) finish(p *Policy) {
	if limit := n.habits.limit(); limit > 0 {
		p.Attempts = &limit
	}
	if n.habits.never() == 1 {
		p.Shape = ShapeNone
	} else if p.Shape == "" && p.Attempts != nil && *p.Attempts == 2 {
		p.Shape = ShapeConstant // there is no second wait
	}
	p.Retries = n.habits.retries()
	if timeout, ok := n.patience.timeout(); ok {
		p.Timeout = &timeout
	}
	p.Survives = p.survival()
}
