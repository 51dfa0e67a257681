package analysis

import (
	"slices"
	"strconv"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// maxTime asks how long deliveries took to be acknowledged, from their first attempt or, where the payload says it, from their creation.
type maxTime struct {
	*asked
	basis   int
	longest time.Duration
	late    witnesses
}

func askMaxTime(a *asked) check {
	if a.MaxTime == nil {
		return nil
	}
	return &maxTime{asked: a}
}

func (q *maxTime) see(c *course) {
	i := slices.IndexFunc(c.arrivals, func(a arrival) bool { return a.how == wellEnded })
	if i < 0 {
		return
	}
	from := c.began()
	if created, ok := createdAt(c.arrivals[0].Created); ok && created.Before(from) {
		from = created
	}
	took := q.scaled(c.arrivals[i].ended.Sub(from))
	q.basis++
	q.longest = max(q.longest, took)
	if took > *q.MaxTime {
		q.late.add(c)
	}
}

// createdAt reads a time as payloads have it: RFC 3339, or seconds or milliseconds since 1970.
func createdAt(text string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, true
	}
	n, err := strconv.ParseFloat(text, 64)
	const secondsTo, millisecondsFrom = 1e11, 1e11
	switch {
	case err != nil || n < 1e8:
		return time.Time{}, false
	case n < secondsTo:
		return time.UnixMilli(int64(n * 1000)), true
	case n < millisecondsFrom*1000:
		return time.UnixMilli(int64(n)), true
	default:
		return time.Time{}, false
	}
}

func (q *maxTime) answer() Check {
	limit := *q.MaxTime
	if q.basis == 0 {
		return answer(Inconclusive, 0, "no delivery was acknowledged")
	}
	text := "the longest took " + period(q.longest)
	if q.late.all > 0 {
		text = counted(q.late.all, "delivery") + " took longer, up to " + period(q.longest)
	}
	return answer(judged(q.late.all, q.basis), q.basis, "%s", text).of(ms(q.longest), ms(limit)).shownBy(q.late)
}

// timeout asks when the sender gives up waiting for an answer.
type timeout struct {
	*asked
	gaveUp       []time.Duration
	longer, left witnesses // left: all that gave up
	longest      time.Duration
}

func askTimeout(a *asked) check {
	if a.Timeout == nil {
		return nil
	}
	return &timeout{asked: a}
}

// between is what is allowed: of a single time ten per cent either way.
func (q *timeout) between() (least, most time.Duration) {
	least, most = q.asked.Timeout[0], q.asked.Timeout[1]
	if least == most {
		return least - least/10, most + most/10
	}
	return least, most + clockGrain
}

func (q *timeout) see(c *course) {
	_, most := q.between()
	longer, left := false, false
	for _, a := range c.arrivals {
		wait, gaveUp := a.waited()
		if gaveUp {
			q.gaveUp = append(q.gaveUp, wait)
			left = true
		}
		if wait > most && a.EndedBy != deliveries.ByShutdown {
			longer = true
			q.longest = max(q.longest, wait)
		}
	}
	if longer {
		q.longer.add(c)
	}
	if left {
		q.left.add(c)
	}
}

func (q *timeout) answer() Check {
	least, _ := q.between()
	limit := ms(q.asked.Timeout[1])
	slices.Sort(q.gaveUp)
	middle := time.Duration(0)
	if len(q.gaveUp) > 0 {
		middle = q.gaveUp[len(q.gaveUp)/2]
	}
	switch {
	case q.longer.all > 0:
		return answer(Fail, len(q.gaveUp)+q.longer.all, "%s waited longer, up to %s", counted(q.longer.all, "delivery"), period(q.longest)).of(ms(q.longest), limit).shownBy(q.longer)
	case len(q.gaveUp) == 0:
		return answer(Inconclusive, 0, "the sender never gave up waiting: a hang would tell")
	case middle < least:
		return answer(Fail, len(q.gaveUp), "gave up waiting after %s", period(middle)).of(ms(middle), limit).shownBy(q.left)
	default:
		return answer(Pass, len(q.gaveUp), "gave up waiting after %s", period(middle)).of(ms(middle), limit)
	}
}
