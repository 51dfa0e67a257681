package proxy

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/faultline/faultline/http1"
)

// reply is what goes back to a sender for one request: a ResponseWriter that writes what it is given, and invents no field but those of the framing and of the
// connection, and a Date. It is used by one goroutine at a time, but for what reading the request's body does.
type reply struct {
	s      *Server
	conn   *senderConn
	r      *http.Request
	body   http1.Body
	waits  atomic.Bool   // the sender waits for a 100 before it sends its body
	header http.Header   // nil: none yet
	phrase *string       // in place of the status's own; nil: that
	out    *bytes.Buffer // not written yet; nil: nothing
	status int           // 0: the head is not given yet
	length int64         // of the body, as the head has it; -1: it does not say
	given  int64         // bytes of the body
	bare   bool          // no body follows the head, whatever it says
	chunks bool
	closes bool     // the connection ends with it
	names  []string // of the trailer, as the head has them
	err    error    // a write failed
}

// mostKept is how much is kept back before it is written.
const mostKept = 4 << 10

// newReply begins the answer to r, and gives it its body.
func newReply(s *Server, c *senderConn, r *http.Request) *reply {
	w := &reply{s: s, conn: c, r: r, length: -1, closes: r.Close}
	w.body.Begin(r, c.br, c.atEnd)
	r.Body = &w.body
	if c.head.Waits {
		w.waits.Store(true)
		r.Body = askedBody{&w.body, w}
	}
	return w
}

// askedBody is a body that is asked for by the first read.
type askedBody struct {
	*http1.Body
	w *reply
}

func (b askedBody) Read(p []byte) (int, error) {
	if b.w.waits.CompareAndSwap(true, false) {
		if _, err := io.WriteString(b.w.conn, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
			return 0, err
		}
	}
	return b.Body.Read(p)
}

// Header are the fields of the head that is to come, and of the trailer.
func (w *reply) Header() http.Header {
	if w.header == nil {
		w.header = make(http.Header)
	}
	return w.header
}

// say has the head that is to come say something else behind its status (RFC 9112 4).
func (w *reply) say(phrase string) { w.phrase = &phrase }

// unasked has the body read without asking for it.
func (w *reply) unasked() { w.waits.Store(false) }

// WriteHeader gives the head. An interim one goes out at once, and leaves the fields as they are.
func (w *reply) WriteHeader(status int) {
	if w.status != 0 || w.conn.hijacked.Load() {
		return
	}
	if status == http.StatusContinue || status >= 200 {
		w.waits.Store(false)
	}
	if status < 200 {
		w.writeInterim(status)
		w.send()
		return
	}
	w.status = status
	w.frame()
	w.writeHead()
}

func (w *reply) buffer() *bytes.Buffer {
	if w.out == nil {
		w.out = w.s.heads.lend()
	}
	return w.out
}

// Write gives a part of the body. What is small may be kept back until the next Flush.
func (w *reply) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	switch {
	case w.conn.hijacked.Load():
		return 0, http.ErrHijacked
	case w.err != nil:
		return 0, w.err
	case len(p) == 0:
		return 0, nil
	case http1.Bodiless(w.status):
		return 0, http.ErrBodyNotAllowed
	}
	if w.given += int64(len(p)); w.length >= 0 && w.given > w.length {
		return 0, http.ErrContentLength
	}
	if w.bare {
		return len(p), nil
	}
	switch {
	case w.chunks:
		http1.WriteChunk(w.buffer(), p)
	case w.out == nil && len(p) > mostKept:
		_, w.err = w.conn.Write(p)
	default:
		w.buffer().Write(p)
	}
	if w.out != nil && w.out.Len() > mostKept {
		w.send()
	}
	return len(p), w.err
}

// FlushError sends what is kept back.
func (w *reply) FlushError() error {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	w.send()
	return w.err
}

// take seizes the connection from the server: what follows is the caller's to write, and to close. What was given of an answer goes out before. The reader has
// what the sender has sent too early.
func (w *reply) take() *bufio.Reader {
	w.send()
	w.conn.hijacked.Store(true)
	if w.conn.bounded.Load() {
		_ = w.conn.SetReadDeadline(time.Time{}) // an error means that it is closed
	}
	return w.conn.br
}

// send writes what is kept back to the connection.
func (w *reply) send() {
	if w.out == nil {
		return
	}
	if w.err == nil && w.out.Len() > 0 {
		_, w.err = w.conn.Write(w.out.Bytes())
	}
	w.s.heads.takeBack(w.out)
	w.out = nil
}

// finish ends the answer, and reports whether the connection can take another request. If not, it is closed so that the sender can read all of this one.
func (w *reply) finish() (again bool) {
	if w.status == 0 {
		if w.r.Method != http.MethodHead { // which is not told how long it would be
			w.Header()["Content-Length"] = []string{"0"}
		}
		w.WriteHeader(http.StatusOK)
	}
	if w.chunks {
		w.endChunks()
	}
	w.send()
	short := !w.bare && w.length >= 0 && w.given != w.length
	if w.err != nil || short {
		return false
	}
	if !w.closes {
		w.readRest()
	}
	if w.body.Ended() && !w.closes {
		return true
	}
	if !w.body.Ended() || w.conn.br.Buffered() > 0 {
		w.conn.finish() // closing with bytes unread would be a RST
	}
	return false
}

// endChunks ends the body, with the fields of the header that are the trailer's: those that the head has announced, and those of net/http's TrailerPrefix.
func (w *reply) endChunks() {
	trailer := make(http.Header)
	for _, name := range w.names {
		if values, given := w.header[name]; given {
			trailer[name] = values
		}
	}
	for name, values := range w.header {
		if name, marked := strings.CutPrefix(name, http.TrailerPrefix); marked {
			trailer[name] = values
		}
	}
	w.buffer().WriteString("0\r\n")
	http1.WriteFields(w.out, trailer, nil)
	w.out.WriteString("\r\n")
}

// mostUnread is how much is read of a request that was answered before its end, so that the connection can be kept.
const mostUnread = 256 << 10

// unreadable reports whether what is unread of the request is more than that, or may be: the connection will not be kept.
func (w *reply) unreadable() bool {
	return !w.body.Ended() && (w.r.ContentLength < 0 || w.r.ContentLength > mostUnread)
}

func (w *reply) readRest() {
	if !w.body.Ended() {
		_, _ = io.CopyN(io.Discard, &w.body, mostUnread) // an error is seen by that it has not ended
	}
}
