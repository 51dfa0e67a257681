package proxy

import (
	"fmt"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// farewells tell of senders that will send nothing more: by a FIN, or by a RST. Nobody reads from a sender while the target is asked, or an attempt is held; the
// kernel says it without (EPOLLRDHUP, epoll_ctl(2)). The zero value tells of nobody, until begin.
type farewells struct {
	file *os.File // an epoll instance, which the runtime waits for like for any other file
	fd   int
	over chan struct{}

	mu   sync.Mutex
	turn int32
	of   map[ticket]*senderConn
}

// ticket is what the kernel gives back of a connection: its descriptor, which another may have by then, and when it was given.
type ticket struct{ fd, turn int32 }

func (f *farewells) begin() error {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return fmt.Errorf("watch for senders that leave: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // else the runtime would not wait for it
		_ = unix.Close(fd) // nothing was written
		return fmt.Errorf("watch for senders that leave: %w", err)
	}
	file := os.NewFile(uintptr(fd), "epoll")
	raw, err := file.SyscallConn()
	if err != nil {
		_ = file.Close() // as above
		return fmt.Errorf("watch for senders that leave: %w", err)
	}
	f.file, f.fd, f.over, f.of = file, fd, make(chan struct{}), make(map[ticket]*senderConn)
	go f.listen(raw)
	return nil
}

// add begins to watch a connection. One that stands in for another on the same socket takes its place.
func (f *farewells) add(c *senderConn) error {
	raw, err := c.tcp.SyscallConn()
	if err != nil {
		return err
	}
	if controlErr := raw.Control(func(fd uintptr) { err = f.register(int(fd), c) }); controlErr != nil {
		return controlErr
	}
	return err
}

func (f *farewells) register(fd int, c *senderConn) error {
	f.mu.Lock()
	f.turn++
	c.ticket = ticket{int32(fd), f.turn}
	f.of[c.ticket] = c
	f.mu.Unlock()
	event := unix.EpollEvent{Events: unix.EPOLLRDHUP | unix.EPOLLET, Fd: c.ticket.fd, Pad: c.ticket.turn}
	err := unix.EpollCtl(f.fd, unix.EPOLL_CTL_ADD, fd, &event)
	if err == unix.EEXIST {
		err = unix.EpollCtl(f.fd, unix.EPOLL_CTL_MOD, fd, &event)
	}
	return err
}

// forget ends that. The kernel has forgotten a socket that is closed.
func (f *farewells) forget(c *senderConn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.of, c.ticket)
}

// listen tells who has left, until close.
func (f *farewells) listen(raw syscall.RawConn) {
	defer close(f.over)
	events := make([]unix.EpollEvent, 64)
	for {
		n := 0
		if err := raw.Read(func(fd uintptr) bool {
			n, _ = unix.EpollWait(int(fd), events, 0) // of a descriptor that is one, without waiting: never fails
			return n > 0
		}); err != nil {
			return
		}
		for _, event := range events[:n] {
			f.mu.Lock()
			c := f.of[ticket{event.Fd, event.Pad}]
			f.mu.Unlock()
			if c != nil {
				c.saidFarewell()
			}
		}
	}
}

func (f *farewells) close() {
	if f.file == nil {
		return
	}
	_ = f.file.Close() // nothing was written
	<-f.over
}
