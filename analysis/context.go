package analysis

import (
	"iter"
	"time"
)

// context is a log, ready to be looked at: when faultline watched, and when it was blind.
type context struct {
	log      *Log
	until    time.Time // the end of what is known
	newest   string    // the run of the latest sign of life
	watched  spans     // when a process was there to see attempts
	missing  spans     // when records were lost
	closed   map[string]spans
	busy     spans     // when the sender had no worker left, or paced itself
	idle     idleSpans // when faultline watched, and the sender had a worker left
	batches  spans     // when somebody sent again, by hand, what the sender was through with
	senders  *senders
	tried    span // from the first attempt to the end of the last; zero: there was none
	kin      kin
	arrivals []arrival // of the course that is looked at
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

// courses gives every delivery, with its state. A course's arrivals are valid until the next.
func (c *context) courses() iter.Seq[course] {
	return func(yield func(course) bool) {
		for d := range c.log.all() {
			one := c.course(d)
			c.settle(&one)
			if !yield(one) {
				return
			}
		}
	}
}
