package proxy

import (
	"errors"
	"io"
	"net/http"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
)

// reset: RST after the whole request, and after what was begun of an answer; or midway, in the request. SetLinger(0), then Close.
func (x *exchange) reset(step faults.Reset) {
	read := x.readAll
	if step.Midway {
		read = x.readHalf
	}
	if !read() {
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

// readHalf reads as much of the body as makes half of it, of one of unknown length what comes first; nothing of one that waits for a 100. A sender that
// fails in it ends the attempt.
func (x *exchange) readHalf() bool {
	if x.expects() || x.seized {
		return true
	}
	var err error
	if length := x.r.ContentLength; length >= 0 {
		_, err = io.CopyN(io.Discard, sourceOf{&x.body}, max(0, length/2-x.body.n))
	} else if x.body.n == 0 {
		_, err = x.body.pull(make([]byte, 32<<10))
	}
	if err != nil && !errors.Is(err, io.EOF) {
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
