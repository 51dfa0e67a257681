package analysis

// herdCheck asks which share of the retries after an outage's end fall into the busiest second.
type herdCheck struct {
	*asked
	herds herds
}

func askHerd(a *asked) check {
	if a.Herd == nil {
		return nil
	}
	return &herdCheck{asked: a}
}

func (q *herdCheck) see(c *course) { q.herds.see(c) }

func (q *herdCheck) answer() Check {
	worst, ok := q.herds.worst()
	if !ok {
		return answer(Inconclusive, 0, "no outage ended with %d deliveries waiting for a retry", leastHerd)
	}
	over := 0
	if worst.share() > *q.Herd {
		over = 1
	}
	c := answer(judged(over, worst.all), worst.all, "%d of %d retries after the outage that ended at %s came within one second", worst.busiest, worst.all, clock(worst.outage.to)).
		of(worst.share(), *q.Herd)
	if over > 0 {
		c = c.shownBy(worst.shown)
	}
	return c
}
