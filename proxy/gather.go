package proxy

import (
	"fmt"
	"time"
)

// inlineBody is how large a body may be to be sent with its head in one write, without a goroutine of its own.
const inlineBody = 64 << 10

// gatherWait is how long such a body may take to come in; the head of one that takes longer goes ahead.
const gatherWait = 50 * time.Millisecond

// inline reports whether the request may be sent to the target in one write.
func (x *exchange) inline() bool {
	return x.length >= 0 && x.length <= inlineBody && !x.expects()
}

// gather reads a small body before there is anybody to send it to: so a sender that leaves while the target is still being reached is noticed, and the target
// hears nothing of an attempt that is over. One that is slow to come, or is to go out slowly, is sent as it comes.
func (x *exchange) gather() error {
	if x.inline() && x.body.pace == nil {
		var err error
		if x.gathered, err = x.gatherSoon(); err != nil {
			return fmt.Errorf("%w: %w", errSenderFailed, err)
		}
	}
	if !x.gathered {
		x.lookOut()
	}
	return nil
}

func (x *exchange) gatherSoon() (whole bool, err error) {
	if x.body.inHand() {
		return true, nil
	}
	if int64(x.conn.br.Buffered()) >= x.length { // it came with its head
		return x.body.fill(x.length, x.s.heads.lend())
	}
	x.conn.glance.Store(true)
	defer x.conn.glance.Store(false)
	// Errors mean that the sender's connection is closed, which the read finds out.
	_ = x.conn.SetReadDeadline(time.Now().Add(gatherWait))
	whole, err = x.body.fill(x.length, x.s.heads.lend())
	_ = x.conn.SetReadDeadline(time.Time{})
	if x.shutDown() {
		_ = x.conn.SetReadDeadline(time.Unix(1, 0)) // it was to end all reads, and may have been lifted just now
	}
	return whole, err
}
