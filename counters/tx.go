package counters

import "time"

// Tx is the table while it is locked.
type Tx struct{ t *Table }

// Arrive counts an attempt. newID makes the id of a delivery that begins with it, from the id of its first attempt.
func (tx *Tx) Arrive(id Identity, attemptID string, newID func(first string) string, now time.Time) Arrival {
	t := tx.t
	t.forget(now)
	d := t.recall(id.Key)
	switch {
	case d.attempts == 0:
		d.id, d.first = newID(attemptID), now
		t.open++
	case id.Body && d.acknowledged:
		*d = delivery{key: d.key, id: newID(attemptID), first: now, before: d.before + 1}
		t.open++
	}
	d.attempts++
	d.running++
	d.last = now
	return Arrival{Delivery: d.id, Attempt: d.attempts, First: d.first, Acknowledged: d.before}
}

// Matched is how many attempts the rule's match has held for.
func (tx *Tx) Matched(rule string) uint64 { return tx.t.matched[rule] }

// Fired is how often the rule has fired.
func (tx *Tx) Fired(rule string) uint64 { return tx.t.fired[rule] }

// Count adds one to each rule that matched, and to each that fired.
func (tx *Tx) Count(matched, fired []string) {
	for _, rule := range matched {
		tx.t.matched[rule]++
	}
	for _, rule := range fired {
		tx.t.fired[rule]++
	}
}

// recall is what is remembered of an identity, now the least idle; a new one has no attempts.
func (t *Table) recall(key string) *delivery {
	if e, known := t.deliveries[key]; known {
		t.idle.MoveToBack(e)
		return e.Value.(*delivery)
	}
	if t.idle.Len() >= t.cfg.Limit {
		t.drop(t.victim())
	}
	d := &delivery{key: key}
	t.deliveries[key] = t.idle.PushBack(d)
	return d
}

// victimSearch is how many running deliveries are passed over in search of an idle one.
const victimSearch = 64

// victim is the delivery that makes room: the longest idle one with no attempt under way, if there is one near.
func (t *Table) victim() *delivery {
	oldest := t.idle.Front()
	for e, n := oldest, 0; e != nil && n < victimSearch; e, n = e.Next(), n+1 {
		if d := e.Value.(*delivery); d.running == 0 {
			return d
		}
	}
	return oldest.Value.(*delivery)
}

// forget drops what had no attempt for too long.
func (t *Table) forget(now time.Time) {
	if t.cfg.ForgetAfter == 0 {
		return
	}
	for e := t.idle.Front(); e != nil; e = t.idle.Front() {
		d := e.Value.(*delivery)
		if d.running > 0 || now.Sub(d.last) < t.cfg.ForgetAfter {
			return
		}
		t.drop(d)
	}
}

func (t *Table) drop(d *delivery) {
	t.idle.Remove(t.deliveries[d.key])
	delete(t.deliveries, d.key)
	if !d.acknowledged {
		t.open--
	}
	t.cfg.Forgotten(d.id)
}
