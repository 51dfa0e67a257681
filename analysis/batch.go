package analysis

import "time"

// Somebody may send a batch again by hand, long after the sender was through with it: failed ones, or all. What says so is that their attempts come together,
// although those before them had ended at various times. No policy does that: its retries are as far apart as what they retry.

const (
	longSince   = 10 * time.Minute // since the attempt before
	together    = 5 * time.Second  // one after another, in a batch
	leastBatch  = 5
	moreTightly = 10 // times as close together as the attempts before them
)

// batches looks for the times in which attempts came again together.
type batches struct {
	all         spans
	began       span          // of the attempts that may be one
	first, last time.Duration // of the ends of those before them
	size        int
}

// see takes what happened next: of it, attempts that came long after the one before them.
func (b *batches) see(h happening) {
	if h.since == 0 {
		return
	}
	began, ended := moment(h.at()), h.since.at()
	if b.size == 0 || began.Sub(b.began.to) > together {
		b.end()
		b.began.from, b.first, b.last = began, ended, ended
	}
	b.began.to, b.first, b.last = began, min(b.first, ended), max(b.last, ended)
	b.size++
}

// end is that of what may be a batch.
func (b *batches) end() {
	took := b.began.to.Sub(b.began.from)
	if b.size >= leastBatch && b.last-b.first >= moreTightly*max(took, time.Second) {
		b.all = append(b.all, b.began)
	}
	b.size = 0
}

// found are all of them.
func (b *batches) found() spans {
	b.end()
	return b.all
}
