package proxy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http/httputil"
	"os"
	"time"

	"github.com/faultline/faultline/http1"
)

// beside sends a body while the answer may come. A panic in it ends the request for the target, too.
func (t *trip) beside(send func() error) {
	go func() {
		err := errors.New("send request's body: ended by a panic")
		defer func() {
			if p := recover(); p != nil {
				t.x.s.panicked("body of an attempt", p)
				t.conn.reset()
			}
			t.written <- err
		}()
		err = send()
	}()
}

// stream sends head and body as the body comes in. When the sender fails, the target gets a RST: what it has must not look whole.
func (t *trip) stream(head *bytes.Buffer) error {
	if head.Len() > 0 {
		n, err := t.conn.Write(head.Bytes())
		t.x.facts.wrote = n > 0
		if err != nil {
			return fmt.Errorf("send request's head: %w", err)
		}
	}
	var to io.Writer = t.conn.Conn
	var chunks io.WriteCloser
	if t.x.length < 0 {
		chunks = httputil.NewChunkedWriter(t.conn.Conn)
		to = chunks
	}
	if _, err := io.Copy(to, &t.x.body); err != nil {
		if t.x.body.err != nil {
			t.conn.reset()
			return fmt.Errorf("%w: %w", errSenderFailed, t.x.body.err)
		}
		return fmt.Errorf("send request's body: %w", err)
	}
	if chunks != nil {
		if err := t.endChunks(chunks); err != nil {
			return err
		}
	}
	t.x.facts.whole = true
	t.conn.asked.Store(true)
	t.x.sendCopies()
	return nil
}

// endChunks ends a chunked body, with the trailers that the sender sent (RFC 9112 7.1.2).
func (t *trip) endChunks(chunks io.WriteCloser) error {
	if err := chunks.Close(); err != nil {
		return fmt.Errorf("end request's body: %w", err)
	}
	if _, err := t.conn.Write(t.x.trailers()); err != nil {
		return fmt.Errorf("end request's body: %w", err)
	}
	return nil
}

// trailers are those that the sender sent, with the empty line that ends them.
func (x *exchange) trailers() []byte {
	var tail bytes.Buffer
	http1.WriteFields(&tail, endToEnd(x.in.Trailer), nil)
	tail.WriteString("\r\n")
	return tail.Bytes()
}

// finishedWriting reports whether the request was sent whole by the time its answer ended. One that was not is given up.
func (t *trip) finishedWriting() bool {
	if t.written == nil {
		return true
	}
	if !t.x.body.over.Load() && !t.sentOn() {
		return false // the target has answered without all of it
	}
	// All of it was read: its end is on its way, or has arrived. A target that has answered and takes no more is not waited for.
	if err := t.conn.SetWriteDeadline(time.Now().Add(finishWait)); err != nil {
		return false
	}
	err := <-t.written
	t.written <- err
	return err == nil && t.conn.SetWriteDeadline(time.Time{}) == nil
}

// earlyPause is how long nothing may pass of a body whose target has answered before it is given up.
const earlyPause = 300 * time.Millisecond

// sentOn lets a sender that was answered early send the rest, which the target may still want. Most senders look for an answer only then; one that stops
// to read must not wait for long.
func (t *trip) sentOn() bool {
	if t.x.expects() {
		return false // it was not asked to
	}
	tick := time.NewTicker(earlyPause)
	defer tick.Stop()
	for passed := int64(-1); ; {
		select {
		case err := <-t.written:
			t.written <- err
			return err == nil
		case <-tick.C:
			now := t.x.body.passed.Load()
			if now == passed {
				return false
			}
			passed = now
		}
	}
}

// awaitWriter waits for the goroutine that sends the body. It may be reading from the sender, who has no reason to send on: its read is ended, and
// what the sender still sends is given a moment, so that it can read the answer (a close with bytes unread is a RST).
func (t *trip) awaitWriter() error {
	if t.written == nil {
		return nil
	}
	if t.x.body.over.Load() || t.x.in.ContentLength == 0 {
		return <-t.written // it reads nothing of the sender's, and the target's connection is closed
	}
	select {
	case err := <-t.written:
		return err
	default:
	}
	// Errors mean that the sender's connection is closed, which ends the read as well.
	_ = t.x.conn.SetReadDeadline(time.Unix(1, 0))
	err := <-t.written
	_ = t.x.conn.SetReadDeadline(time.Now().Add(finishWait))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.x.body.err = nil // it was we who ended its read
		return nil
	}
	return err
}
