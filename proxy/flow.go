package proxy

import (
	"io"
	"net"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
)

// flow is what passed in one direction, and what ended it: nil for a FIN.
type flow struct {
	bytes int64
	err   error
}

// throttle: what passes through the tunnel is slow, either way. A sender that has sent its FIN has not left: only a RST ends a pace.
func (t *tunnel) throttle(step faults.Throttle) {
	broken := func() bool { return stateOf(t.conn.tcp) == tcpClosed }
	t.up, t.down = t.s.slowed(t.up, step.Up, broken), t.s.slowed(t.down, step.Down, broken)
}

// upward passes on what came early, then the rest.
func (t *tunnel) upward() flow {
	return pass(t.target, rest(t.early, t.conn.tcp), t.conn.tcp, t.up)
}

// pass copies one direction, as much of from as source has, at a pace or, without one, as fast as it comes, and passes its end on: a FIN as a FIN, anything
// else as a RST to both; but for a cut, which is carried out when both directions have ended.
func pass(to *net.TCPConn, source io.Reader, from *net.TCPConn, at *pace) flow {
	n, err := io.Copy(at.writer(to), source)
	if interrupted(err) {
		return flow{n, err}
	}
	if err == nil {
		_ = to.CloseWrite() // an error means that the other side has gone: it has nothing more to learn
		return flow{n, nil}
	}
	for _, c := range [...]*net.TCPConn{to, from} {
		// An error means that the socket is closed already.
		_ = c.SetLinger(0)
		_ = c.Close()
	}
	return flow{n, err}
}

// endOfFlows is complete when either side said that it was done: what went wrong after that (a close_notify for a sender that has closed its socket) is
// nobody's loss.
func endOfFlows(up, down flow) deliveries.End {
	if up.err == nil || down.err == nil {
		return deliveries.Complete
	}
	return deliveries.Reset
}

// slowConn is the way to the sender of an opened connection that is slow, whatever passes.
type slowConn struct {
	net.Conn
	up   *pace // nil: as fast as it comes
	down io.Writer
}

func newSlowConn(way net.Conn, up, down *pace) net.Conn {
	if up == nil && down == nil {
		return way
	}
	return slowConn{way, up, down.writer(way)}
}

func (c slowConn) Read(p []byte) (int, error) {
	if c.up == nil {
		return c.Conn.Read(p)
	}
	n, err := c.Conn.Read(p[:c.up.piece(len(p))])
	if n > 0 && err == nil {
		err = c.up.spend(int64(n))
	}
	return n, err
}

func (c slowConn) Write(p []byte) (int, error) { return c.down.Write(p) }
