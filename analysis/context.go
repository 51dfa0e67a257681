package analysis

import (
	"iter"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// context is a log, ready to be looked at: when faultline watched, and when it was blind.
type context struct {
	log     *Log
	until   time.Time // the end of what is known
	newest  string    // the run of the latest sign of life
	watched spans     // when a process was there to see attempts
	missing spans     // when records were lost
	closed  map[string]spans
	busy    spans     // when the sender had no worker left, or paced itself
	idle    idleSpans // when faultline watched, and the sender had a worker left
	batches spans     // when somebody sent again, by hand, what the sender was through with
	senders *senders
	tried   span // from the first attempt to the end of the last; zero: there was none
	kin     kin
}

func newContext(log *Log, q Question) *context {
	c := &context{log: log, until: later(log.last, q.Until), newest: log.newestRun(), closed: make(map[string]spans)}
	for id, r := range log.runs {
		watch := r.span
		if id == c.newest { // it was still there
			watch.to = c.until
		}
		c.watched = append(c.watched, watch)
	}
	c.watched = c.watched.joined()
	for _, gap := range log.lost {
		c.missing = append(c.missing, span{gap.Start, gap.Until})
	}
	c.missing = c.missing.joined()
	for one, closed := range log.blind {
		if closed.to.IsZero() {
			closed.to = c.until
		}
		c.closed[one.host] = append(c.closed[one.host], closed)
	}
	for host, closed := range c.closed {
		c.closed[host] = closed.joined()
	}
	return c
}

// newestRun is the run of the latest sign of life.
func (l *Log) newestRun() string {
	newest := ""
	for id, r := range l.runs {
		if n := l.runs[newest]; n == nil || r.to.After(n.to) || r.to.Equal(n.to) && id > newest {
			newest = id
		}
	}
	return newest
}

// sawAll reports whether no attempt at a host can have gone by unseen in a time.
func (c *context) sawAll(host string, in span) bool {
	return c.watched.cover(in) && !c.missing.meet(in) && !c.closed[host].meet(in) && !c.closed[""].meet(in)
}

// courses gives every delivery, with its state. A course is there until the next, but where deliveries are kept.
func (c *context) courses() iter.Seq[course] {
	return func(yield func(course) bool) {
		for one := range c.unsettled() {
			c.settle(&one)
			if !yield(one) {
				return
			}
		}
	}
}

// unsettled gives every delivery without its state, likewise.
func (c *context) unsettled() iter.Seq[course] {
	if c.log.read != nil && !c.log.kept {
		return c.ahead
	}
	return func(yield func(course) bool) {
		var arrivals []arrival
		for d := range c.log.all() {
			if c.log.kept {
				arrivals = nil
			}
			var one course
			one, arrivals = c.course(d, arrivals[:0])
			if !yield(one) {
				return
			}
		}
	}
}

// ahead is unsettled for a log that somebody else has grouped: many at once are made beside who looks at them.
func (c *context) ahead(yield func(course) bool) {
	newLook := func() func(all []*deliveries.Delivery, made []course) []course {
		var arrivals []arrival
		return func(all []*deliveries.Delivery, made []course) []course {
			arrivals = arrivals[:0]
			for _, d := range all {
				var one course
				one, arrivals = c.course(d, arrivals)
				made = append(made, one)
			}
			return made
		}
	}
	for one, err := range deliveries.Ahead(c.log.read, deliveries.Settle{}, newLook) {
		if err != nil {
			*c.log.failed = err
			return
		}
		if c.log.wants(one.Delivery) && !yield(one) {
			return
		}
	}
}
