package counters

import (
	"maps"
	"time"
)

// Tx is the table while it is locked.
type Tx struct{ t *Table }

// Arrive counts an attempt. newID makes the id of a delivery that begins with it, from the id of its first attempt.
func (tx *Tx) Arrive(id Identity, attemptID string, newID func(first string) string, now time.Time) Arrival {
	t := tx.t
	t.forgetExpired(now)
	d := t.deliveries[id.Key]
	if d != nil && t.expired(d, now) {
		t.drop(d)
		d = nil
	}
	switch {
	case d == nil:
		d = t.remember(&delivery{key: id.Key, id: newID(attemptID), first: now})
	case id.Body && d.acknowledged > 0:
		d.succeed(newID(attemptID), now)
		t.open++
	}
	d.attempts++
	d.running++
	d.last = now
	t.place(d)
	return Arrival{Delivery: d.id, Attempt: d.attempts, First: d.first, Acknowledged: d.before}
}

// Turn numbers what is done while the table is locked, from 1: a decision, or what decisions after it go by.
func (tx *Tx) Turn() uint64 {
	tx.t.turns++
	return tx.t.turns
}

// Matched is how many attempts the rule's match has held for.
func (tx *Tx) Matched(rule string) uint64 { return tx.t.matched[rule] }

// Fired is how often the rule has fired: in all when since is zero, else since then. Of moments other than the zero time only the latest that firings
// were counted from is known: after a later one nothing has fired yet, and an earlier one counts as that.
func (tx *Tx) Fired(rule string, since time.Time) uint64 {
	f := tx.t.fired[rule]
	switch {
	case since.IsZero():
		return f.all
	case since.After(f.since):
		return 0
	default:
		return f.lately
	}
}

// firings are how often a rule has fired: in all, and since the opening of its window or of a phase.
type firings struct {
	all    uint64
	since  time.Time
	lately uint64
}

// Match adds one to what the rule has matched.
func (tx *Tx) Match(rule string) { tx.t.matched[rule]++ }

// Fire adds one to what the rule has fired: in all, and since a moment; the zero time is none.
func (tx *Tx) Fire(rule string, since time.Time) {
	f := tx.t.fired[rule]
	f.all++
	if since.After(f.since) {
		f.since, f.lately = since, 0
	}
	if !since.IsZero() {
		f.lately++
	}
	tx.t.fired[rule] = f
}

// Ahead is what was last kept of the rule under the name; nothing, once all of it is past. It must not be changed.
func (tx *Tx) Ahead(rule, name string) []time.Time {
	if k := tx.t.kept[place{rule, name}]; k != nil {
		return k.ahead
	}
	return nil
}

// Keep takes the place of what was kept of the rule under the name: one moment or more, in order. What is past by now is forgotten, whoever kept it.
func (tx *Tx) Keep(rule, name string, ahead []time.Time, now time.Time) {
	tx.t.keep(place{rule, name}, ahead, now)
}

// Retain forgets what was counted and kept of all rules but these, and from when on a delivery without attempts is forgotten (0: never for that).
func (tx *Tx) Retain(rules []string, forgetAfter time.Duration) {
	these := make(map[string]bool, len(rules))
	for _, rule := range rules {
		these[rule] = true
	}
	others := func(rule string) bool { return !these[rule] }
	maps.DeleteFunc(tx.t.matched, func(rule string, _ uint64) bool { return others(rule) })
	maps.DeleteFunc(tx.t.fired, func(rule string, _ firings) bool { return others(rule) })
	tx.t.retain(these)
	tx.t.cfg.ForgetAfter = forgetAfter
}
