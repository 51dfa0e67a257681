package proxy

import (
	"cmp"
	"io"
	"net"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
)

// hold: the request is read, and nothing (more) is answered. No 100 either: after one, some clients wait without a limit.
func (x *exchange) hold(step faults.Hold) (over bool) {
	if !x.expects() {
		if err := x.body.drain(); err != nil {
			x.gone(err)
			return true
		}
	}
	if x.w.status != 0 || x.shown > 0 {
		x.s.held.Add(1) // an answer that was begun cannot become a 503
	} else if !x.hasRoom() {
		return true
	}
	x.move(stageHeld)
	x.waited = true
	x.seize()
	senderLeft := x.s.silence(x.conn, cmp.Or(step.For, x.s.cfg.Limits.Hold))
	x.s.held.Add(-1)
	if senderLeft {
		x.abort(ending{outcome: x.unfinished(), end: deliveries.Silence, by: deliveries.BySender})
		return true
	}
	return false
}

// silence shows a sender nothing for d, and reports whether it has left meanwhile. What it says is thrown away.
func (s *Server) silence(conn net.Conn, d time.Duration) (senderLeft bool) {
	left := make(chan struct{})
	go func() {
		defer close(left)
		// Only its end is of interest: it comes when the sender leaves, or with the deadline below. Thousands may be held: what each reads into is small.
		_, _ = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{conn}, make([]byte, 512))
	}()
	if s.pause(d, left) {
		return true
	}
	_ = conn.SetReadDeadline(time.Unix(1, 0)) // an error means that the sender has just left, which ends the copy as well
	<-left
	return false
}

// seize takes the connection from the server, once: what follows is ours to write, and ours to close.
func (x *exchange) seize() {
	if x.seized {
		return
	}
	x.seized = true
	x.early = rest(x.w.take(), x.conn)
}
