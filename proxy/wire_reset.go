package proxy

import (
	"net/http"

	"github.com/faultline/faultline/deliveries"
)

// reset: RST after the whole request, and after what was begun of an answer. SetLinger(0), then Close.
func (x *exchange) reset() {
	if !x.readAll() {
		return
	}
	x.cutOff(ending{outcome: x.unfinished(), end: deliveries.Reset, by: x.proxyOrShutdown()})
}

// finish: FIN after the whole request, and after what was begun of an answer. CloseWrite, then Close once the sender has closed.
func (x *exchange) finish() {
	if !x.readAll() {
		return
	}
	e := ending{outcome: x.unfinished(), end: deliveries.Fin, by: x.proxyOrShutdown()}
	if e.outcome == deliveries.Broken {
		e.end = deliveries.Cut
	}
	x.close(e)
}

// readAll reads what is left of the request; a sender that fails in it ends the attempt.
func (x *exchange) readAll() bool {
	if x.seized {
		return true
	}
	if err := x.body.drain(); err != nil {
		x.gone(err)
		return false
	}
	return true
}

// cutOff records the attempt, then resets the connection.
func (x *exchange) cutOff(e ending) {
	x.end(e)
	x.seizeUnlessBegun()
	x.conn.reset()
	x.unwind()
}

// close records the attempt, then finishes the connection.
func (x *exchange) close(e ending) {
	x.end(e)
	x.seize()
	x.conn.finish()
}

// abort records the attempt and lets the connection go: the sender is gone already.
func (x *exchange) abort(e ending) {
	x.end(e)
	// The sender closed it before us.
	_ = x.conn.Close()
	x.unwind()
}

func (x *exchange) seizeUnlessBegun() {
	if x.w.status == 0 {
		x.seize()
	}
}

// unwind leaves the handler of a connection that still is the server's, so that it writes nothing more.
func (x *exchange) unwind() {
	if !x.seized {
		panic(http.ErrAbortHandler)
	}
}

func (x *exchange) proxyOrShutdown() deliveries.Party {
	if x.s.closing.Load() {
		return deliveries.ByShutdown
	}
	return deliveries.ByProxy
}
