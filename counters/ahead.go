package counters

import (
	"container/heap"
	"time"
)

// place is where a fault keeps something: under a name that is unique within its rule.
type place struct{ rule, name string }

// kept is what a fault keeps in a place: moments, in order, the last of which makes it worth keeping.
type kept struct {
	place place
	ahead []time.Time
	at    int // its index in the agenda
}

func (k *kept) last() time.Time { return k.ahead[len(k.ahead)-1] }

// agenda is all that is kept, a heap with what is soonest past in front.
type agenda []*kept

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].last().Before(a[j].last()) }

func (a agenda) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].at, a[j].at = i, j
}

func (a *agenda) Push(k any) {
	k.(*kept).at = len(*a)
	*a = append(*a, k.(*kept))
}

func (a *agenda) Pop() any {
	end := len(*a) - 1
	k := (*a)[end]
	(*a)[end] = nil
	*a = (*a)[:end]
	return k
}

// keep takes moments in, and drops what is past: it says no more than an empty place. Without room the soonest past makes some.
func (t *Table) keep(in place, ahead []time.Time, now time.Time) {
	if k := t.kept[in]; k != nil {
		k.ahead = ahead
		heap.Fix(&t.agenda, k.at)
	} else {
		k = &kept{place: in, ahead: ahead}
		t.kept[in] = k
		heap.Push(&t.agenda, k)
	}
	for len(t.agenda) > 0 && (len(t.agenda) > t.cfg.Limit || !t.agenda[0].last().After(now)) {
		k := heap.Pop(&t.agenda).(*kept)
		delete(t.kept, k.place)
	}
}

// retain forgets what is kept of all other rules.
func (t *Table) retain(rules map[string]bool) {
	var agenda agenda
	for _, k := range t.agenda {
		if !rules[k.place.rule] {
			delete(t.kept, k.place)
			continue
		}
		k.at = len(agenda)
		agenda = append(agenda, k)
	}
	t.agenda = agenda
	heap.Init(&t.agenda)
}
