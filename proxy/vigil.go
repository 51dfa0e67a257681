package proxy

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"golang.org/x/sys/unix"
)

// errLeft is why an attempt ends whose sender went away while its body was still unread.
var errLeft = errors.New("sender left before its body was read")

// lookEvery is how often it is looked whether such a sender is still there.
const lookEvery = 500 * time.Millisecond

// vigil looks out for a sender that leaves while its body is unread. The server notices that a sender leaves only by reading, and reads no further than the
// body: with the target slow to take it, or the attempt held, nobody would notice. The kernel knows.
type vigil struct {
	cancel context.CancelCauseFunc
	timer  *time.Timer
}

// keep begins the vigil over a request. end must be called.
func (v *vigil) keep(r *http.Request, conn *senderConn, read func() bool) *http.Request {
	ctx, cancel := context.WithCancelCause(r.Context())
	v.cancel = cancel
	started := make(chan struct{})
	v.timer = time.AfterFunc(lookEvery, func() {
		<-started
		switch {
		case read(): // the server looks out from here on
		case conn.left():
			cancel(errLeft)
		default:
			v.timer.Reset(lookEvery)
		}
	})
	close(started)
	return r.WithContext(ctx)
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
