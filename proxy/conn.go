package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

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
	sent     headScan
	line     requestLine // of the request that begins
	mostHead int         // bytes
	inHand   int64       // bytes that have come with the head of the request, behind it
	ended    atomic.Bool // the sender has closed it, or it broke
	gone     atomic.Bool // as ended, while the server read from it
	hijacked atomic.Bool // the server does not any more
	heard    atomic.Bool // a byte has come on it
	begun    atomic.Bool // a byte of the next request has come
	headed   atomic.Bool // all of its head
	bounded  atomic.Bool // reads have a deadline
	served   atomic.Bool // a request of it is being served
	mute     atomic.Bool // what the server writes does not go out
	glance   atomic.Bool // a read that finds nothing in time has read nothing: the server would take its failure for the sender's leaving
	headWait time.Duration
	reason   atomic.Pointer[reason]     // of the next answer; nil: net/http's
	slow     atomic.Pointer[slowWriter] // what is written goes out at a pace; nil: at once
	rejected func(status string)
	targets  targetConns
	asks     atomic.Pointer[targetConn] // that an attempt waits for; nil: none
	idle     idlePlace                  // guarded by the set of connections
	closed   func()
	once     sync.Once
}

// Read reads what the sender sends, and looks at it as it passes.
func (c *senderConn) Read(p []byte) (int, error) {
	for {
		if n := c.line.read(p); n > 0 {
			return n, nil
		}
		n, err := c.Conn.Read(p)
		n = c.arrived(p[:n])
		switch late := errors.Is(err, os.ErrDeadlineExceeded); {
		case late && c.glance.Load():
			return n, nil
		case err != nil && !late:
			c.ended.Store(true)
			c.leave()
		}
		if n > 0 || err != nil && !c.line.letGo() {
			return n, err
		}
	}
}

// arrived takes what has come, and gives how much of it is to be handed on at once.
func (c *senderConn) arrived(p []byte) int {
	first := !c.served.Load() && !c.begun.Load()
	if first {
		blank := len(p) - len(bytes.TrimLeft(p, "\r\n")) // no part of a request line that follows (RFC 9112 2.2)
		p = p[:copy(p, p[blank:])]
		c.begin(len(p) > 0)
	}
	c.sent.pass(p)
	if first && c.begun.Load() {
		c.boundHead(p)
	}
	return c.line.pass(p)
}

// begin begins a request, if anything of it has come.
func (c *senderConn) begin(came bool) {
	if !came {
		return
	}
	c.begun.Store(true)
	c.heard.Store(true)
	c.sent.begin()
	c.line.begin(c.mostHead)
}

// boundHead bounds how long a head may take that has not come in one piece, as nearly all do.
func (c *senderConn) boundHead(first []byte) {
	if !c.sent.request {
		c.headed.Store(true)
		_, body, _ := bytes.Cut(first, []byte("\r\n\r\n"))
		c.inHand = int64(len(body))
		return
	}
	_ = c.SetReadDeadline(time.Now().Add(c.headWait)) // an error means that it is closed, which the next read finds out
}

// SetReadDeadline bounds reads, once the sender has said anything: the server bounds a first request from the moment of the accept, and a connection
// closed for being idle would be a close that no scenario wrote. The server sets a deadline for each head, and takes it back several times, which is not for
// nothing: neither is done where it changes nothing.
func (c *senderConn) SetReadDeadline(t time.Time) error {
	if t.IsZero() {
		if !c.bounded.Swap(false) {
			return nil
		}
		return c.Conn.SetReadDeadline(t)
	}
	if (!c.heard.Load() || c.headed.Load()) && !c.served.Load() && t.After(time.Now()) {
		return nil
	}
	c.bounded.Store(true)
	return c.Conn.SetReadDeadline(t)
}

// leave gives up what is asked of a target for a sender that has left. One whose connection was seized is answered by another way than the server's: what
// becomes of it is not the target's affair.
func (c *senderConn) leave() {
	if !c.hijacked.Load() {
		c.gone.Store(true)
		c.abandon()
	}
}

// abandon gives up what is asked of a target.
func (c *senderConn) abandon() {
	if asked := c.asks.Swap(nil); asked != nil {
		asked.giveUp()
	}
}

// Write writes what the server sends. An answer while no request is served is the server's own: it could not read what came.
func (c *senderConn) Write(p []byte) (int, error) {
	if c.mute.Load() {
		return len(p), nil
	}
	if !c.served.Load() && (bytes.HasPrefix(p, []byte("HTTP/1.1 4")) || bytes.HasPrefix(p, []byte("HTTP/1.1 5"))) {
		c.rejected(string(p[len("HTTP/1.1 "):min(len(p), len("HTTP/1.1 400"))]))
	}
	out := io.Writer(c.Conn)
	if slow := c.slow.Load(); slow != nil {
		out = slow
	}
	if r := c.reason.Load(); r != nil {
		if head, ok := r.in(p); ok {
			c.reason.Store(nil)
			if _, err := out.Write(head); err != nil {
				return 0, err
			}
			return len(p), nil
		}
	}
	return out.Write(p)
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

type connKey struct{}

func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// connOf is the sender's connection that a request came in on.
func connOf(ctx context.Context) *senderConn {
	c, ok := ctx.Value(connKey{}).(*senderConn)
	if !ok {
		panic("proxy: request without a sender connection: the server's ConnContext is not ours")
	}
	return c
}

func newSenderConn(conn net.Conn, tcp *net.TCPConn, came entrance, conns *connSet) *senderConn {
	c := &senderConn{Conn: conn, tcp: tcp, came: came, since: time.Now(), headWait: conns.headWait, mostHead: conns.mostHead}
	c.closed = func() { conns.remove(c) }
	c.rejected = func(status string) { conns.rejected(c, status) }
	return c
}
