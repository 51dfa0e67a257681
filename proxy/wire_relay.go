package proxy

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/faultline/faultline/deliveries"
)

// forward: the target gets the request.
func (x *exchange) forward() (over bool) {
	if _, err := x.ask(); err != nil {
		x.failed(err)
		return true
	}
	return false
}

// ask sends the request to the target and waits for the head of its answer.
func (x *exchange) ask() (*http.Response, error) {
	x.move(stageTarget)
	if err := x.gather(); err != nil {
		return nil, err
	}
	ctx, cancel := x.targetContext()
	x.asking, x.cancelTarget = ctx, cancel
	resp, err := x.send(ctx)
	x.resp = resp
	x.awaitCopies()
	if err == nil && x.copies != nil && (x.senderLeft() || x.shutDown()) {
		return nil, context.Cause(ctx)
	}
	return resp, err
}

// relay: the sender sees the target's own answer, as it comes; a cut one is seen cut, a reset one reset.
func (x *exchange) relay() {
	x.move(stageAnswer)
	if x.switched != nil {
		x.switchProtocols()
		return
	}
	x.editOwn()
	if !x.r.ProtoAtLeast(1, 1) {
		x.resp.Trailer = nil // HTTP/1.0 has none to announce
	}
	if x.conn.came.receiver == nil { // which is no proxy
		x.w.via = x.s.via(x.resp.ProtoMajor, x.resp.ProtoMinor)
	}
	x.w.headFirst = x.ownBody.late
	x.phrase(x.resp)
	x.showHead()
	x.s.engine.ServeHTTP(&x.w, x.forEngine())
	x.closeOwn()
	switch {
	case x.w.failed != nil:
		x.lost(x.w.failed)
	case x.ownBody.err != nil:
		x.broken(x.ownBody.err)
	default:
		x.complete(ending{by: deliveries.ByTarget})
	}
}

// errTargetTimeout is why faultline gives up an answer that has begun.
var errTargetTimeout = errors.New("target.timeout was over before the target's answer was")

// broken ends an answer that the target began and did not complete, the way it broke.
func (x *exchange) broken(err error) {
	e := ending{outcome: deliveries.Broken, end: endOf(err), by: deliveries.ByTarget, err: err}
	switch {
	case x.senderLeft():
		e.end, e.by = deliveries.Silence, deliveries.BySender
	case x.shutDown():
		e.end, e.by = deliveries.Reset, deliveries.ByShutdown
	case x.timedOut():
		e.by, e.err = deliveries.ByProxy, errTargetTimeout
	}
	if x.w.length < 0 && !x.r.ProtoAtLeast(1, 1) {
		e.end = deliveries.Reset // to HTTP/1.0, a FIN is the end of a body of unknown length
	}
	x.w.Flush()
	if e.end == deliveries.Reset {
		x.cutOff(e)
		return
	}
	x.end(e)
	panic(http.ErrAbortHandler) // closes without ending the body: a FIN in it
}

// showHead gives the answer's fields to the sender. The engine would copy each value of them by itself.
func (x *exchange) showHead() {
	x.w.reply.header, x.resp.Header = x.resp.Header, nil
}

// phrase has the answer say behind its status what the target's own said: senders put it into their errors.
func (x *exchange) phrase(resp *http.Response) {
	_, text, _ := strings.Cut(resp.Status, " ")
	x.w.say(text)
}
