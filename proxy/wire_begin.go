package proxy

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/faultline/faultline/faults"
)

// begin: the head of an answer and a part of its body, flushed; nothing that ends it. Of a stand-in, or of the target's own answer.
func (x *exchange) begin(step faults.Begin) (over bool) {
	if step.Own && x.resp != nil {
		x.beginOwn(step)
	} else if !x.readAll() {
		return true
	} else {
		x.beginStandIn(step)
	}
	if x.w.slow != nil && x.w.failed != nil {
		x.lost(x.w.failed)
		return true
	}
	return false
}

func (x *exchange) beginStandIn(step faults.Begin) {
	x.move(stageAnswer)
	h := x.w.Header()
	for name, values := range step.Answer.Header {
		h[name] = values
	}
	x.sign(h)
	body := x.editInjected(step.Answer.Status, h, step.Answer.Body)
	x.show(step, step.Answer.Status, int64(len(body)), bytes.NewReader(body))
}

// beginOwn begins the target's own answer. The target is heard to its end: it is the sender that sees the answer break. What it has not taken of the request
// is read after that: until then it may be on its way.
func (x *exchange) beginOwn(step faults.Begin) {
	x.move(stageAnswer)
	x.editOwn()
	body, size := io.Reader(x.resp.Body), x.resp.ContentLength
	if size < 0 && step.After.Share {
		// A share of a body of unknown length is one of what can be held of it. A body that breaks by itself is in the record.
		held, _ := io.ReadAll(io.LimitReader(body, x.s.cfg.Limits.Body))
		body, size = io.MultiReader(bytes.NewReader(held), body), int64(len(held))
		step.Chunked = true
	}
	h := x.w.Header()
	for name, values := range x.resp.Header {
		h[name] = values
	}
	x.w.via = x.s.via(x.resp.ProtoMajor, x.resp.ProtoMinor)
	x.phrase(x.resp)
	x.show(step, x.resp.StatusCode, size, body)
	x.hearOut(body)
}

// show writes the head and as much of the body as the step says, but never all of a body whose length the sender knows. size is -1 where it is not known. An
// answer without a body cannot be left unfinished: its head would be all of it. Nothing of it is shown.
func (x *exchange) show(step faults.Begin, status int, size int64, body io.Reader) {
	chunked := (step.Chunked || size < 0) && x.r.ProtoAtLeast(1, 1)
	if x.w.head || status == http.StatusNoContent || status == http.StatusNotModified || !chunked && size <= 0 {
		clear(x.w.Header())
		return
	}
	h := x.w.Header()
	h.Del("Content-Length")
	n := int64(step.After.Of)
	if size >= 0 {
		n = step.After.In(size)
	}
	if !chunked {
		h.Set("Content-Length", strconv.FormatInt(size, 10))
		n = min(n, size-1)
	}
	x.w.WriteHeader(status)
	// Failures are kept in the writer: the sender has gone, and the step that follows finds that out.
	_, _ = io.CopyN(&x.w, body, n)
	x.w.Flush()
}

// raw: bytes that are no answer.
func (x *exchange) raw(step faults.Raw) (over bool) {
	if !x.readAll() {
		return true
	}
	x.move(stageAnswer)
	x.w.begun = time.Now()
	x.seize()
	n, err := x.conn.Write(slices.Concat(step.Head, step.Body))
	x.shown = int64(max(0, n-len(step.Head)))
	if n > 0 {
		x.w.status = step.Status
	}
	if err != nil {
		x.lost(err)
		return true
	}
	return false
}

// interims: answers before the answer, as HTTP/1.1 has them.
func (x *exchange) interims(step faults.Interim) {
	if !x.r.ProtoAtLeast(1, 1) {
		return
	}
	x.waited = true // who takes one for the last word leaves by it
	for range step.Count {
		x.w.reply.WriteHeader(step.Status)
	}
}
