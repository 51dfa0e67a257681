package counters

import "time"

// remember takes a new delivery in, in the place of another where the room is used up.
func (t *Table) remember(d *delivery) *delivery {
	if len(t.deliveries) >= t.cfg.Limit {
		t.drop(t.victim())
	}
	t.deliveries[d.key] = d
	t.place(d)
	t.open++
	return d
}

// victim is the delivery that makes room: the longest idle; one with an attempt under way only if there is no other.
func (t *Table) victim() *delivery {
	if t.idle.first != nil {
		return t.idle.first
	}
	return t.busy.first
}

// forgetPerArrival bounds the work that one arrival does for the others: after a quiet week a million deliveries may be due.
const forgetPerArrival = 8

// forgetExpired drops what had no attempt for too long.
func (t *Table) forgetExpired(now time.Time) {
	for range forgetPerArrival {
		d := t.idle.first
		if d == nil || !t.expired(d, now) {
			return
		}
		t.drop(d)
	}
}

func (t *Table) expired(d *delivery, now time.Time) bool {
	return t.cfg.ForgetAfter > 0 && d.running == 0 && now.Sub(d.last) >= t.cfg.ForgetAfter
}

func (t *Table) drop(d *delivery) {
	d.leave()
	delete(t.deliveries, d.key)
	if d.acknowledged == 0 {
		t.open--
	}
	t.cfg.Forgotten(d.id)
}
