package proxy

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// errSenderFailed is the sender's failure in the middle of its body.
var errSenderFailed = errors.New("sender failed in its body")

// errDiedReused is a reused target connection that died before a byte of an answer: an idle close, met exactly where the sender would have met it.
var errDiedReused = errors.New("reused connection died before a byte of answer")

// trip is one request on one target connection and its answer.
type trip struct {
	x       *exchange
	conn    *targetConn
	written chan error // the end of a body that is sent while the answer may come; nil: sent in one write
	unbind  func() bool
}

// send sends the request to the target, once, and returns the head of its answer. The answer's body must be closed. x.facts is filled.
func (x *exchange) send(ctx context.Context) (*http.Response, error) {
	x.facts.asked = time.Now()
	resp, err := x.sendOnce(ctx)
	if err != nil {
		x.facts.ended = time.Now()
		x.facts.err = err
	}
	return resp, err
}

func (x *exchange) sendOnce(ctx context.Context) (*http.Response, error) {
	if x.conn.came.receiver != nil {
		return x.hand(ctx)
	}
	conn, err := x.connect(ctx)
	if err != nil {
		return nil, err
	}
	x.trip = trip{x: x, conn: conn}
	t := &x.trip
	t.bind(ctx)
	unwritten := t.write()
	if errors.Is(unwritten, errSenderFailed) {
		return nil, t.fail(ctx, unwritten)
	}
	// A target that does not take the request may have said why.
	resp, err := conn.answerHead(x.r.Method, x.upgrade != "", x.interim)
	if err != nil && isAlert(err) {
		return nil, t.fail(ctx, err)
	}
	if err != nil {
		return nil, t.fail(ctx, cmp.Or(unwritten, err))
	}
	x.facts.status = resp.StatusCode
	if resp.StatusCode == http.StatusSwitchingProtocols {
		t.release()
		x.facts.ended = time.Now()
		x.switched = conn
		return resp, t.awaitWriter()
	}
	x.ownBody = answerBody{src: resp.Body, late: conn.br.Buffered() == 0, lent: &x.s.buffers, conn: conn, done: func(whole bool) { t.end(resp, whole) }}
	resp.Body = &x.ownBody
	return resp, nil
}

// bind has the connection given up when the sender leaves, the drain is over, or what ctx bounds.
func (t *trip) bind(ctx context.Context) {
	t.x.conn.asks.Store(t.conn)
	if t.x.s.cfg.TargetTimeout > 0 {
		t.unbind = context.AfterFunc(ctx, t.conn.giveUp)
	}
	if t.x.conn.gone.Load() || ctx.Err() != nil { // before anybody could see what is asked
		t.x.conn.abandon()
	}
}

// release ends that. It reports whether the connection was not given up.
func (t *trip) release() bool {
	bound := t.x.conn.asks.CompareAndSwap(t.conn, nil)
	return (t.unbind == nil || t.unbind()) && bound
}

func (x *exchange) connect(ctx context.Context) (*targetConn, error) {
	addr := x.to.addr
	if c := x.conn.targets.take(addr); c != nil {
		x.facts.addr, x.facts.reused = c.remote, true
		return c, nil
	}
	c, err := x.s.dial(ctx, x.to)
	if err != nil {
		return nil, err
	}
	x.facts.addr = c.remote
	return c, nil
}

func (t *trip) write() error {
	head := t.x.s.heads.lend()
	t.x.writeHead(head, t.conn.proxied)
	if t.x.gathered {
		defer t.x.s.heads.takeBack(head)
		return t.writeWhole(head)
	}
	t.written = make(chan error, 1)
	if t.x.expects() {
		t.x.readUnasked()
	}
	t.beside(func() error {
		defer t.x.s.heads.takeBack(head)
		return t.stream(head)
	})
	return nil
}

// writeWhole sends head and body, which was gathered, in one write.
func (t *trip) writeWhole(head *bytes.Buffer) error {
	head.Write(t.x.body.takeUnread())
	n, err := t.conn.Write(head.Bytes())
	t.x.facts.wrote = n > 0
	if err != nil {
		return fmt.Errorf("send request: %w", err)
	}
	t.x.facts.whole = true
	t.conn.asked.Store(true)
	t.x.sendCopies()
	return nil
}

// fail ends a trip that has no answer, and says why there is none.
func (t *trip) fail(ctx context.Context, err error) error {
	t.release()
	t.conn.giveUp()
	if werr := t.awaitWriter(); errors.Is(werr, errSenderFailed) {
		return werr
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if t.x.conn.gone.Load() {
		return context.Canceled // as its context is about to be
	}
	if t.conn.reused && !t.conn.got && !errors.Is(err, errSenderFailed) {
		return fmt.Errorf("%w: %w", errDiedReused, err)
	}
	return err
}

// end is called once, when the answer's body was read to its end (whole) or given up.
func (t *trip) end(resp *http.Response, whole bool) {
	alive := t.release()
	t.x.facts.ended = time.Now()
	if len(resp.Trailer) > 0 {
		resp.Trailer = endToEnd(resp.Trailer)
	}
	if !whole || !alive || resp.Close || t.x.copies != nil || !t.finishedWriting() || t.conn.br.Buffered() > 0 {
		t.conn.close()
		t.awaitWriter()
		return
	}
	t.x.conn.targets.put(t.conn)
}
