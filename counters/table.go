// Package counters keeps the numbers that a decision needs: which attempt of its delivery this is, and how often a rule has matched and fired.
//
// Promise: one lock covers a decision and the counters that it moves, so every attempt is counted once and `times = 5` fires five times, however
// many attempts come at once; memory is bounded, the longest idle delivery is forgotten first. No clock, no socket: the time comes in.
//
//	table := counters.New(counters.Config{Limit: 1_000_000, ForgetAfter: 7 * 24 * time.Hour})
//	table.Do(func(tx *counters.Tx) {
//		arrival = tx.Arrive(id, attemptID, newID, now)
//		decision = scenario.Decide(subject, matching, tx, now)
//		tx.Count(decision.Matched, decision.Fired)
//	})
//	table.Ended(id, arrival, acknowledged, now)
package counters

import (
	"container/list"
	"sync"
	"time"
)

// Config bounds a Table.
type Config struct {
	// Limit is how many deliveries are remembered. 0: 1,000,000.
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
	deliveries map[string]*list.Element
	idle       list.List // of *delivery, the longest idle in front
	open       int
	matched    map[string]uint64
	fired      map[string]uint64
}

// delivery is what is remembered of one identity. For a body it is the present delivery of that body.
type delivery struct {
	key          string
	id           string
	attempts     int
	first, last  time.Time
	running      int // attempts that have not ended
	acknowledged bool
	before       uint64 // acknowledged deliveries of the same body
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
	return &Table{
		cfg: cfg, deliveries: make(map[string]*list.Element), matched: make(map[string]uint64), fired: make(map[string]uint64),
	}
}

// Do runs f with the table locked. f must not block, and must not keep the Tx.
func (t *Table) Do(f func(*Tx)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&Tx{t})
}

// Ended takes note that an attempt has ended, and whether its sender was shown a complete success. It is called before the sender can know.
func (t *Table) Ended(id Identity, arrival Arrival, acknowledged bool, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.find(id, arrival)
	if d == nil {
		return // forgotten since, or a delivery that an acknowledgement has ended
	}
	d.running--
	d.last = now
	t.idle.MoveToBack(t.deliveries[d.key])
	if acknowledged && !d.acknowledged {
		d.acknowledged = true
		t.open--
	}
}

// Unacknowledged takes an acknowledgement back whose last bytes never reached the sender.
func (t *Table) Unacknowledged(id Identity, arrival Arrival) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if d := t.find(id, arrival); d != nil && d.acknowledged {
		d.acknowledged = false
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
	e, known := t.deliveries[id.Key]
	if !known {
		return nil
	}
	if d := e.Value.(*delivery); d.id == arrival.Delivery {
		return d
	}
	return nil
}
