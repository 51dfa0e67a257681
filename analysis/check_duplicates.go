package analysis

// duplicates asks how many deliveries a target answered with success more than once: with hidden, those where the sender could not know of the first success,
// because we hid it; else the others.
type duplicates struct {
	*asked
	hidden bool
	limit  int
	basis  int
	bodies int // deliveries of a body's key: a repetition would be a delivery of its own
	found  witnesses
}

func askMaxDuplicates(a *asked) check {
	if a.Duplicates == nil {
		return nil
	}
	return &duplicates{asked: a, limit: *a.Duplicates}
}

func askAfterLostAck(a *asked) check {
	if a.AfterLostAck == nil {
		return nil
	}
	return &duplicates{asked: a, limit: *a.AfterLostAck, hidden: true}
}

func (q *duplicates) see(c *course) {
	knowing, unknowing, hid := c.repeats()
	switch {
	case q.hidden && hid:
		q.basis++
		if unknowing {
			q.found.add(c)
		}
	case !q.hidden && c.Delivered:
		q.basis++
		if c.bodyKeyed() {
			q.bodies++
		}
		if knowing {
			q.found.add(c)
		}
	}
}

// repeats tells whether the target answered with success once more: knowing when the sender could have known that it had, since it had been shown that, or
// did not wait for the end; unknowing when that was hidden from it. hid: some success was.
func (c *course) repeats() (knowing, unknowing, hid bool) {
	for i, a := range c.arrivals {
		if a.byHand || a.Attempt.Delivered == nil || !*a.Attempt.Delivered {
			continue
		}
		hid = hid || a.how != wellEnded
		for _, before := range c.arrivals[:i] {
			switch {
			case before.Attempt.Delivered == nil || !*before.Attempt.Delivered:
			case before.how == wellEnded || a.Start.Before(before.ended):
				knowing = true
			default:
				unknowing = true
			}
		}
	}
	return knowing, unknowing && !knowing, hid
}

func (q *duplicates) answer() Check {
	found, limit := float64(q.found.all), float64(q.limit)
	switch {
	case q.found.all > q.limit:
		return answer(Fail, q.basis, "%s arrived more than once%s", counted(q.found.all, "delivery"), q.because()).of(found, limit).shownBy(q.found)
	case q.basis == 0 && q.hidden:
		return answer(Inconclusive, 0, "no acknowledgement was hidden from the sender: deliver_first would do that").of(found, limit)
	case q.basis == 0:
		return answer(Inconclusive, 0, "nothing was delivered").of(found, limit)
	case q.bodies > 0:
		return answer(Inconclusive, q.basis, "%s told by the body alone, where a repetition counts as a new delivery: is there an id to key on?", counted(q.bodies, "delivery")).
			of(found, limit)
	default:
		return answer(Pass, q.basis, "%d of %d arrived more than once%s", q.found.all, q.basis, q.because()).of(found, limit).shownBy(q.found)
	}
}

func (q *duplicates) because() string {
	if q.hidden {
		return " after their acknowledgement was hidden"
	}
	return ""
}
