package console

import (
	"container/list"
	"sync"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// remembered are the deliveries of which an attempt was seen: what is needed to tell a first acknowledgement from a second one, and
// to measure gaps. Bounded: the longest idle is forgotten first. Safe for concurrent use.
type remembered struct {
	limit int

	mu   sync.Mutex
	byID map[string]*list.Element
	idle list.List // of *delivery, the longest idle in front
}

type delivery struct {
	id           string
	host         *hostSeries
	attempt      int       // the highest number seen
	end          time.Time // of that attempt, as its sender saw it
	acknowledged bool
	delivered    bool // the target answered with success
	duplicated   bool // more than once
}

// attempt takes note of a finished attempt.
func (r *remembered) attempt(a *deliveries.Attempt, host *hostSeries) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := r.delivery(a.Delivery, host)
	d.measureGap(a)
	if a.Outcome == deliveries.Acknowledged && !d.acknowledged {
		d.acknowledged = true
		d.host.acknowledged.Inc()
	}
	successes := a.Successes()
	if successes == 0 {
		return
	}
	if (d.delivered || successes > 1) && !d.duplicated {
		d.duplicated = true
		d.host.duplicated.Inc()
	}
	d.delivered = true
}

// forget forgets a delivery, which counts when it was never acknowledged. An unknown one is left alone.
func (r *remembered) forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, known := r.byID[id]; known {
		r.drop(e)
	}
}

// delivery is the one of this id, now the least idle. mu is held.
func (r *remembered) delivery(id string, host *hostSeries) *delivery {
	if e, known := r.byID[id]; known {
		r.idle.MoveToBack(e)
		return e.Value.(*delivery)
	}
	if r.idle.Len() >= r.limit {
		r.drop(r.idle.Front())
	}
	if r.byID == nil {
		r.byID = make(map[string]*list.Element)
	}
	d := &delivery{id: id, host: host}
	r.byID[id] = r.idle.PushBack(d)
	return d
}

// drop removes a delivery. mu is held.
func (r *remembered) drop(e *list.Element) {
	d := r.idle.Remove(e).(*delivery)
	delete(r.byID, d.id)
	if !d.acknowledged {
		d.host.unacknowledged.Inc()
	}
}

// measureGap measures the gap before an attempt that follows the highest one seen. Attempts that end out of order have overlapped: no gap.
func (d *delivery) measureGap(a *deliveries.Attempt) {
	if a.Attempt <= d.attempt {
		return
	}
	gap := a.Start.Sub(d.end)
	if d.attempt > 0 && a.Attempt == d.attempt+1 && gap >= 0 {
		d.host.gap.Observe(gap.Seconds())
	}
	d.attempt = a.Attempt
	d.end = a.Start.Add(time.Duration(a.MS.Total * float64(time.Millisecond)))
}
