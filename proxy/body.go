package proxy

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"sync/atomic"

	"github.com/faultline/faultline/deliveries"
)

// requestBody is a request's body on its way: counted, hashed and, as far as the log wants it, kept while it passes. What hold buffered is read
// again by Read. Not safe for concurrent use; the exchange hands it from one reader to the next. It is ready after begin.
type requestBody struct {
	src   io.Reader
	limit int64 // bytes that count for a key: beyond, the key is the prefix's

	sum    hash.Hash
	hashed [sha256.Size]byte // what it came to
	prefix []byte            // hash of the first limit bytes, once passed
	keep   int64             // bytes to keep for the log; -1: all
	kept   deliveries.Kept

	held     []byte        // read by hold
	lent     *bytes.Buffer // that fill reads into; nil: it did not
	unread   []byte        // the part of held that Read has not handed out
	n        int64
	replaced bool         // unread is not the sender's
	ended    bool         // src was read to its end
	over     atomic.Bool  // as ended, for those who do not read it
	passed   atomic.Int64 // as n
	err      error        // the sender failed in the body
	atEnd    func()
	started  bool // something was asked of src: a 100 Continue may have gone out

	pace   *pace // nil: as fast as it comes
	paid   int64 // bytes that came in at a pace
	unpaid int64 // bytes that came in before the pace they are to keep
}

func (b *requestBody) begin(src io.Reader, limit, keep int64, atEnd func()) {
	b.src, b.limit, b.keep, b.sum, b.atEnd = src, limit, keep, sha256.New(), atEnd
}

// hold buffers the body up to its limit. It reports whether that is all of it, and the sender's failure.
func (b *requestBody) hold() (whole bool, err error) {
	var buf bytes.Buffer
	_, err = io.Copy(&buf, io.LimitReader(sourceOf{b}, b.limit+1))
	b.held = buf.Bytes()
	b.unread = b.held
	if err != nil {
		return false, err
	}
	return b.ended && int64(len(b.held)) <= b.limit, nil
}

// inHand reports whether all that Read has still to hand out is in memory.
func (b *requestBody) inHand() bool { return b.ended || b.replaced }

// fill buffers what is left, where hold has not, until it ends or a read finds nothing; it reports whether it ended. What it reads into is lent.
func (b *requestBody) fill(size int64, lent *bytes.Buffer) (whole bool, err error) {
	if b.held != nil {
		return false, nil // larger than what is held
	}
	b.lent = lent
	lent.Grow(int(size) + 1)
	buf := lent.AvailableBuffer()[:size+1] // one more, to see its end
	for got := 0; !b.ended; b.unread = buf[:got] {
		n, err := b.pull(buf[got:])
		got += n
		if n == 0 && err == nil {
			return false, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
	}
	return true, nil
}

// whole is all that Read has still to hand out, held in memory; ok is false where that is larger than what is held.
func (b *requestBody) whole() (body []byte, ok bool, err error) {
	if b.held == nil && !b.replaced {
		if _, err := b.hold(); err != nil {
			return nil, false, err
		}
	}
	return b.unread, b.replaced || b.ended && int64(len(b.held)) <= b.limit, nil
}

// replace has Read hand out another body, once all that the sender sent was read; what is counted, hashed and kept is the sender's.
func (b *requestBody) replace(body []byte) error {
	if !b.ended {
		if err := b.drain(); err != nil {
			return err
		}
	}
	b.unread, b.replaced = body, true
	if b.unpaid > 0 {
		b.unpaid = int64(len(body))
	}
	return nil
}

// heldForKey is the part of the body that counts for the key.
func (b *requestBody) heldForKey() []byte {
	return b.held[:min(int64(len(b.held)), b.limit)]
}

// slow has the body read, handed out and dropped at a pace from now on; nil ends that. What came in at a pace was paid for and is handed out at once.
func (b *requestBody) slow(at *pace) {
	b.pace, b.unpaid = at, 0
	if at != nil {
		b.unpaid = b.n - b.paid
	}
}

// Read hands out what was held, then reads on.
func (b *requestBody) Read(p []byte) (int, error) {
	if len(b.unread) == 0 {
		return b.pull(p)
	}
	if b.unpaid > 0 {
		p = p[:b.pace.piece(len(p))]
	}
	n := copy(p, b.unread)
	b.unread = b.unread[n:]
	if err := b.pay(int64(n)); err != nil {
		return 0, err
	}
	return n, nil
}

// pay waits for the time of n bytes that came in before the pace.
func (b *requestBody) pay(n int64) error {
	n = min(n, b.unpaid)
	if n == 0 {
		return nil
	}
	b.unpaid -= n
	if err := b.pace.spend(n); err != nil {
		b.err = err
		return err
	}
	return nil
}

// takeUnread is what Read has still to hand out of a body that is in hand.
func (b *requestBody) takeUnread() []byte {
	all := b.unread
	b.unread = nil
	return all
}

// digest is the SHA-256 of what has passed. It is the body's own memory.
func (b *requestBody) digest() []byte { return b.sum.Sum(b.hashed[:0]) }

// drain reads what is left, so that it is noticed when the sender leaves, and so that a close is a FIN.
func (b *requestBody) drain() error {
	b.unread = nil
	if err := b.pay(b.unpaid); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, sourceOf{b})
	return err
}

func (b *requestBody) pull(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.ended {
		return 0, io.EOF
	}
	b.started = true
	if b.pace != nil {
		p = p[:b.pace.piece(len(p))]
	}
	n, err := b.src.Read(p)
	b.pass(p[:n])
	if b.pace != nil && n > 0 {
		b.paid += int64(n)
		if slow := b.pace.spend(int64(n)); slow != nil {
			err = slow
		}
	}
	switch {
	case errors.Is(err, io.EOF):
		b.ended = true
		b.over.Store(true)
		b.atEnd()
		return n, io.EOF
	case err != nil:
		b.err = err
	}
	return n, err
}

func (b *requestBody) pass(p []byte) {
	if b.prefix == nil && b.n+int64(len(p)) > b.limit {
		head := p[:b.limit-b.n]
		b.sum.Write(head)
		b.prefix = b.sum.Sum(nil)
		b.sum.Write(p[len(head):])
	} else {
		b.sum.Write(p)
	}
	if b.keep < 0 {
		b.kept.Append(p)
	} else {
		b.kept.Append(p[:min(int64(len(p)), b.keep-b.kept.Size())])
	}
	b.n += int64(len(p))
	b.passed.Store(b.n)
}

// sourceOf reads past what is held, from the sender itself.
type sourceOf struct{ b *requestBody }

func (s sourceOf) Read(p []byte) (int, error) { return s.b.pull(p) }
