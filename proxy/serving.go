package proxy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/faultline/faultline/http1"
)

// admit takes a connection in, and serves it beside.
func (s *Server) admit(c *senderConn) {
	idle, taken := s.conns.add(c)
	if idle != nil {
		_ = idle.Close() // it makes room; an error means that it is closed already
	}
	if !taken {
		_ = c.Close() // the server has ended
		return
	}
	go s.serveConn(c)
}

// serveConn serves the requests of a sender's connection, one after the other, until it ends or is seized.
func (s *Server) serveConn(c *senderConn) {
	defer s.conns.serving.Done()
	defer c.cancel()
	defer s.surviveConn(c)
	if err := s.farewells.add(c); err != nil {
		s.cfg.Log.Warn("connection closed: it cannot be watched", "error", err)
		_ = c.Close() // nobody would notice that its sender leaves
		return
	}
	for s.serveNext(c) {
	}
	if !c.hijacked.Load() {
		_ = c.Close() // an error means that it is closed already
	}
	if c.br != nil && !c.hijacked.Load() {
		s.readers.takeBack(c.br)
	}
}

// serveNext serves the next request, and reports whether there may be one more.
func (s *Server) serveNext(c *senderConn) bool {
	r, err := s.nextRequest(c)
	if s.closing.Load() {
		return false
	}
	if err != nil {
		s.refuseUnread(c, err)
		return false
	}
	w := newReply(s, c, r)
	if aborted := s.serve(w, r); aborted {
		c.br = nil // what sends the body may be reading from it still: it is nobody else's
		return false
	}
	if c.hijacked.Load() {
		return false
	}
	return w.finish() && s.rest(c)
}

// serve takes one request through to its end, or to its abort. A panic fails the attempt, and resets its connection so that nothing of it looks whole.
func (s *Server) serve(w *reply, r *http.Request) (aborted bool) {
	defer func() {
		p := recover()
		aborted = p != nil
		if aborted && p != http.ErrAbortHandler {
			s.panicked("attempt", p)
			w.conn.reset()
		}
	}()
	s.handle(w, r)
	return false
}

// errNothing is a connection that ends where no request has begun.
var errNothing = errors.New("no request")

// nextRequest waits for a request, and reads its head.
func (s *Server) nextRequest(c *senderConn) (*http.Request, error) {
	if err := c.awaitFirst(); err != nil {
		return nil, errNothing
	}
	c.heard.Store(true)
	c.whole.Store(false)
	s.conns.busy(c)
	text, err := s.readHead(c)
	if err != nil {
		return nil, err
	}
	r := new(http.Request)
	*r = *c.blank
	if c.head, err = http1.Parse(r, text); err != nil {
		return nil, err
	}
	r.RemoteAddr = c.remote
	return r, nil
}

// headSlack is what a head may have beyond its limit, as with net/http's server.
const headSlack = 4 << 10

// awaitFirst waits for the first byte of a request. Empty lines before it are none of it (RFC 9112 2.2).
func (c *senderConn) awaitFirst() error {
	for {
		first, err := c.br.Peek(1)
		if err != nil {
			return err
		}
		if first[0] != '\r' && first[0] != '\n' {
			return nil
		}
		_, _ = c.br.Discard(1) // of what is buffered never fails
	}
}

// readHead reads a head, of which the first byte is there. Only one that has not come in one piece, as nearly all do, is waited for, and not for long.
func (s *Server) readHead(c *senderConn) (string, error) {
	most := s.cfg.Limits.Header + headSlack
	if text, whole := http1.TakeHead(c.br, most); whole {
		return text, nil
	}
	// An error means that it is closed, which the read finds out.
	_ = c.SetReadDeadline(time.Now().Add(s.cfg.Limits.HeadWait))
	text, err := http1.ReadHead(c.br, most, http1.RequestLine)
	_ = c.SetReadDeadline(time.Time{})
	return text, err
}

// refuseUnread answers what is no request, unless its sender has nothing to say, or has not said it.
func (s *Server) refuseUnread(c *senderConn, err error) {
	var why *http1.Malformed
	switch {
	case errors.As(err, &why):
	case errors.Is(err, http1.ErrTooLong):
		why = &http1.Malformed{Status: http.StatusRequestHeaderFieldsTooLarge, Text: fmt.Sprintf("the head is over %d bytes", s.cfg.Limits.Header)}
	case errors.Is(err, io.EOF):
		why = &http1.Malformed{Status: http.StatusBadRequest, Text: "the head has no end"}
	default:
		return
	}
	s.cfg.Refused("malformed")
	s.cfg.Log.Warn("request refused", "reason", "malformed", "status", why.Status, "error", why.Text, "client", c.remote)
	text := fmt.Sprintf("%d %s: %s\n", why.Status, http.StatusText(why.Status), why.Text)
	var answer bytes.Buffer
	http1.WriteStatusLine(&answer, 1, why.Status, http.StatusText(why.Status))
	http1.WriteField(&answer, "Content-Type", "text/plain; charset=utf-8")
	http1.WriteField(&answer, "Content-Length", strconv.Itoa(len(text)))
	http1.WriteField(&answer, "Connection", "close")
	answer.WriteString("\r\n" + text)
	_, _ = c.Write(answer.Bytes()) // the sender may be gone: then there is nobody to tell
	c.finish()
}

// rest puts a connection among the idle ones, and reports whether it may stay there.
func (s *Server) rest(c *senderConn) bool {
	c.slow.Store(nil)     // it was the last attempt's
	c.head = http1.Head{} // which would hold all of the head in memory
	if c.bounded.Load() {
		_ = c.SetReadDeadline(time.Time{}) // an error means that it is closed
	}
	if c.br.Buffered() == 0 { // else the next request is there, and whose connection makes room must not be
		s.conns.rest(c)
	}
	return !s.closing.Load() && !c.door.isClosed()
}
