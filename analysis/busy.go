package analysis

import (
	"cmp"
	"slices"
	"time"
)

// A retry waits for its policy, and then for a worker. What an outsider sees of that: as many attempts are under way as ever are, and afterwards, while the
// queue drains, one begins as soon as another has ended. An attempt that begins then may have been due since the sender was busy, and its gap says little.

// event is the beginning or the end of an attempt.
type event struct {
	at    time.Time
	begin bool
}

// A queue drains while attempts begin and end at least so often, and for no longer than it has filled, and a moment.
const (
	drainEvery = 500 * time.Millisecond
	aMoment    = 100 * time.Millisecond
)

// mostEvents bounds the memory for them; in a log with more, what a queue does to some gaps is lost in the others.
const mostEvents = 4_000_000

// busySpans are the times from the moment at which all workers were busy to the one at which the queue was empty again.
func busySpans(events []event) spans {
	slices.SortFunc(events, func(a, b event) int { // of one moment, ends before beginnings: a worker takes the next task
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(ordinal(a.begin), ordinal(b.begin)))
	})
	all := mostAtOnce(events)
	var busy spans
	level := 0
	var since, full, last time.Time // since when all were busy, until when they were at last, and the last event
	for _, e := range events {
		drained := e.at.Sub(last) > drainEvery || e.at.Sub(full) > full.Sub(since)+aMoment
		if !since.IsZero() && level < all && drained {
			busy = append(busy, span{since, last})
			since = time.Time{}
		}
		if level == all {
			full = e.at
		}
		if e.begin {
			level++
		} else {
			level--
		}
		if level == all && since.IsZero() {
			since, full = e.at, e.at
		}
		last = e.at
	}
	if !since.IsZero() {
		busy = append(busy, span{since, last})
	}
	return busy
}

func mostAtOnce(events []event) int {
	level, most := 0, 0
	for _, e := range events {
		if e.begin {
			level++
		} else {
			level--
		}
		most = max(most, level)
	}
	return most
}

func ordinal(begin bool) int {
	if begin {
		return 1
	}
	return 0
}

// lookForQueues finds out when the sender was busy.
func (c *context) lookForQueues() {
	if 2*c.log.attempts > mostEvents {
		return
	}
	events := make([]event, 0, 2*c.log.attempts)
	for d := range c.log.all() {
		for _, a := range d.Attempts {
			events = append(events, event{a.Start, true}, event{a.Ended(), false})
		}
	}
	c.busy = busySpans(events)
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
