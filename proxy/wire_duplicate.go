package proxy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"sync"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
)

// copies are further sendings of one request to its target, each on a connection of its own.
type copies struct {
	body  []byte
	after []time.Duration // the first was sent
	facts []targetFacts   // of each; written until running ends
	// running are those under way, and those that wait for their time.
	running sync.WaitGroup
}

// duplicate: the target gets the request more than once. The sender sees nothing of that, but that its answer takes as long as the slowest.
func (x *exchange) duplicate(step faults.Duplicate) (over bool) {
	if x.upgrade != "" {
		x.leaveAlone("duplicate", "the request asks for another protocol")
		return false
	}
	body, whole, err := x.body.whole()
	switch {
	case err != nil:
		x.gone(err)
		return true
	case !whole:
		x.leaveAlone("duplicate", "the body is larger than limits.body")
		return false
	case x.copies == nil:
		x.copies = &copies{body: body}
	}
	x.waited = true
	last := time.Duration(0)
	if n := len(x.copies.after); n > 0 {
		last = x.copies.after[n-1]
	}
	for range step.More {
		last += step.Apart
		x.copies.after = append(x.copies.after, last)
	}
	return false
}

// sendCopies begins to send the copies, when the request itself was sent.
func (x *exchange) sendCopies() {
	if x.copies == nil {
		return
	}
	x.copies.facts = make([]targetFacts, len(x.copies.after))
	for i, after := range x.copies.after {
		x.copies.running.Go(func() {
			defer x.s.surviveBeside("copy of a request")
			x.sendCopy(after, &x.copies.facts[i])
		})
	}
}

// sendCopy sends one when its time has come, unless the sender has left by then, or faults are lifted.
func (x *exchange) sendCopy(after time.Duration, f *targetFacts) {
	if x.s.pause(after, x.r.Context().Done()) {
		return
	}
	if off, _ := x.s.faults.lifted(); off {
		return
	}
	ctx, cancel := x.targetContext()
	defer cancel()
	f.asked = time.Now()
	if f.err = x.tryCopy(ctx, f); f.err != nil && ctx.Err() != nil {
		f.err = context.Cause(ctx)
	}
	f.ended = time.Now()
}

func (x *exchange) tryCopy(ctx context.Context, f *targetFacts) error {
	if x.conn.came.receiver != nil {
		return x.handCopy(ctx, f)
	}
	conn, err := x.s.dial(ctx, x.to)
	if err != nil {
		return err
	}
	defer conn.close()
	defer context.AfterFunc(ctx, conn.close)()
	f.addr = conn.remote
	if _, err := conn.Write(x.wholeRequest(conn.proxied)); err != nil {
		return fmt.Errorf("send request: %w", err)
	}
	f.whole = true
	resp, err := conn.answerHead(x.r.Method, false, func(*http.Response) {})
	if err != nil {
		return err
	}
	f.status = resp.StatusCode
	f.bytes, err = io.Copy(io.Discard, resp.Body)
	return err
}

func (x *exchange) handCopy(ctx context.Context, f *targetFacts) error {
	resp, err := x.take(ctx, bytes.NewReader(x.copies.body))
	if err != nil {
		return err
	}
	f.whole, f.status, f.bytes = true, resp.StatusCode, resp.ContentLength
	return nil
}

// wholeRequest is the request as the target gets it, head and body.
func (x *exchange) wholeRequest(proxied bool) []byte {
	b := new(bytes.Buffer)
	x.writeHead(b, proxied)
	if x.length >= 0 {
		b.Write(x.copies.body)
		return b.Bytes()
	}
	chunks := httputil.NewChunkedWriter(b)
	// A bytes.Buffer takes all that is written.
	_, _ = chunks.Write(x.copies.body)
	_ = chunks.Close()
	b.Write(x.trailers())
	return b.Bytes()
}

// awaitCopies waits until all copies were answered, the sender has left, or the drain is over. The first answer is heard meanwhile, as far as it can be
// held: the target may serve one connection after the other.
func (x *exchange) awaitCopies() {
	if x.copies == nil {
		return
	}
	if x.resp != nil && x.switched == nil {
		m := message{body: x.resp.Body}
		_, _, _ = m.look(x.s.cfg.Limits.Body + 1) // one that breaks is shown as far as it goes
		x.readOwn(m.body)
	}
	x.copies.running.Wait()
}

// record is what became of the copies that were sent.
func (c *copies) record(x *exchange) (sent []deliveries.Copy) {
	if c == nil {
		return nil
	}
	for i := range c.facts {
		f := &c.facts[i]
		if f.asked.IsZero() {
			continue // its time never came
		}
		sent = append(sent, deliveries.Copy{
			Status: f.status, Delivered: x.delivered(f), Bytes: f.bytes, MS: ms(f.ended.Sub(f.asked)), Error: errorText(f.err), Addr: f.addr,
		})
	}
	return sent
}
