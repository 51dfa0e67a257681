package analysis

import (
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// signs gather what defects are told by.
type signs struct {
	unretried     witnesses            // lost after an answer that says try again
	gone          witnesses            // attempted again after a 410
	left          map[ending]*leftover // lost deliveries by their last ending
	again         witnesses            // attempted again after they were acknowledged
	bore          witnesses            // waited for longer than anybody should
	longestWait   time.Duration
	quick         witnesses // that had a gap of nearly nothing
	quicks        int
	own           int // gaps of the sender's own, however long
	copied        witnesses
	herds         herds
	brokenRetried [2]int // broken attempts: followed by another, all
	statusRetried [2]int // the same of answers that say try again
}

// leftover are deliveries that the sender has left after an ending.
type leftover struct {
	witnesses // that had several attempts
	tries     []int
	spans     []time.Duration // from the first attempt to the end of the last
}

const (
	atOnce            = 100 * time.Millisecond
	visibilityTimeout = time.Hour // of Celery on Redis, by default
	simultaneous      = 10 * time.Second
)

// see takes a delivery whose state is known. Of a sender that changes its keys no delivery says by which attempt it was left.
func (s *signs) see(c *course, rekeyed bool) {
	s.herds.see(c)
	if !rekeyed {
		s.seeEnd(c)
	}
	var gone, again, bore, quick, copied bool
	for i, a := range c.arrivals {
		follower := c.follower(i)
		s.count(c, a.how, follower != nil)
		gone = gone || a.how == "410" && follower != nil
		again = again || a.acked && !a.byHand && c.sameAsAcknowledged(i)
		if wait, gaveUp := a.waited(); !gaveUp && wait >= tooLong && a.EndedBy != deliveries.ByShutdown {
			bore = true
			s.longestWait = max(s.longestWait, wait)
		}
		if i > 0 && a.regular {
			s.own++
			if a.gap < atOnce {
				s.quicks++
				quick = true
			}
		}
		copied = copied || c.copiedAfterLongWait(i)
	}
	for _, sign := range [...]struct {
		is bool
		of *witnesses
	}{{gone, &s.gone}, {again, &s.again}, {bore, &s.bore}, {quick, &s.quick}, {copied, &s.copied}} {
		if sign.is {
			sign.of.add(c)
		}
	}
}

// seeEnd takes a delivery that the sender has left.
func (s *signs) seeEnd(c *course) {
	last := c.lastArrival()
	if !c.lost() || c.doubtful || last == nil || last.EndedBy == deliveries.ByShutdown {
		return
	}
	if last.how.temporary() {
		s.unretried.add(c)
	}
	if s.left == nil {
		s.left = make(map[ending]*leftover)
	}
	if s.left[last.how] == nil {
		s.left[last.how] = &leftover{}
	}
	l := s.left[last.how]
	if c.tries > 1 {
		l.add(c)
	}
	l.tries, l.spans = append(l.tries, c.tries), append(l.spans, last.ended.Sub(c.began()))
}

// count takes note of what followed an ending.
func (s *signs) count(c *course, how ending, retried bool) {
	counts := &s.brokenRetried
	switch {
	case how == wellEnded || c.doubtful || !retried && !c.lost():
		return
	case how.temporary():
		counts = &s.statusRetried
	case how.status() != 0:
		return
	}
	counts[1]++
	if retried {
		counts[0]++
	}
}

// sameAsAcknowledged reports whether the i-th attempt repeats an acknowledged one: it has the same body, as far as that is known. Another body under the same
// key may be another event.
func (c *course) sameAsAcknowledged(i int) bool {
	a := c.arrivals[i]
	return slices.ContainsFunc(c.arrivals[:i], func(b arrival) bool {
		return b.how == wellEnded && !a.Start.Before(b.ended) && (a.Request.SHA256 == b.Request.SHA256 || a.Request.SHA256 == "" || b.Request.SHA256 == "")
	})
}

// copiedAfterLongWait reports whether the i-th attempt came after more than Celery's visibility timeout, and another one together with it.
func (c *course) copiedAfterLongWait(i int) bool {
	if i == 0 || i+1 >= len(c.arrivals) || c.arrivals[i].gap < visibilityTimeout {
		return false
	}
	next := c.arrivals[i+1]
	return (next.overlap || next.acked) && next.Start.Sub(c.arrivals[i].Start) <= simultaneous
}
