package proxy

import (
	"context"
	"time"
)

// How long a sender that was answered early may go on sending: so long without a byte, so long in all.
const (
	lingerIdle  = 5 * time.Second
	lingerTotal = 30 * time.Second
)

// linger reads on what the sender still sends after it was answered early: closing with its bytes unread would send a RST, which takes the answer out of
// its hands. It is the target that would have read on. An answer of unknown length ends only when the handler returns, and must not wait.
func (x *exchange) linger() {
	if x.body.ended || x.body.err != nil || x.w.length < 0 || x.expects() {
		return
	}
	x.body.slow(nil) // the attempt is over
	stop := context.AfterFunc(x.s.draining, func() {
		_ = x.conn.SetReadDeadline(time.Unix(1, 0)) // an error means that it is closed already
	})
	defer stop()
	until := time.Now().Add(lingerTotal)
	buf := make([]byte, 32<<10)
	for x.s.draining.Err() == nil {
		idle := time.Now().Add(lingerIdle)
		if idle.After(until) {
			idle = until
		}
		if err := x.conn.SetReadDeadline(idle); err != nil {
			return // closed
		}
		if _, err := x.body.pull(buf); err != nil {
			return // its end, the sender's, or that of our patience
		}
	}
}
