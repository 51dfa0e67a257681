// Package counters keeps the numbers that a decision needs: which attempt of its delivery this is, how often a rule has matched and fired, and the
// moments that a rule's faults remember (when a bucket of tokens is full again).
//
// Promise: one lock covers a decision and the counters that it moves, so every attempt is counted once and `times = 5` fires five times, however
// many attempts come at once; memory is bounded, the longest idle delivery is forgotten first. No clock, no socket: the time comes in.
//
//	table := counters.New(counters.Config{Limit: 1_000_000, ForgetAfter: 7 * 24 * time.Hour})
//	table.Do(func(tx *counters.Tx) {
//		arrival = tx.Arrive(id, attemptID, newID, now)
//		decision = scenario.Decide(subject, matching, tx, now)
//		decision.Count(tx, now)
//	})
//	table.Ended(id, arrival, acknowledged, now)
package counters

import (
	"sync"
	"time"
)

// Config bounds a Table.
type Config struct {
	// Limit is how many deliveries are remembered, and how many places of what faults keep. 0: 1,000,000.
	Limit int
	// ForgetAfter is how long a delivery without attempts is remembered. 0: as long as there is room.
	ForgetAfter time.Duration
	// Forgotten is told the id of each delivery that is remembered no longer. It is called under the table's lock: it must not call the table, nor
	// block. nil: nobody is told.
	Forgotten func(delivery string)
}

// Identity is what makes two attempts the same delivery.
type Identity struct {
	// Key stands for the delivery key and what it is unique within. A hash of both will do.
	Key string
	// Body is true when the key is the body's hash: an acknowledgement then ends the delivery, and the next attempt begins another.
	Body bool
}

// Arrival is an attempt's place in its delivery.
type Arrival struct {
	Delivery string
	Attempt  int       // from 1
	First    time.Time // start of the delivery's first attempt
	// Acknowledged is how many deliveries of this body were acknowledged before this one began; 0 for other keys.
	Acknowledged uint64
}

// Table is the memory. Make it with New. All methods may be called by many goroutines at once.
type Table struct {
	cfg Config

	mu         sync.Mutex
	deliveries map[string]*delivery
	idle       queue // the longest idle in front
	busy       queue // those with an attempt under way
	open       int
	turns      uint64
	matched    map[string]uint64
	fired      map[string]firings
	kept       map[place]*kept
	agenda     agenda
	tx         Tx
}

// defaultLimit is limits.deliveries unless it is set.
const defaultLimit = 1_000_000

// New makes an empty table.
func New(cfg Config) *Table {
	if cfg.Limit == 0 {
		cfg.Limit = defaultLimit
	}
	if cfg.Forgotten == nil {
		cfg.Forgotten = func(string) {}
	}
	t := &Table{
		cfg: cfg, deliveries: make(map[string]*delivery), matched: make(map[string]uint64), fired: make(map[string]firings), kept: make(map[place]*kept),
	}
	t.tx.t = t
	return t
}

// Do runs f with the table locked. f must not block, and must not keep the Tx.
func (t *Table) Do(f func(*Tx)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&t.tx)
}

// Ended takes note that an attempt has ended, and whether its sender was shown a complete success. It is called before the sender can know.
func (t *Table) Ended(id Identity, arrival Arrival, acknowledged bool, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.find(id, arrival)
	if d == nil {
		return // forgotten since, or a delivery that an acknowledgement has ended
	}
	if d.running > 0 { // else forgotten for want of room since the attempt came, and begun again
		d.running--
	}
	d.last = now
	t.place(d)
	if !acknowledged {
		return
	}
	d.acknowledged++
	if d.acknowledged == 1 {
		t.open--
	}
}

// Unacknowledged takes an acknowledgement back whose last bytes never reached the sender.
func (t *Table) Unacknowledged(id Identity, arrival Arrival) {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.find(id, arrival)
	if d == nil || d.acknowledged == 0 {
		return
	}
	d.acknowledged--
	if d.acknowledged == 0 {
		t.open++
	}
}

// Open is how many remembered deliveries are not acknowledged.
func (t *Table) Open() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open
}

// find is the delivery that the arrival belongs to, nil when it is remembered no longer.
func (t *Table) find(id Identity, arrival Arrival) *delivery {
	if d := t.deliveries[id.Key]; d != nil && d.id == arrival.Delivery {
		return d
	}
	return nil
}
