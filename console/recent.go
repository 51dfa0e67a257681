package console

import (
	"sync"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// What is remembered is bounded twice: by its number, and by the bytes that it takes, as a header may be a quarter of a megabyte.
const (
	maxRecords = 5_000
	maxBytes   = 8 << 20
)

// Recent is a bounded memory of what was last recorded: the lines of attempts without their bodies, of those that are open, and of amends. It serves who looks
// while faultline runs; the log has all. A line is cheap to keep, as there is nothing in it to follow for the garbage collector; who looks pays for its being
// read. Make it with NewRecent. All methods may be called by any number of goroutines, and wait for nothing but a short lock.
type Recent struct {
	mu        sync.Mutex
	ring      []*moment // that of position p at p modulo its length
	first     uint64    // position of the oldest
	next      uint64    // position that the next one gets
	bytes     int       // that they take
	attempts  int       // among them
	forgotten uint64    // attempts that are no longer among them
	grown     chan struct{}
	spare     []byte // of a line that was forgotten, and shown to nobody
}

// NewRecent makes an empty memory.
func NewRecent() *Recent { return newRecent(maxRecords) }

func newRecent(records int) *Recent { return &Recent{ring: make([]*moment, records)} }

// Observe takes note of a record that was written, with its line, which it does not keep.
func (r *Recent) Observe(record deliveries.Record, line []byte) {
	switch record := record.(type) {
	case *deliveries.Attempt:
		r.add(attemptMoment(record, line))
	case *deliveries.Open:
		r.add(newMoment(deliveries.EventOpen, record.ID, line))
	case *deliveries.Amend:
		r.amend(record)
		r.add(newMoment(deliveries.EventAmend, record.ID, line))
	case *deliveries.Run, *deliveries.Connect, *deliveries.Tunnel, *deliveries.Other, *deliveries.Gap, *deliveries.Change: // no part of a delivery
	}
}

func (r *Recent) add(m *moment) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.first < r.next && (r.next-r.first == uint64(len(r.ring)) || r.bytes+m.bytes() > maxBytes) {
		r.forget()
	}
	m.line = append(r.spare[:0], m.line...)
	r.spare = nil
	*r.at(r.next) = m
	r.next++
	r.bytes += m.bytes()
	if m.event == deliveries.EventAttempt {
		r.attempts++
	}
	if r.grown != nil {
		close(r.grown)
		r.grown = nil
	}
}

// forget drops the oldest moment. mu is held.
func (r *Recent) forget() {
	oldest := r.at(r.first)
	r.bytes -= (*oldest).bytes()
	if (*oldest).event == deliveries.EventAttempt {
		r.attempts--
		r.forgotten++
	}
	if !(*oldest).shown {
		r.spare = (*oldest).line
	}
	*oldest = nil
	r.first++
}

// amend corrects the attempt, which is among the last: another moment takes the place of its own.
func (r *Recent) amend(with *deliveries.Amend) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p, found := r.find(with.ID); found {
		was := r.at(p)
		amended := (*was).amended(with)
		r.bytes += amended.bytes() - (*was).bytes()
		*was = amended
	}
}

// find gives the position of an attempt. mu is held.
func (r *Recent) find(id string) (position uint64, found bool) {
	for p := r.next; p > r.first; p-- {
		if m := *r.at(p - 1); m.event == deliveries.EventAttempt && m.id == id {
			return p - 1, true
		}
	}
	return 0, false
}

func (r *Recent) at(position uint64) **moment { return &r.ring[position%uint64(len(r.ring))] }

// memory says how far back what is remembered reaches, so that nobody takes it for the whole log.
type memory struct {
	Attempts  int        `json:"attempts"`  // that are remembered
	Forgotten uint64     `json:"forgotten"` // that were, since this process began
	From      *time.Time `json:"from"`      // when the oldest that is remembered began; null without one
}

// remembrance is all that is remembered at one moment.
type remembrance struct {
	moments []*moment
	first   uint64 // position of the first of them
	memory  memory
}

func (r *Recent) all() remembrance {
	r.mu.Lock()
	defer r.mu.Unlock()
	return remembrance{moments: r.between(r.first, r.next), first: r.first, memory: r.reach()}
}

// memory is how far back it reaches.
func (r *Recent) memory() memory {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reach()
}

// reach is memory with mu held.
func (r *Recent) reach() memory {
	m := memory{Attempts: r.attempts, Forgotten: r.forgotten}
	for p := r.first; p < r.next && m.From == nil; p++ {
		if a := (*r.at(p)).attempt(); a != nil {
			m.From = &a.Start
		}
	}
	return m
}

// between gives the moments of some positions. mu is held.
func (r *Recent) between(first, next uint64) []*moment {
	moments := make([]*moment, 0, next-first)
	for p := first; p < next; p++ {
		m := *r.at(p)
		m.shown = true
		moments = append(moments, m)
	}
	return moments
}

// news is what has come since a position.
type news struct {
	moments []*moment
	lost    uint64          // that came before them and are forgotten
	next    uint64          // the position behind them
	grown   <-chan struct{} // closed when there is more; nil when there is already
}

// since gives what has come since a position, at most so many.
func (r *Recent) since(position uint64, most int) news {
	r.mu.Lock()
	defer r.mu.Unlock()
	from := max(position, r.first)
	n := news{lost: from - position, next: min(r.next, from+uint64(most))}
	if n.moments = r.between(from, n.next); len(n.moments) > 0 {
		return n
	}
	if r.grown == nil {
		r.grown = make(chan struct{})
	}
	n.grown = r.grown
	return n
}

// end is the position of what is recorded next.
func (r *Recent) end() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next
}

// behind gives the position behind an attempt. When it is not remembered, it is that of the oldest record.
func (r *Recent) behind(id string) (position uint64, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p, found := r.find(id); found {
		return p + 1, true
	}
	return r.first, false
}
