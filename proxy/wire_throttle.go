package proxy

import (
	"errors"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
)

// throttle: from here on the sender's body is read at a pace, and what is sent to it goes out at one: its own upload and the answer, head included, are slow.
func (x *exchange) throttle(step faults.Throttle) {
	if step.Up > 0 {
		x.slowUpload(step.Up)
		x.waited = true
	}
	if step.Down > 0 {
		if x.w.slow == nil {
			x.w.slow = &slowWriter{to: x.conn.Conn}
		}
		x.w.slow.pace = x.s.slowed(x.w.slow.pace, step.Down, x.leaves)
		x.conn.slow.Store(x.w.slow) // until the connection is idle again
	}
}

func (x *exchange) slowUpload(rate int64) {
	x.body.slow(x.s.slowed(x.body.pace, rate, x.leaves))
	x.lookOut() // what is to go out slowly may have to wait for its target
}

// leaves looks whether the sender has closed the connection, and remembers it: what it sent before may be unread.
func (x *exchange) leaves() bool {
	left := x.conn.left()
	if left {
		x.conn.ended.Store(true)
	}
	return left
}

// allowHalfClose: of another protocol, as in a tunnel, a sender that has sent its FIN has not left: only a RST ends a pace.
func (x *exchange) allowHalfClose() {
	broken := func() bool { return stateOf(x.conn.tcp) == tcpClosed }
	if x.body.pace != nil {
		x.body.pace.left = broken
	}
	if x.w.slow != nil {
		x.w.slow.left = broken
	}
}

// lost ends an attempt whose sender did not stay for the answer.
func (x *exchange) lost(err error) {
	x.w.countSent()
	e := ending{outcome: x.unfinished(), end: endOf(err), by: deliveries.BySender, err: err}
	switch {
	case x.shutDown():
		e.end, e.by = deliveries.Reset, deliveries.ByShutdown // it is there, and has not taken its answer by the end of the drain
		x.cutOff(e)
		return
	case errors.Is(err, errSenderLeft), x.w.slow != nil:
		e.end = deliveries.Silence // it did not wait for the rest, whichever of us noticed it first
	}
	x.abort(e)
}
