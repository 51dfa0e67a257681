package analysis

import (
	"cmp"
	"slices"
	"time"
)

// amplification asks how many attempts there were per delivery, over the run and over the deliveries that began in the worst minute.
type amplification struct {
	*asked
	all    load
	minute map[int64]*load
}

type load struct {
	deliveries, attempts int
	shown                witnesses
}

func (l *load) add(c *course) {
	l.deliveries++
	l.attempts += len(c.arrivals)
	if len(c.arrivals) > 1 {
		l.shown.add(c)
	}
}

func (l *load) ratio() float64 { return float64(l.attempts) / float64(l.deliveries) }

func askAmplification(a *asked) check {
	if a.Amplify == nil {
		return nil
	}
	return &amplification{asked: a, minute: make(map[int64]*load)}
}

func (q *amplification) see(c *course) {
	minute := c.began().Unix() / 60
	if q.minute[minute] == nil {
		q.minute[minute] = &load{}
	}
	q.minute[minute].add(c)
	q.all.add(c)
}

func (q *amplification) answer() Check {
	limit := *q.Amplify
	if q.all.deliveries == 0 {
		return answer(Inconclusive, 0, "no delivery came")
	}
	worst, at := &q.all, int64(0)
	for minute, l := range q.minute {
		if r := cmp.Compare(l.ratio(), worst.ratio()); r > 0 || r == 0 && minute < at {
			worst, at = l, minute
		}
	}
	over := 0
	if worst.ratio() > limit {
		over = 1
	}
	c := answer(judged(over, 1), q.all.deliveries, "%s attempts per delivery, %s in the worst minute", decimal(q.all.ratio()), decimal(worst.ratio())).of(worst.ratio(), limit)
	if over > 0 {
		c = c.shownBy(worst.shown)
	}
	return c
}

// concurrency asks how many attempts a host had at once.
type concurrency struct {
	*asked
	hosts map[string][]start
	ends  map[string][]time.Time
}

func askConcurrency(a *asked) check {
	if a.Concurrency == nil {
		return nil
	}
	return &concurrency{asked: a, hosts: make(map[string][]start), ends: make(map[string][]time.Time)}
}

func (q *concurrency) see(c *course) {
	for _, a := range c.arrivals {
		q.add(c, a.Start, later(a.Start, a.ended.Add(-clockGrain))) // a close is noticed a moment later, when the sender goes on already
	}
	for _, o := range c.Unfinished {
		q.add(c, o.Start, q.until)
	}
}

func (q *concurrency) add(c *course, from, to time.Time) {
	q.hosts[c.Host] = append(q.hosts[c.Host], start{from, witnessOf(c)})
	q.ends[c.Host] = append(q.ends[c.Host], to)
}

func (q *concurrency) answer() Check {
	limit, basis, most := *q.Concurrency, 0, 0
	var shown witnesses
	for host, starts := range q.hosts {
		ends := q.ends[host]
		slices.SortFunc(starts, byStart)
		slices.SortFunc(ends, time.Time.Compare)
		ended := 0
		for i, s := range starts {
			for ended < len(ends) && !ends[ended].After(s.at) {
				ended++
			}
			now := i + 1 - ended
			most = max(most, now)
			if now > limit {
				shown.insert(s.witness)
			}
		}
		basis += len(starts)
	}
	return answer(judged(max(0, most-limit), basis), basis, "%s at once at most", counted(most, "attempt")).of(float64(most), float64(limit)).shownBy(shown)
}

func byStart(a, b start) int {
	return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id))
}

// rate asks how many attempts a host got within a second.
type rate struct {
	*asked
	hosts map[string][]start
}

func askRate(a *asked) check {
	if a.Rate == nil {
		return nil
	}
	return &rate{asked: a, hosts: make(map[string][]start)}
}

func (q *rate) see(c *course) {
	for _, a := range c.arrivals {
		q.hosts[c.Host] = append(q.hosts[c.Host], start{a.Start, witnessOf(c)})
	}
}

func (q *rate) answer() Check {
	limit, basis, most := *q.Rate, 0, 0
	var shown witnesses
	for _, starts := range q.hosts {
		slices.SortFunc(starts, byStart)
		n, last := busiest(starts)
		most = max(most, n)
		if float64(n) > limit {
			for _, s := range starts[last+1-n : last+1] {
				shown.insert(s.witness)
			}
		}
		basis += len(starts)
	}
	over := 0
	if float64(most) > limit {
		over = 1
	}
	return answer(judged(over, basis), basis, "%s within a second at most", counted(most, "attempt")).of(float64(most), limit).shownBy(shown)
}

// busiest is how many of sorted beginnings fall within one second at most, and which is the last of these.
func busiest(starts []start) (most, last int) {
	from := 0
	for i, s := range starts {
		for s.at.Sub(starts[from].at) >= time.Second {
			from++
		}
		if n := i + 1 - from; n > most {
			most, last = n, i
		}
	}
	return most, last
}
