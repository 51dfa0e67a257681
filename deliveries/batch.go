package deliveries

// batch is what one write(2) takes along.
type batch struct {
	entries []*entry
	text    []byte
}

// A batch is full when it has this many records or bytes.
const (
	batchRecords = 1024
	batchBytes   = 1 << 20
)

func (b *batch) full() bool { return len(b.entries) >= batchRecords || len(b.text) >= batchBytes }

func (b *batch) reset() {
	clear(b.entries)
	b.entries = b.entries[:0]
	b.text = emptied(b.text)
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
	if e.seqAt < 0 {
		k.batch.text = append(k.batch.text, e.line...)
	} else {
		k.seq++
		e.seq = k.seq
		k.batch.text = appendNumbered(k.batch.text, e.line, e.seqAt, e.seq)
	}
	k.batch.entries = append(k.batch.entries, e)
}
