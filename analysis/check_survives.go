package analysis

import (
	"time"

	"github.com/faultline/faultline/deliveries"
)

// survives asks that every delivery whose faults lasted no longer was acknowledged in the end.
type survives struct {
	*asked
	survived  int
	longest   time.Duration // that was survived
	succumbed witnesses
	shortest  time.Duration // of those that were not
}

func askSurvives(a *asked) check {
	if a.Survives == nil {
		return nil
	}
	return &survives{asked: a}
}

func (q *survives) see(c *course) {
	lasted, failed := c.faultsLasted()
	lasted = q.scaled(lasted)
	switch {
	case !failed || c.doubtful || lasted > *q.Survives:
	case c.State == deliveries.StateAcknowledged:
		q.survived++
		q.longest = max(q.longest, lasted)
	case q.forsaken(c):
		if q.succumbed.all == 0 || lasted < q.shortest {
			q.shortest = lasted
		}
		q.succumbed.add(c)
	}
}

// faultsLasted is from the first attempt to the last end that a fault brought about; failed is false when there was none.
func (c *course) faultsLasted() (lasted time.Duration, failed bool) {
	for _, a := range c.arrivals {
		if len(a.Faults) > 0 && a.how != wellEnded {
			lasted, failed = a.ended.Sub(c.began()), true
		}
	}
	return lasted, failed
}

func (q *survives) answer() Check {
	limit, basis := *q.Survives, q.survived+q.succumbed.all
	switch {
	case q.succumbed.all > 0:
		return answer(Fail, basis, "%d of %s lost, one to faults that lasted %s", q.succumbed.all, counted(basis, "delivery"), period(q.shortest)).
			of(ms(q.shortest), ms(limit)).shownBy(q.succumbed).restingOnAbsence()
	case q.survived > 0:
		return answer(Pass, basis, "%s acknowledged after faults of up to %s", counted(q.survived, "delivery"), period(q.longest)).of(ms(q.longest), ms(limit))
	default:
		return answer(Inconclusive, 0, "no settled delivery met a fault that lasted up to %s", period(limit))
	}
}
