package proxy

import (
	"io"
	"net"

	"github.com/faultline/faultline/deliveries"
)

// flow is what passed in one direction, and what ended it: nil for a FIN.
type flow struct {
	bytes int64
	err   error
}

// upward passes on what came early, then the rest.
func (t *tunnel) upward() flow {
	early, err := t.early.Peek(t.early.Buffered())
	if err != nil {
		return flow{0, err}
	}
	n, err := t.target.Write(early)
	if err != nil {
		return flow{int64(n), err}
	}
	rest := pass(t.target, t.conn.tcp, t.conn.tcp)
	rest.bytes += int64(n)
	return rest
}

// pass copies one direction, as much of from as source has, and passes its end on: a FIN as a FIN, anything else as a RST to both; but for a cut, which is
// carried out when both directions have ended.
func pass(to *net.TCPConn, source io.Reader, from *net.TCPConn) flow {
	n, err := io.Copy(to, source)
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
