package counters

import "time"

// delivery is what is remembered of one identity, some 250 bytes with its place in the map. For a body it is the present delivery of that body.
type delivery struct {
	key          string
	id           string
	attempts     int
	first, last  time.Time
	running      int    // attempts that have not ended
	acknowledged int    // attempts that ended so
	before       uint64 // acknowledged deliveries of the same body

	in         *queue
	prev, next *delivery
}

// succeed begins the next delivery of the same body. Attempts of the one before that are still under way end unnoticed.
func (d *delivery) succeed(id string, now time.Time) {
	d.id, d.first = id, now
	d.attempts, d.running, d.acknowledged = 0, 0, 0
	d.before++
}

// place puts a delivery to the end of the queue that it belongs in.
func (t *Table) place(d *delivery) {
	d.leave()
	if d.running > 0 {
		t.busy.add(d)
	} else {
		t.idle.add(d)
	}
}

// queue is a list that is linked through the deliveries themselves, so that none is searched and nothing is allocated.
type queue struct{ first, last *delivery }

func (q *queue) add(d *delivery) {
	d.in, d.prev, d.next = q, q.last, nil
	if q.last == nil {
		q.first = d
	} else {
		q.last.next = d
	}
	q.last = d
}

// leave takes the delivery out of the queue that it is in, if any.
func (d *delivery) leave() {
	if d.in == nil {
		return
	}
	if d.prev == nil {
		d.in.first = d.next
	} else {
		d.prev.next = d.next
	}
	if d.next == nil {
		d.in.last = d.prev
	} else {
		d.next.prev = d.prev
	}
	d.in, d.prev, d.next = nil, nil, nil
}
