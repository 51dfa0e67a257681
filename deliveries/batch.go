package deliveries

import "slices"

// batch is what one write(2) takes along; but for a large body, which is written piece by piece.
type batch struct {
	entries []*entry
	text    []byte
	large   [][]byte // what follows of the last line, which has a large body
}

// A batch is full when it has this many records or bytes.
const (
	batchRecords = 1024
	batchBytes   = 1 << 20
)

func (b *batch) full() bool {
	return len(b.entries) >= batchRecords || len(b.text) >= batchBytes || b.large != nil
}

func (b *batch) reset() {
	clear(b.entries)
	b.entries = b.entries[:0]
	b.text = emptied(b.text)
	b.large = nil
}

// emptied is a buffer to be used again. What an unusually large record took is given back.
func emptied(buf []byte) []byte {
	if cap(buf) > 4*batchBytes {
		return nil
	}
	return buf[:0]
}

// gather makes a batch of an entry and what is queued behind it. Attempts get their numbers here: a number whose line is then lost is a hole.
func (k *keeper) gather(first *entry, queue <-chan *entry) {
	k.take(first)
	for !k.batch.full() {
		select {
		case e := <-queue:
			k.take(e)
		default:
			return
		}
	}
}

func (k *keeper) take(e *entry) {
	if e.head != nil {
		k.head = e.head
	}
	if e.seqAt >= 0 {
		k.seq++
		e.seq = k.seq
	}
	k.batch.add(e)
}

func (b *batch) add(e *entry) {
	b.entries = append(b.entries, e)
	b.text = e.appendTo(b.text)
	switch {
	case e.body == nil:
	case e.body.json.Size() > batchBytes:
		b.large = append(slices.Clone(e.body.json.pieces), e.behind)
	default:
		for _, piece := range e.body.json.pieces {
			b.text = append(b.text, piece...)
		}
		b.text = append(b.text, e.behind...)
	}
}
