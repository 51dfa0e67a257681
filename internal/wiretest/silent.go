package wiretest

import (
	"errors"
	"syscall"
	"testing"
)

// SilentPort returns an address at which the kernel answers no SYN for as long as the test runs: its queue is full, and nobody accepts.
func SilentPort(t testing.TB) string {
	t.Helper()
	fd := socket(t)
	at := bind(t, fd)
	must(t, syscall.Listen(fd, 0))
	for range 2 { // one that is in the queue, one whose last packet finds it full
		filler := socket(t)
		must(t, syscall.SetNonblock(filler, true))
		err := syscall.Connect(filler, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: at.Port})
		if !errors.Is(err, syscall.EINPROGRESS) {
			must(t, err)
		}
	}
	return at.String()
}
