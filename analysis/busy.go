package analysis

import (
	"iter"
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// A retry waits for its policy, and then for a worker. What an outsider sees of that: as many attempts are under way as ever are, and afterwards, while the
// queue drains, one begins as soon as another has ended. An attempt that begins then may have been due since the sender was busy, and its gap says little.

// A queue drains while attempts begin and end at least so often, and for no longer than it has filled, and a moment.
const (
	drainEvery = 500 * time.Millisecond
	aMoment    = 100 * time.Millisecond
)

// busySpans are the times from the moment at which all workers were busy to the one at which the queue was empty again.
func busySpans(events iter.Seq[happening], all int) spans {
	var busy spans
	level, waiting := 0, false
	var since, full, last time.Duration // since when all were busy, until when they were at last, and the last event
	for e := range events {
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

// crowd is for how long how many attempts were under way.
type crowd struct {
	lasted []time.Duration // by how many
	level  int
	last   time.Duration
}

func (c *crowd) see(e event) {
	if c.level > 0 {
		c.lasted[c.level] += e.at() - c.last
	}
	c.level, c.last = c.level+e.step(), e.at()
	for c.level >= len(c.lasted) {
		c.lasted = append(c.lasted, 0)
	}
}

// most is how many are under way at most, but for moments: of one that ends, the next of its worker may be noticed first.
func (c *crowd) most() int {
	const moments, together = 50, 500 * time.Millisecond // one in so many, and so long all together
	most := len(c.lasted) - 1
	for longer := time.Duration(0); most > 1; most-- { // as many, or more
		longer += c.lasted[most]
		if longer >= together || longer*moments >= longer+c.lasted[most-1] {
			break
		}
	}
	return max(0, most)
}

// lookForQueues finds out when the sender was busy, and when somebody sent a batch again.
func (c *context) lookForQueues() {
	c.idle = newIdleSpans(c.watched)
	events := c.timeline()
	var under crowd
	var pace pace
	var again batches
	for one := range events {
		under.see(one.event)
		pace.see(one.event)
		again.see(one)
	}
	c.batches = again.found()
	c.busy = busySpans(events, under.most()).resumed()
	c.idle = newIdleSpans(c.watched.without(c.busy.longerThan(aHang)))
	if kept := pace.kept(); kept > 0 {
		c.busy = slices.Concat(c.busy, pacedSpans(events, kept)).joined()
	}
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
