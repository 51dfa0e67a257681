package counters

import "time"

// Remembered is a delivery of an earlier run, as its log has it.
type Remembered struct {
	Identity     Identity
	Delivery     string
	Attempts     int
	First, Last  time.Time
	Acknowledged bool
	// Before is how many deliveries of the same body were acknowledged before; 0 for other keys.
	Before uint64
}

// Restore takes over deliveries of an earlier run, oldest first; one that is known already is replaced.
func (t *Table) Restore(all []Remembered) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range all {
		d := t.recall(r.Identity.Key)
		if d.attempts > 0 && !d.acknowledged {
			t.open--
		}
		*d = delivery{
			key: d.key, id: r.Delivery, attempts: r.Attempts, first: r.First, last: r.Last, acknowledged: r.Acknowledged, before: r.Before,
		}
		if !d.acknowledged {
			t.open++
		}
	}
}
