package proxy

import (
	"context"
	"io"
	"net"
	"sync"
	"time"

	"github.com/faultline/faultline/scenario"
)

// senderConn is a sender's connection and all that belongs to it: where it came in, and the connections to targets that it owns. It embeds
// the TCP connection, so that CloseWrite and splice are kept.
type senderConn struct {
	*net.TCPConn
	placement scenario.Placement
	targets   targetConns
	closed    func()
	once      sync.Once
}

// Close closes the connection and the target connections that it owns.
func (c *senderConn) Close() error {
	c.once.Do(func() {
		c.targets.close()
		c.closed()
	})
	return c.TCPConn.Close()
}

// reset closes with a RST.
func (c *senderConn) reset() {
	// An error means that the socket is closed already: there is nobody left to show a RST to.
	_ = c.SetLinger(0)
	_ = c.Close()
}

// finish sends a FIN and waits, bounded, for the sender's: closing with its bytes unread would send a RST.
func (c *senderConn) finish() {
	// As in reset: errors mean that the sender is gone.
	_ = c.CloseWrite()
	_ = c.SetReadDeadline(time.Now().Add(finishWait))
	_, _ = io.Copy(io.Discard, c.TCPConn)
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

// listener wraps what it accepts into senderConns of one placement, and knows them all.
type listener struct {
	*net.TCPListener
	placement scenario.Placement
	conns     *connSet
}

func (l listener) Accept() (net.Conn, error) {
	tcp, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	c := &senderConn{TCPConn: tcp, placement: l.placement}
	c.closed = func() { l.conns.remove(c) }
	if idle := l.conns.add(c); idle != nil {
		_ = idle.Close() // it makes room; an error means that it is closed already
	}
	return c, nil
}
