package proxy

import (
	"context"
	"errors"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// errLeft is why an attempt ends whose sender went away while nobody was reading from it.
var errLeft = errors.New("sender left before it was answered")

// lookEvery is how often it is looked whether such a sender is still there.
const lookEvery = 500 * time.Millisecond

// vigil looks out for a sender that leaves before its request was read. Its farewell alone is none: all of its body may be there. But with the target slow to take
// it, or to be reached, or the attempt held, nobody reads it. The kernel knows.
type vigil struct {
	cancel context.CancelCauseFunc
	timer  *time.Timer
}

// keep begins the vigil until over, and gives the context that ends when the sender has left, which then is told. end must be called.
func (v *vigil) keep(ctx context.Context, over, left func() bool, tell func()) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	v.cancel = cancel
	started := make(chan struct{})
	v.timer = time.AfterFunc(lookEvery, func() {
		<-started
		switch {
		case over():
		case left():
			cancel(errLeft)
			tell()
		default:
			v.timer.Reset(lookEvery)
		}
	})
	close(started)
	return ctx
}

// end ends it; the zero vigil has none.
func (v *vigil) end() {
	if v.timer == nil {
		return
	}
	v.timer.Stop()
	v.cancel(nil)
}

// left reports whether the kernel has a FIN or a RST of the sender, read or not.
func (c *senderConn) left() bool { return stateOf(c.tcp) != tcpEstablished }

// leftUnsaid reports whether the sender is gone and has left nothing to read: one that has said all that it had to say, and its FIN with it, is there.
func (c *senderConn) leftUnsaid() bool {
	switch stateOf(c.tcp) {
	case tcpEstablished:
		return false
	case tcpClosed:
		return true
	default:
		return !hasUnread(c.tcp)
	}
}

// hasUnread reports whether the kernel has bytes of a connection that nobody has read.
func hasUnread(c *net.TCPConn) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	var b [1]byte
	n := 0
	_ = raw.Control(func(fd uintptr) { // an error means that it is closed
		n, _, _ = unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	})
	return n > 0
}

// The states of a connection in Linux's net/tcp_states.h that are told apart.
const (
	tcpEstablished = 1 // neither side has said that it is done
	tcpClosed      = 7 // by a RST, or by us
)

// stateOf is the kernel's state of a connection; one that cannot be told is taken to stand.
func stateOf(c *net.TCPConn) uint8 {
	raw, err := c.SyscallConn()
	if err != nil {
		return tcpClosed
	}
	state := uint8(tcpEstablished)
	if err := raw.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			state = info.State
		}
	}); err != nil {
		return tcpClosed
	}
	return state
}
