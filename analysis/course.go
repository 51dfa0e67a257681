package analysis

import (
	"cmp"
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// course is a delivery as the analysis sees it: its attempts one after another, and what lay between them.
type course struct {
	*deliveries.Delivery
	arrivals []arrival
	tries    int  // arrivals without the re-sends of a library
	faulted  bool // a fault was brought to one of them
	doubtful bool // it may have come again as another delivery (kin)
}

// arrival is an attempt on its course.
type arrival struct {
	*deliveries.Attempt
	ended   time.Time
	how     ending
	try     int // the number of the sender's own try, from 1; a re-send has that of the attempt that it repeats
	resent  bool
	overlap bool // it began before an earlier one had ended
	acked   bool // it began after an earlier one had been acknowledged
	byHand  bool // somebody sent it, with others, long after the sender was through with them
	// gap is how long the sender waited since the end of the attempt before. seen: all attempts so far were, so that this is the gap after that try;
	// regular: it was also the policy's choice alone.
	gap           time.Duration
	seen, regular bool
	inQueue       time.Duration // for how long by then the sender had had no worker left
	// announced is the time that the attempt before was told to wait (Retry-After), exact to asMuch; 0: nothing was announced.
	announced, asMuch time.Duration
}

// course puts a delivery's attempts into order, and looks at what lies between them. Its arrivals are added to those of others. It may be called from several
// goroutines.
func (c *context) course(d *deliveries.Delivery, others []arrival) (out course, all []arrival) {
	out, all = course{Delivery: d}, others
	attempts, steady := d.Attempts, false
	if !d.SetBack {
		attempts, steady = inOrder(d.Attempts)
	}
	seen := steady
	ended := time.Time{} // the latest end so far
	for i, a := range attempts {
		next := arrival{Attempt: a, ended: a.Ended(), how: endingOf(a)}
		if i > 0 {
			next.overlap = steady && next.Start.Before(ended.Add(-clockGrain)) // a close is noticed a moment later, when the sender goes on already
			next.byHand = next.Start.Sub(ended) >= longSince && c.batches.meet(span{next.Start, next.Start})
			seen = c.follow(&next, all[len(others):]) && seen
			next.seen, next.regular = seen, seen && next.announced == 0 && !next.resent
		}
		if !next.resent && !next.byHand {
			out.tries++
		}
		next.try = out.tries
		ended = later(ended, next.ended)
		out.faulted = out.faulted || len(a.Faults) > 0
		all = append(all, next)
	}
	out.arrivals = all[len(others):len(all):len(all)]
	return out, all
}

// follow finds out how an arrival follows those before it; seen is false when there may have been others in between.
func (c *context) follow(next *arrival, before []arrival) (seen bool) {
	last := before[len(before)-1]
	next.acked = slices.ContainsFunc(before, func(b arrival) bool { return b.how == wellEnded && !next.Start.Before(b.ended) })
	if next.overlap || next.acked {
		return false
	}
	next.gap = max(0, next.Start.Sub(last.ended))
	if next.byHand {
		return false
	}
	next.inQueue = c.queuedFor(next.Start)
	next.resent = next.Try != "" && next.Try == last.Try && next.gap <= resendWithin
	if announced := last.announces(); announced > 0 && !next.resent {
		next.announced, next.asMuch = announced, last.exactTo()
	}
	unbroken := next.Run != last.Run || next.Attempt.Attempt == last.Attempt.Attempt+1
	return unbroken && c.sawAll(next.Host, span{last.ended, next.Start})
}

// resendWithin is how soon after an attempt a library sends it again by itself.
const resendWithin = time.Minute

// announces is what the attempt told its sender to wait.
func (a arrival) announces() time.Duration {
	if a.Answer == nil || a.Answer.RetryAfterMS == nil || a.how == wellEnded {
		return 0
	}
	return time.Duration(*a.Answer.RetryAfterMS) * time.Millisecond
}

// exactTo is how much earlier than announced is no disobedience: a date (RFC 9110 10.2.3) is rounded to seconds.
func (a arrival) exactTo() time.Duration {
	if *a.Answer.RetryAfterMS%1000 == 0 {
		return clockGrain
	}
	return time.Second
}

// clockGrain is how much two clocks, and the rounding of a log, may differ.
const clockGrain = 20 * time.Millisecond

// inOrder are attempts in the order in which they came. Within one run their numbers say it, whatever the clock did; steady is false when it was set back
// between two of them, so that no gap can be told.
func inOrder(attempts []*deliveries.Attempt) (sorted []*deliveries.Attempt, steady bool) {
	byTime := func(a, b *deliveries.Attempt) int { return cmp.Or(a.Start.Compare(b.Start), a.Attempt-b.Attempt) }
	sorted = attempts
	if !slices.IsSortedFunc(sorted, byTime) {
		sorted = slices.Clone(attempts)
		slices.SortStableFunc(sorted, byTime)
	}
	if !setBack(sorted) {
		return sorted, true
	}
	return slices.SortedStableFunc(slices.Values(sorted), func(a, b *deliveries.Attempt) int { return a.Attempt - b.Attempt }), false
}

// setBack reports whether, of two attempts of one run in the order of their times, the one with the higher number had ended before the other began.
func setBack(attempts []*deliveries.Attempt) bool {
	for i := 1; i < len(attempts); i++ {
		a, b := attempts[i-1], attempts[i]
		if a.Run == b.Run && a.Attempt > b.Attempt && a.Ended().Before(b.Start) {
			return true
		}
	}
	return false
}

// try widens the time in which there were attempts.
func (c *context) try(one *course) {
	for _, a := range one.arrivals {
		over := later(a.Start, a.ended)
		if c.tried.from.IsZero() {
			c.tried = span{a.Start, over}
		}
		c.tried = span{earlier(c.tried.from, a.Start), later(c.tried.to, over)}
	}
}

// lastSign is the last that was seen of the delivery.
func (c course) lastSign() time.Time {
	last := time.Time{}
	for _, a := range c.arrivals {
		last = later(last, a.ended)
	}
	for _, o := range c.Unfinished {
		last = later(last, o.Start)
	}
	return last
}

// began is when its first attempt began.
func (c course) began() time.Time {
	if len(c.arrivals) > 0 {
		return c.arrivals[0].Start
	}
	return c.Unfinished[0].Start
}

// overlaps reports whether an attempt of the delivery began before an earlier one had ended.
func (c *course) overlaps() bool {
	return slices.ContainsFunc(c.arrivals, func(a arrival) bool { return a.overlap })
}

// bodyKeyed reports whether nothing but its body tells the delivery from others.
func (c course) bodyKeyed() bool {
	from := ""
	if len(c.arrivals) > 0 {
		from = c.arrivals[0].KeyFrom
	} else {
		from = c.Unfinished[0].KeyFrom
	}
	return from == "body" || from == "body-prefix"
}

// own is how many attempts the sender made, without those that somebody made by hand.
func (c *course) own() (n int) {
	for _, a := range c.arrivals {
		if !a.byHand {
			n++
		}
	}
	return n
}

// lastArrival is the attempt that came last, nil when the log holds none that has ended.
func (c course) lastArrival() *arrival {
	if len(c.arrivals) == 0 {
		return nil
	}
	return &c.arrivals[len(c.arrivals)-1]
}
