package proxy

import (
	"errors"
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// backlog is how many connections may wait to be accepted; the kernel takes less where net.core.somaxconn says so.
const backlog = 4096

// socket is what a listener is to the kernel.
type socket struct {
	listener *net.TCPListener
	at       unix.Sockaddr // where it is bound; nil until it has refused
}

func newSocket(l *net.TCPListener) *socket { return &socket{listener: l} }

// refuse stops listening: shutdown. The kernel then answers each SYN, and resets what was not accepted yet. The port stays ours.
func (s *socket) refuse() error {
	return s.control("stop listening", func(fd int) (err error) {
		if s.at, err = unix.Getsockname(fd); err != nil {
			return err
		}
		if err := unix.Shutdown(fd, unix.SHUT_RD); err != nil {
			return err
		}
		return s.bind(fd)
	})
}

// listen listens again.
func (s *socket) listen() error {
	return s.control("listen again", func(fd int) error {
		if err := s.bind(fd); err != nil {
			return err
		}
		return unix.Listen(fd, backlog)
	})
}

// silence has the kernel drop whatever comes to the listener, by a filter that lets nothing through: no SYN is answered. What was accepted has none.
func (s *socket) silence() error {
	return s.control("drop what comes to the listener", func(fd int) error {
		nothing := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: 0} // bytes of the packet to keep
		return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &nothing})
	})
}

// hear takes the filter away. A SYN that its sender sends again is answered now.
func (s *socket) hear() error {
	return s.control("hear what comes to the listener", func(fd int) error {
		return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0)
	})
}

// bind takes the port, which a listener to which the kernel gave it loses when it stops listening.
func (s *socket) bind(fd int) error {
	if err := unix.Bind(fd, s.at); err != nil && !errors.Is(err, unix.EINVAL) { // which it is while it is bound
		return err
	}
	return nil
}

func (s *socket) control(what string, do func(fd int) error) error {
	raw, err := s.listener.SyscallConn()
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	var done error
	if err := raw.Control(func(fd uintptr) { done = do(int(fd)) }); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if done != nil {
		return fmt.Errorf("%s: %w", what, done)
	}
	return nil
}
