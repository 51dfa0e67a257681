package analysis

import (
	"cmp"
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// ordered asks that, at each endpoint, deliveries are acknowledged in the order of their first attempts.
type ordered struct {
	*asked
	endpoints map[string][]turn
}

// turn is a delivery in the queue of its endpoint.
type turn struct {
	witness
	acked time.Time // zero: it was not
	until time.Time // when it no longer kept the others waiting: acknowledged, or attempted for the last time
}

func askOrdered(a *asked) check {
	if !a.Ordered {
		return nil
	}
	return &ordered{asked: a, endpoints: make(map[string][]turn)}
}

func (q *ordered) see(c *course) {
	one := turn{witness: witnessOf(c)}
	for _, a := range c.arrivals {
		if a.how == wellEnded {
			one.acked, one.until = a.ended, a.ended
			break
		}
		one.until = a.Start
	}
	if c.State != deliveries.StateOpen {
		q.endpoints[c.Endpoint] = append(q.endpoints[c.Endpoint], one)
	}
}

func (q *ordered) answer() Check {
	basis := 0
	var early witnesses
	for _, turns := range q.endpoints {
		slices.SortFunc(turns, func(a, b turn) int { return cmp.Or(a.began.Compare(b.began), cmp.Compare(a.id, b.id)) })
		if len(turns) > 1 {
			basis += len(turns)
		}
		kept := time.Time{} // until when those before keep the others waiting
		for _, one := range turns {
			if !one.acked.IsZero() && one.acked.Before(kept) {
				early.insert(one.witness)
			}
			kept = later(kept, one.until)
		}
	}
	if basis == 0 {
		return answer(Inconclusive, 0, "no endpoint had two settled deliveries")
	}
	return answer(judged(early.all, basis), basis, "%s acknowledged before one that began earlier", counted(early.all, "delivery")).of(float64(early.all), 0).shownBy(early)
}
