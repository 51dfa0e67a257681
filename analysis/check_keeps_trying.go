package analysis

import "time"

// keepsTrying asks that no delivery that met faults was given up sooner than so long after its first attempt.
type keepsTrying struct {
	*asked
	enough            int
	short             witnesses
	shortest, longest time.Duration
}

func askKeepsTrying(a *asked) check {
	if a.KeepsTrying == nil {
		return nil
	}
	return &keepsTrying{asked: a}
}

func (q *keepsTrying) see(c *course) {
	last := c.lastArrival()
	if !c.faulted || c.doubtful || last == nil {
		return
	}
	tried := q.scaled(last.Start.Sub(c.began()))
	q.longest = max(q.longest, tried)
	switch {
	case tried >= *q.KeepsTrying:
		q.enough++
	case q.forsaken(c):
		if q.short.all == 0 || tried < q.shortest {
			q.shortest = tried
		}
		q.short.add(c)
	}
}

func (q *keepsTrying) answer() Check {
	limit := *q.KeepsTrying
	switch {
	case q.short.all > 0:
		return answer(Fail, q.short.all+q.enough, "%s given up sooner, one after %s", counted(q.short.all, "delivery"), period(q.shortest)).
			of(ms(q.shortest), ms(limit)).shownBy(q.short).restingOnAbsence()
	case q.enough > 0:
		return answer(Pass, q.enough, "%s tried for %s or longer", counted(q.enough, "delivery"), period(limit)).of(ms(q.longest), ms(limit))
	default:
		return answer(Inconclusive, 0, "no delivery failed for so long: the longest took %s; a longer fault, or time_scale, would tell", period(q.longest)).of(ms(q.longest), ms(limit))
	}
}
