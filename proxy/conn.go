package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/faultline/faultline/http1"
	"github.com/faultline/faultline/scenario"
)

// entrance is where a connection came in, and what a request in origin form on it is addressed to.
type entrance struct {
	placement scenario.Placement
	scheme    string        // "" where the request itself names its target (forward)
	authority string        // host, and port unless it is the scheme's own
	base      string        // a path before the request's own, without a slash at its end (gateway)
	sni       string        // the server name that the sender asked for in its handshake (intercept); "": none
	exchanges []tls.CurveID // of keys, that it offered there; nil: it did not say
	receiver  *Receiver     // what answers in this process; nil: a target elsewhere
}

// senderConn is a sender's connection and all that belongs to it: where it came in, and the connections to targets that it owns.
type senderConn struct {
	net.Conn              // what is read and written: TCP, or TLS over it
	tcp      *net.TCPConn // beneath
	came     entrance
	since    time.Time // that it is there
	door     *Door     // by which it came in
	// tunnelled: it was to be a tunnel until a rule had it opened.
	tunnelled bool
	// cut is how a rule cuts it; nil: it does not.
	cut      *severing
	ended    atomic.Bool                // the sender has closed it, or it broke
	farewell atomic.Bool                // the sender will send no more than what is there
	whole    atomic.Bool                // the request under way was read to its end
	gone     atomic.Bool                // the sender has left while it was served
	hijacked atomic.Bool                // the server serves it no more
	heard    atomic.Bool                // a request has begun on it
	bounded  atomic.Bool                // reads have a deadline
	glance   atomic.Bool                // a read that finds nothing in time has read nothing
	slow     atomic.Pointer[slowWriter] // what is written goes out at a pace; nil: at once
	targets  targetConns
	asks     atomic.Pointer[targetConn] // that an attempt waits for; nil: none
	idle     idlePlace                  // guarded by the set of connections
	closed   func()
	once     sync.Once

	br     *bufio.Reader      // nil: it was given up
	remote string             // the sender's address
	head   http1.Head         // of the request under way
	blank  *http.Request      // what is the same in all of its requests
	cancel context.CancelFunc // their context ends: the sender has left, or they are over
	atEnd  func()             // requestRead
	ticket ticket             // guarded by the farewells
}

// Read reads what the sender sends.
func (c *senderConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	switch late := errors.Is(err, os.ErrDeadlineExceeded); {
	case late && c.glance.Load():
		return n, nil
	case err != nil && !late:
		c.ended.Store(true)
		c.leave()
	}
	return n, err
}

// SetReadDeadline bounds reads; the zero time lifts it.
func (c *senderConn) SetReadDeadline(t time.Time) error {
	c.bounded.Store(!t.IsZero())
	return c.Conn.SetReadDeadline(t)
}

// saidFarewell is told that the sender will send no more: it has left once what it has sent of a request is read.
func (c *senderConn) saidFarewell() {
	c.farewell.Store(true)
	if c.whole.Load() {
		c.leave()
	}
}

// requestRead is told that the request under way was read to its end.
func (c *senderConn) requestRead() {
	c.whole.Store(true)
	if c.farewell.Load() {
		c.leave()
	}
}

// leave gives up what is asked of a target for a sender that has left. One whose connection was seized is answered by another way than the server's: what
// becomes of it is not the target's affair.
func (c *senderConn) leave() {
	if !c.hijacked.Load() {
		c.gone.Store(true)
		c.abandon()
		c.cancel()
	}
}

// abandon gives up what is asked of a target.
func (c *senderConn) abandon() {
	if asked := c.asks.Swap(nil); asked != nil {
		asked.giveUp()
	}
}

// Write writes what the server sends.
func (c *senderConn) Write(p []byte) (int, error) {
	if slow := c.slow.Load(); slow != nil {
		return slow.Write(p)
	}
	return c.Conn.Write(p)
}

// Close closes the connection and the target connections that it owns.
func (c *senderConn) Close() error {
	c.once.Do(func() {
		c.targets.close()
		c.closed()
	})
	return c.Conn.Close()
}

// CloseWrite sends a FIN, over TLS after a close_notify.
func (c *senderConn) CloseWrite() error {
	if secured, ok := c.Conn.(*tls.Conn); ok {
		if err := secured.CloseWrite(); err != nil {
			return err
		}
	}
	return c.tcp.CloseWrite()
}

// reset closes with a RST, over TLS without a word more.
func (c *senderConn) reset() {
	// An error means that the socket is closed already: there is nobody left to show a RST to.
	_ = c.tcp.SetLinger(0)
	_ = c.tcp.Close()
	_ = c.Close()
}

// finish sends a FIN and waits, bounded, for the sender's: closing with its bytes unread would send a RST.
func (c *senderConn) finish() {
	// As in reset: errors mean that the sender is gone.
	_ = c.CloseWrite()
	_ = c.tcp.SetReadDeadline(time.Now().Add(finishWait))
	_, _ = io.Copy(io.Discard, c.tcp)
	_ = c.Close()
}

// finishWait bounds how long a finished connection waits for the sender's own FIN.
const finishWait = 2 * time.Second

// newSenderConn is a connection that came in by a door, nil for none, and is to be served by s.
func (s *Server) newSenderConn(conn net.Conn, tcp *net.TCPConn, came entrance, door *Door) *senderConn {
	c := &senderConn{Conn: conn, tcp: tcp, came: came, since: time.Now(), door: door, remote: tcp.RemoteAddr().String()}
	c.br = s.readers.lend(c)
	ctx, cancel := context.WithCancel(s.base)
	c.blank, c.cancel = new(http.Request).WithContext(ctx), cancel
	c.atEnd = c.requestRead
	c.closed = func() {
		s.conns.remove(c)
		s.farewells.forget(c)
	}
	return c
}
