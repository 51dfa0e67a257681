package analysis

// minAttempts asks that no delivery that met faults was given up after fewer attempts. Those that were acknowledged before say nothing.
type minAttempts struct {
	*asked
	enough int
	few    witnesses
	least  int
}

func askMinAttempts(a *asked) check {
	if a.MinAttempts == nil {
		return nil
	}
	return &minAttempts{asked: a}
}

func (q *minAttempts) see(c *course) {
	n := len(c.arrivals)
	switch {
	case !c.faulted || c.doubtful:
	case n >= *q.MinAttempts:
		q.enough++
	case q.forsaken(c):
		if q.few.all == 0 || n < q.least {
			q.least = n
		}
		q.few.add(c)
	}
}

func (q *minAttempts) answer() Check {
	limit := *q.MinAttempts
	switch {
	case q.few.all > 0:
		return answer(Fail, q.few.all+q.enough, "%s given up before attempt %d, one after %d", counted(q.few.all, "delivery"), limit, q.least).
			of(float64(q.least), float64(limit)).shownBy(q.few).restingOnAbsence()
	case q.enough > 0:
		return answer(Pass, q.enough, "%s had %d attempts or more", counted(q.enough, "delivery"), limit).of(float64(limit), float64(limit))
	default:
		return answer(Inconclusive, 0, "no delivery failed often enough to need %d attempts: let a fault last longer", limit)
	}
}

// maxAttempts asks that no delivery had more attempts, re-sends of a library included: the target sees them all.
type maxAttempts struct {
	*asked
	basis, most int
	many        witnesses
}

func askMaxAttempts(a *asked) check {
	if a.MaxAttempts == nil {
		return nil
	}
	return &maxAttempts{asked: a}
}

func (q *maxAttempts) see(c *course) {
	q.basis++
	n := c.own()
	q.most = max(q.most, n)
	if n > *q.MaxAttempts {
		q.many.add(c)
	}
}

func (q *maxAttempts) answer() Check {
	limit := *q.MaxAttempts
	if q.basis == 0 {
		return answer(Inconclusive, 0, "no delivery came")
	}
	text := counted(q.most, "attempt") + " at most"
	if q.many.all > 0 {
		text = counted(q.many.all, "delivery") + " had more, up to " + counted(q.most, "attempt")
	}
	return answer(judged(q.many.all, q.basis), q.basis, "%s", text).of(float64(q.most), float64(limit)).shownBy(q.many)
}
