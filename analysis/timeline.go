package analysis

import (
	"container/heap"
	"iter"
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// event is the beginning or the end of an attempt: the nanoseconds since 1970, twice, and one more for a beginning. So they sort as numbers, and of one moment
// the ends come before the beginnings: a worker takes the next task.
type event int64

func beginning(at time.Time) event { return event(2*since1970(at) + 1) }

func ended(at time.Time) event { return event(2 * since1970(at)) }

func (e event) begins() bool { return e&1 == 1 }

func (e event) at() time.Duration { return time.Duration(e >> 1) }

// step is by how much the event changes the number of attempts under way.
func (e event) step() int {
	if e.begins() {
		return 1
	}
	return -1
}

// happening is an event, of an attempt that came long after the one before it with the end of that.
type happening struct {
	event
	since event
}

func (h happening) compare(other happening) int {
	switch {
	case h.event < other.event:
		return -1
	case h.event > other.event:
		return 1
	default:
		return 0
	}
}

// mostEvents is how many are held at once. Those of a log with more are put into order while they are looked at.
const mostEvents = 4_000_000

// timeline gives what happened, in order, as often as it is asked.
func (c *context) timeline() iter.Seq[happening] {
	if c.log.read != nil && 2*c.log.attempts > mostEvents {
		return c.ordered
	}
	all := make([]happening, 0, 2*c.log.attempts)
	for spells := range c.log.spells() {
		all = c.happenings(spells, all)
	}
	slices.SortFunc(all, happening.compare)
	return slices.Values(all)
}

// ordered is the timeline of deliveries that come in the order in which they began: it holds what will happen to those that have.
func (c *context) ordered(yield func(happening) bool) {
	var under pending
	for spells := range c.log.spells() {
		if len(spells) == 0 {
			continue
		}
		for began := ended(spells[0].Start); len(under) > 0 && under[0][0].event < began; {
			if !yield(under.next()) {
				return
			}
		}
		all := c.happenings(spells, make([]happening, 0, 2*len(spells)))
		slices.SortFunc(all, happening.compare)
		if len(all) > 0 {
			heap.Push(&under, all)
		}
	}
	for len(under) > 0 {
		if !yield(under.next()) {
			return
		}
	}
}

// happenings adds those of a delivery.
func (c *context) happenings(spells []deliveries.Spell, all []happening) []happening {
	last := time.Time{} // the end of the one before
	for _, one := range sessions(spells) {
		end := one.End
		switch {
		case !end.IsZero():
		case one.Run == c.newest: // it is still under way
			end = later(one.Start, c.until)
		default:
			continue
		}
		begun := happening{event: beginning(one.Start)}
		if !one.End.IsZero() {
			if !last.IsZero() && one.Start.Sub(last) >= longSince {
				begun.since = ended(last)
			}
			last = one.End
		}
		all = append(all, begun, happening{event: ended(end)})
	}
	return all
}

// pending is what will still happen to each delivery, as a heap by what is the next.
type pending [][]happening

// next takes what happens next.
func (p *pending) next() happening {
	one := (*p)[0][0]
	if (*p)[0] = (*p)[0][1:]; len((*p)[0]) > 0 {
		heap.Fix(p, 0)
	} else {
		heap.Pop(p)
	}
	return one
}

func (p pending) Len() int           { return len(p) }
func (p pending) Less(a, b int) bool { return p[a][0].event < p[b][0].event }
func (p pending) Swap(a, b int)      { p[a], p[b] = p[b], p[a] }
func (p *pending) Push(x any)        { *p = append(*p, x.([]happening)) }
func (p *pending) Pop() any {
	last := len(*p) - 1
	x := (*p)[last]
	(*p)[last] = nil
	*p = (*p)[:last]
	return x
}
