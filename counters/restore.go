package counters

import (
	"slices"
	"time"
)

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

// Restore takes over deliveries of an earlier run, of one body in the order in which they began: the last is its present one. With more than there is
// room for, the most recent stay. It is called before the first arrival.
func (t *Table) Restore(all []Remembered) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range present(all) {
		d := t.remember(&delivery{
			key: r.Identity.Key, id: r.Delivery, attempts: r.Attempts, first: r.First, last: r.Last, before: r.Before,
		})
		if r.Acknowledged {
			d.acknowledged = 1
			t.open--
		}
	}
}

// present is the last delivery of each identity, the longest idle first.
func present(all []Remembered) []Remembered {
	place := make(map[string]int)
	var last []Remembered
	for _, r := range all {
		if i, known := place[r.Identity.Key]; known {
			last[i] = r
			continue
		}
		place[r.Identity.Key] = len(last)
		last = append(last, r)
	}
	slices.SortStableFunc(last, func(a, b Remembered) int { return a.Last.Compare(b.Last) })
	return last
}
