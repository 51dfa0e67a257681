package proxy

import (
	"net/http"
	"strconv"
	"time"
)

// answerWriter is the way of an answer to the sender. It keeps back the last byte of a body whose length is known, so that the attempt can be recorded
// before the sender has it all; an answer of unknown length ends when the handler returns, which is after the record.
type answerWriter struct {
	*reply
	via  string // what a relayed answer's Via gets; empty for answers of our own
	head bool   // the answer to a HEAD has no body, whatever its fields say
	// headFirst sends the head without waiting for a body.
	headFirst bool
	// slow is how the connection writes; nil: at once.
	slow *slowWriter

	status int
	header http.Header // as sent, for the record
	length int64       // of the body; -1: not known
	sent   int64       // body bytes handed on or kept back
	last   [1]byte     // the byte that is kept back
	kept   bool        // there is one
	above  int64       // bytes that went out at a pace before the body, as far as it is known
	begun  time.Time
	failed error // a write failed: the sender is gone
}

// WriteHeader writes the head. A target that sends no Date is not given one.
func (w *answerWriter) WriteHeader(status int) {
	h := w.Header()
	if _, given := h["Date"]; !given && w.via != "" {
		h["Date"] = nil // the target's own affair
	}
	if w.via != "" {
		h["Via"] = append(h["Via"], w.via)
	}
	w.status, w.begun = status, time.Now()
	switch {
	case status == http.StatusNoContent: // RFC 9110 8.6: no Content-Length here
		h.Del("Content-Length")
		w.length = 0
	case status == http.StatusNotModified && w.via == "": // it would be what a 200 has (RFC 9110 8.6)
		h.Del("Content-Length")
		w.length = 0
	case w.head, status == http.StatusNotModified:
		w.length = 0
	default:
		w.length = bodyLength(h)
	}
	w.header = h
	if w.length < 0 { // a trailer comes to h
		w.header = h.Clone()
	}
	w.reply.WriteHeader(status)
	if (w.headFirst || w.slow != nil) && w.length != 0 {
		w.Flush()
	}
	if w.slow != nil {
		w.above = w.slow.sent
	}
}

func bodyLength(h http.Header) int64 {
	n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// Write hands on a part of the body, all but its last byte, at once.
func (w *answerWriter) Write(p []byte) (int, error) {
	if w.failed != nil {
		return 0, w.failed
	}
	w.sent += int64(len(p))
	whole := w.length >= 0 && w.sent >= w.length
	now := p
	if whole && len(p) > 0 {
		now = p[:len(p)-1]
		w.last[0], w.kept = p[len(p)-1], true
	}
	if len(now) > 0 {
		if _, err := w.reply.Write(now); err != nil {
			w.failed = err
			return 0, err
		}
	}
	if !whole {
		w.Flush()
	}
	return len(p), w.failed
}

// Flush sends what is buffered. A failure is kept for the exchange.
func (w *answerWriter) Flush() {
	if err := w.reply.FlushError(); err != nil && w.failed == nil {
		w.failed = err
	}
}

// release sends the byte that was kept back, and all that is buffered.
func (w *answerWriter) release() error {
	if w.kept {
		if _, err := w.reply.Write(w.last[:]); err != nil {
			return err
		}
	}
	if w.length >= 0 {
		w.Flush()
	}
	if w.slow != nil && w.failed == nil {
		w.failed = w.slow.release()
	}
	return w.failed
}

// sendSlowly sends, at the connection's pace, all but the last byte of an answer whose length is known: of one without a body, of its head. What is left
// then follows at once.
func (w *answerWriter) sendSlowly() error {
	if w.slow == nil {
		return nil
	}
	if w.length >= 0 {
		w.slow.keep = w.length == 0
		w.Flush()
		if w.failed == nil {
			w.failed = w.slow.prepay()
		}
	}
	return w.failed
}

// countSent corrects, for an answer that was given up, what of it has gone out: at a pace, what was handed on need not have.
func (w *answerWriter) countSent() {
	if w.slow == nil {
		return
	}
	w.sent = min(w.sent, max(0, w.slow.sent-w.above))
	if w.slow.sent == 0 {
		w.status = 0
	}
}

// short reports how many bytes of a body of known length were never handed on.
func (w *answerWriter) short() int64 {
	if w.length < 0 {
		return 0
	}
	return w.length - w.sent
}
