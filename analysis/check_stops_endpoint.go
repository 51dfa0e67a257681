package analysis

import (
	"slices"
	"time"
)

// stopsEndpoint asks that nothing goes to an endpoint any more after certain endings there.
type stopsEndpoint struct {
	*asked
	endpoints map[string]*stopped
}

// stopped is an endpoint.
type stopped struct {
	at     time.Time // the end of the first attempt that says so; zero: there was none
	starts []start
}

// start is an attempt's beginning.
type start struct {
	at time.Time
	witness
}

func askStopsEndpoint(a *asked) check {
	if len(a.StopsAt) == 0 {
		return nil
	}
	return &stopsEndpoint{asked: a, endpoints: make(map[string]*stopped)}
}

func (q *stopsEndpoint) see(c *course) {
	e := q.endpoints[c.Endpoint]
	if e == nil {
		e = &stopped{}
		q.endpoints[c.Endpoint] = e
	}
	for _, a := range c.arrivals {
		e.starts = append(e.starts, start{a.Start, witnessOf(c)})
		if slices.ContainsFunc(q.StopsAt, a.how.is) && (e.at.IsZero() || a.ended.Before(e.at)) {
			e.at = a.ended
		}
	}
}

func (q *stopsEndpoint) answer() Check {
	basis, late := 0, 0
	var shown witnesses
	for _, e := range q.endpoints {
		if e.at.IsZero() {
			continue
		}
		basis++
		seen := make(map[string]bool)
		for _, s := range e.starts {
			if s.at.Before(e.at) {
				continue
			}
			late++
			if !seen[s.id] {
				shown.insert(s.witness)
			}
			seen[s.id] = true
		}
	}
	if basis == 0 {
		return answer(Inconclusive, 0, "no endpoint ever answered so")
	}
	return answer(judged(late, basis), basis, "%s at %s that had answered so", counted(late, "attempt"), counted(basis, "endpoint")).of(float64(late), 0).shownBy(shown)
}
