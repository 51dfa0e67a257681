package proxy

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/faultline/faultline/faults"
)

// message is a request or an answer on its way, as the steps that change it see it.
type message struct {
	header http.Header // changed in place
	body   io.Reader
	size   int64 // of the body; -1: not known
	bare   bool  // it can have no body, whatever its fields say
}

// edit puts a step that changes an answer off until there is one.
func (x *exchange) edit(step faults.Step) { x.edits = append(x.edits, step) }

// edited changes an answer as the steps so far have asked for. It reads as much of the body as that takes.
func (x *exchange) edited(status int, m message) message {
	m.bare = x.w.head || status == http.StatusNoContent || status == http.StatusNotModified
	for _, step := range x.edits {
		switch step := step.(type) {
		case faults.Rewrite:
			x.rewriteAnswer(step, &m)
		case faults.Corrupt:
			x.corrupt(step, &m)
		default:
			panic(fmt.Sprintf("proxy: step %T changes no answer", step))
		}
	}
	return m
}

// editOwn makes the target's own answer what the sender is to see of it.
func (x *exchange) editOwn() {
	for name := range withNamed(hopByHop, x.resp.Header) {
		delete(x.resp.Header, name)
	}
	if len(x.edits) > 0 {
		m := x.edited(x.resp.StatusCode, message{header: x.resp.Header, body: x.resp.Body, size: x.resp.ContentLength})
		x.resp.ContentLength = m.size
		x.readOwn(m.body)
	}
	if x.w.slow != nil {
		x.ahead = x.s.readAhead(x.resp.Body)
		x.readOwn(x.ahead)
	}
}

// readOwn has the target's own answer read through another reader.
func (x *exchange) readOwn(through io.Reader) {
	x.resp.Body = &changedBody{through, x.closeOwn}
}

// changedBody is the target's own body on its way through another reader. The engine compares bodies: it must be a pointer.
type changedBody struct {
	io.Reader
	close func()
}

func (b *changedBody) Close() error {
	b.close()
	return nil
}

// closeOwn ends the exchange with the target, and takes down what came of its answer. It may be called more than once.
func (x *exchange) closeOwn() {
	x.ahead.stop(&x.ownBody)
	_ = x.ownBody.Close() // ours: never fails
	x.facts.bytes, x.facts.err = x.ownBody.n, x.ownBody.err
	if x.facts.err != nil && x.timedOut() {
		x.facts.err = errTargetTimeout
	}
}

// editInjected is the body of an answer that the target never gave, as the sender is to see it; its header is changed in place.
func (x *exchange) editInjected(status int, header http.Header, body []byte) []byte {
	if len(x.edits) == 0 {
		return body
	}
	m := x.edited(status, message{header: header, body: bytes.NewReader(body), size: int64(len(body))})
	body, err := io.ReadAll(m.body)
	if err != nil {
		panic("proxy: read an answer from memory: " + err.Error())
	}
	x.keepRemoved(header)
	return body
}

// keepRemoved keeps a field that was left out of an answer, a Date say, from being added again: nil is that wish.
func (x *exchange) keepRemoved(header http.Header) {
	for _, step := range x.edits {
		rewrite, _ := step.(faults.Rewrite) // none removes nothing
		for _, name := range rewrite.RemoveHeader {
			if _, given := header[name]; !given {
				header[name] = nil
			}
		}
	}
}

// leaveAlone notes for the record that a fault did nothing to a message, and why.
func (x *exchange) leaveAlone(kind, why string) { x.leftAlone = append(x.leftAlone, kind+": "+why) }

// look reads up to n bytes of the body, which is then read from its beginning all the same: what is changed in part is changed in it. whole says that this
// is all of it; an error is what the body broke with.
func (m *message) look(n int64) (part []byte, whole bool, err error) {
	part, err = io.ReadAll(io.LimitReader(m.body, n))
	rest := m.body
	if err != nil {
		rest = broken{err}
	}
	m.body = io.MultiReader(bytes.NewReader(part), rest)
	return part, err == nil && int64(len(part)) < n, err
}

// broken is what follows in a body that broke while it was looked at.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// coding is how the body is encoded, "" for a plain one.
func (m *message) coding() string {
	coding := strings.Join(m.header["Content-Encoding"], ", ")
	if strings.EqualFold(coding, "identity") {
		return ""
	}
	return coding
}
