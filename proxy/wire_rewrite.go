package proxy

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/faultline/faultline/faults"
)

// rewriteRequest: the target gets another request than the sender sent; the log, and the delivery key, are the sender's.
func (x *exchange) rewriteRequest(step faults.Rewrite) (over bool) {
	if x.outgoing == nil {
		x.outgoing = endToEnd(x.r.Header)
	}
	replaced, whole := false, false
	var changed []byte
	if step.ChangesBody() {
		body, all, err := x.body.whole()
		if err != nil {
			x.gone(err)
			return true
		}
		var another bool
		var problems []error
		changed, another, problems = step.ApplyBody(x.payload(x.outgoing), body, all)
		x.leaveRewriteAlone(problems)
		whole = all || another
		if replaced = another; replaced || !bytes.Equal(changed, body) {
			if err := x.body.replace(changed); err != nil {
				x.gone(err)
				return true
			}
			if x.length >= 0 { // a chunked one stays chunked
				x.length = int64(len(changed))
			}
		}
	}
	step.ApplyHeader(x.outgoing, replaced)
	if whole {
		if err := step.ApplySignature(x.outgoing, changed); err != nil {
			x.leaveRewriteAlone([]error{err})
		}
	}
	return false
}

// rewriteAnswer: the sender sees another answer than was given. It is read as a whole where its body is to be changed.
func (x *exchange) rewriteAnswer(step faults.Rewrite, m *message) {
	replaced := false
	switch {
	case !step.ChangesBody():
	case m.bare:
		x.leaveAlone("rewrite", "the answer has no body")
	default:
		replaced = x.rewriteBody(step, m)
	}
	step.ApplyHeader(m.header, replaced)
}

func (x *exchange) rewriteBody(step faults.Rewrite, m *message) (replaced bool) {
	limit := x.s.cfg.Limits.Body
	part, whole, err := m.look(limit + 1)
	if err != nil {
		x.leaveAlone("rewrite", "the answer broke off")
		return false
	}
	changed, replaced, problems := step.ApplyBody(x.payload(m.header), part, whole)
	x.leaveRewriteAlone(problems)
	if !replaced && bytes.Equal(changed, part) {
		return false
	}
	// The target is heard to its end. Where it breaks after this, the answer breaks at its own end.
	_, _ = io.Copy(io.Discard, m.body)
	m.body = bytes.NewReader(changed)
	if m.size >= 0 {
		m.size = int64(len(changed))
	}
	if _, given := m.header["Content-Length"]; given {
		m.header["Content-Length"] = []string{strconv.Itoa(len(changed))}
	}
	return replaced
}

func (x *exchange) leaveRewriteAlone(problems []error) {
	for _, err := range problems {
		x.leaveAlone("rewrite", err.Error())
	}
}

// payload is what a template may see of the attempt.
func (x *exchange) payload(header http.Header) faults.Payload {
	x.mu.Lock() // a body that is still on its way may number the attempt
	defer x.mu.Unlock()
	shown := make(faults.Header, len(header))
	for name, values := range header {
		shown[name] = slices.Clone(values)
	}
	return faults.Payload{Method: x.r.Method, URL: x.to.url(), Attempt: x.arrival.Attempt, Key: x.key.Value, Header: shown}
}
