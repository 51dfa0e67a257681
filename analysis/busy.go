package analysis

import (
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// A retry waits for its policy, and then for a worker. What an outsider sees of that: as many attempts are under way as ever are, and afterwards, while the
// queue drains, one begins as soon as another has ended. An attempt that begins then may have been due since the sender was busy, and its gap says little.

// event is the beginning or the end of an attempt: the nanoseconds since 1970, twice, and one more for a beginning. So they sort as numbers, and of one moment
// the ends come before the beginnings: a worker takes the next task.
type event int64

func beginning(at time.Time) event { return event(2*since1970(at) + 1) }

func ended(at time.Time) event { return event(2 * since1970(at)) }

func (e event) begins() bool { return e&1 == 1 }

func (e event) at() time.Duration { return time.Duration(e >> 1) }

// A queue drains while attempts begin and end at least so often, and for no longer than it has filled, and a moment.
const (
	drainEvery = 500 * time.Millisecond
	aMoment    = 100 * time.Millisecond
)

// mostEvents bounds the memory for them; in a log with more, what a queue does to some gaps is lost in the others.
const mostEvents = 4_000_000

// busySpans are the times from the moment at which all workers were busy to the one at which the queue was empty again.
func busySpans(events []event) spans {
	slices.Sort(events)
	all := mostAtOnce(events)
	var busy spans
	level, waiting := 0, false
	var since, full, last time.Duration // since when all were busy, until when they were at last, and the last event
	for _, e := range events {
		drained := e.at()-last > drainEvery || e.at()-full > full-since+aMoment
		if waiting && level < all && drained {
			busy = append(busy, span{moment(since), moment(last)})
			waiting = false
		}
		if level >= all {
			full = e.at()
		}
		level += e.step()
		if level >= all && !waiting {
			waiting, since, full = true, e.at(), e.at()
		}
		last = e.at()
	}
	if waiting {
		busy = append(busy, span{moment(since), moment(last)})
	}
	return busy
}

// step is by how much the event changes the number of attempts under way.
func (e event) step() int {
	if e.begins() {
		return 1
	}
	return -1
}

// mostAtOnce is how many attempts are under way at most, but for moments: of one that ends, the next of its worker may be noticed first.
func mostAtOnce(events []event) int {
	var lasted []time.Duration // by how many were under way, or more
	level, last := 0, time.Duration(0)
	for _, e := range events {
		for n := range min(level, len(lasted)) {
			lasted[n] += e.at() - last
		}
		level, last = level+e.step(), e.at()
		if level > len(lasted) {
			lasted = append(lasted, 0)
		}
	}
	most := len(lasted)
	const moments, together = 50, 500 * time.Millisecond // one in so many, and so long all together
	for most > 1 && lasted[most-1] < together && lasted[most-1]*moments < lasted[most-2] {
		most--
	}
	return most
}

// lookForQueues finds out when the sender was busy, and when somebody sent a batch again.
func (c *context) lookForQueues() {
	c.idle = newIdleSpans(c.watched)
	if 2*c.log.attempts > mostEvents {
		return
	}
	events := make([]event, 0, 2*c.log.attempts)
	var again []resumption
	for spells := range c.log.spells() {
		last := time.Time{} // the end of the one before
		for i, one := range sessions(spells) {
			switch {
			case !one.End.IsZero():
				events = append(events, beginning(one.Start), ended(one.End))
			case one.Run == c.newest: // it is still under way
				events = append(events, beginning(one.Start), ended(later(one.Start, c.until)))
				continue
			default:
				continue
			}
			if i > 0 && !last.IsZero() && one.Start.Sub(last) >= longSince {
				again = append(again, resumption{last, one.Start})
			}
			last = one.End
		}
	}
	c.busy = busySpans(events).resumed()
	c.idle = newIdleSpans(c.watched.without(c.busy.longerThan(aHang)))
	if paced := pacedSpans(events); paced != nil {
		c.busy = slices.Concat(c.busy, paced).joined()
	}
	c.batches = batches(again)
}

// A queue that has grown for long is not empty when one worker is free for a moment.
const (
	grownLong = 5 * time.Second
	breather  = 2 * time.Second
)

// resumed puts together what only a breather lies between.
func (s spans) resumed() (out spans) {
	for _, one := range s {
		if n := len(out); n > 0 && out[n-1].to.Sub(out[n-1].from) >= grownLong && one.from.Sub(out[n-1].to) <= breather {
			out[n-1].to = one.to
			continue
		}
		out = append(out, one)
	}
	return out
}

// sessions puts together what a library sends again by itself within one of the sender's tries: its worker is taken all the while.
func sessions(spells []deliveries.Spell) []deliveries.Spell {
	out := spells[:0]
	for _, one := range spells {
		if n := len(out); n > 0 && one.Try != "" && one.Try == out[n-1].Try && !one.End.IsZero() && !out[n-1].End.IsZero() && one.Start.Sub(out[n-1].End) <= resendWithin {
			out[n-1].End = later(out[n-1].End, one.End)
			continue
		}
		out = append(out, one)
	}
	return out
}

// aHang is how long all workers must have been busy for the silence of other deliveries to be told from their sender's.
const aHang = 10 * time.Second

// longerThan are the spans that last so long.
func (s spans) longerThan(d time.Duration) (out spans) {
	for _, one := range s {
		if one.to.Sub(one.from) > d {
			out = append(out, one)
		}
	}
	return out
}

// queuedFor is for how long, when an attempt began, the sender had had no worker left: it may have waited as long, or as its gap is.
func (c *context) queuedFor(began time.Time) time.Duration {
	i, _ := slices.BinarySearchFunc(c.busy, began, func(one span, at time.Time) int { return one.to.Compare(at) })
	if i == len(c.busy) {
		return 0
	}
	return max(0, began.Sub(c.busy[i].from))
}

// queued reports whether the gap before an attempt may be the queue's to a part that matters.
func (a arrival) queued() bool {
	return a.inQueue > 250*time.Millisecond && a.inQueue > a.gap/20
}
