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

// Recent is a bounded memory of what was last recorded: attempts without their bodies, those that are open, and amends. It serves who looks while faultline
// runs; the log has all. Make it with NewRecent. All methods may be called by any number of goroutines, and wait for nothing but a short lock.
type Recent struct {
	mu        sync.Mutex
	ring      []kept // of the record at position p: p modulo its length
	first     uint64 // position of the oldest record
	next      uint64 // position that the next record gets
	bytes     int    // of the records, roughly
	attempts  int    // among the records
	forgotten uint64 // attempts that are no longer among them
	grown     chan struct{}
}

// kept is a record, never changed once it is here, and about how many bytes it takes.
type kept struct {
	record deliveries.Record
	bytes  int
}

// NewRecent makes an empty memory.
func NewRecent() *Recent { return newRecent(maxRecords) }

func newRecent(records int) *Recent { return &Recent{ring: make([]kept, records)} }

// Observe takes note of a record that was written. It keeps it: nobody may change it any more.
func (r *Recent) Observe(record deliveries.Record) {
	switch record := record.(type) {
	case *deliveries.Attempt:
		r.add(withoutBody(record))
	case *deliveries.Open:
		r.add(record)
	case *deliveries.Amend:
		r.amend(record)
		r.add(record)
	case *deliveries.Run, *deliveries.Connect, *deliveries.Tunnel, *deliveries.Other, *deliveries.Gap: // no part of a delivery
	}
}

func withoutBody(a *deliveries.Attempt) *deliveries.Attempt {
	if a.Request.Body == nil {
		return a
	}
	bare := *a
	bare.Request.Body = nil
	return &bare
}

func (r *Recent) add(record deliveries.Record) {
	size := sizeOf(record)
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.first < r.next && (r.next-r.first == uint64(len(r.ring)) || r.bytes+size > maxBytes) {
		r.forget()
	}
	*r.at(r.next) = kept{record, size}
	r.next++
	r.bytes += size
	if _, ok := record.(*deliveries.Attempt); ok {
		r.attempts++
	}
	if r.grown != nil {
		close(r.grown)
		r.grown = nil
	}
}

// forget drops the oldest record. mu is held.
func (r *Recent) forget() {
	oldest := r.at(r.first)
	r.bytes -= oldest.bytes
	if _, ok := oldest.record.(*deliveries.Attempt); ok {
		r.attempts--
		r.forgotten++
	}
	*oldest = kept{}
	r.first++
}

// amend corrects the attempt: a copy takes its place, as the attempt itself may just be read. It is among the last, so it is looked for from the end.
func (r *Recent) amend(with *deliveries.Amend) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p, found := r.find(with.ID); found {
		amended := *r.at(p).record.(*deliveries.Attempt)
		amended.Outcome, amended.End, amended.EndedBy = with.Outcome, with.End, with.EndedBy
		r.at(p).record = &amended
	}
}

// find gives the position of an attempt. mu is held.
func (r *Recent) find(id string) (position uint64, found bool) {
	for p := r.next; p > r.first; p-- {
		if a, ok := r.at(p - 1).record.(*deliveries.Attempt); ok && a.ID == id {
			return p - 1, true
		}
	}
	return 0, false
}

func (r *Recent) at(position uint64) *kept { return &r.ring[position%uint64(len(r.ring))] }

// memory says how far back what is remembered reaches, so that nobody takes it for the whole log.
type memory struct {
	Attempts  int        `json:"attempts"`  // that are remembered
	Forgotten uint64     `json:"forgotten"` // that were, since this process began
	From      *time.Time `json:"from"`      // when the oldest that is remembered began; null without one
}

// remembrance is all that is remembered at one moment.
type remembrance struct {
	records []deliveries.Record
	first   uint64 // position of the first of them
	memory  memory
}

func (r *Recent) all() remembrance {
	r.mu.Lock()
	defer r.mu.Unlock()
	return remembrance{records: r.between(r.first, r.next), first: r.first, memory: r.reach()}
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
		if a, ok := r.at(p).record.(*deliveries.Attempt); ok {
			from := a.Start.Round(0).UTC()
			m.From = &from
		}
	}
	return m
}

// between copies the records of some positions. mu is held.
func (r *Recent) between(first, next uint64) []deliveries.Record {
	records := make([]deliveries.Record, 0, next-first)
	for p := first; p < next; p++ {
		records = append(records, r.at(p).record)
	}
	return records
}

// news is what has come since a position.
type news struct {
	records []deliveries.Record
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
	if n.records = r.between(from, n.next); len(n.records) > 0 {
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
