package wiretest

import (
	"net"
	"syscall"
	"testing"
)

// RefusingPort returns an address at which the kernel refuses connections for as long as the test runs: the port is bound, so
// that nobody else can take it, and nobody listens.
func RefusingPort(t testing.TB) string {
	t.Helper()
	return bind(t, socket(t)).String()
}

// bind gives a socket a port of the loopback that nobody has.
func bind(t testing.TB, fd int) *net.TCPAddr {
	t.Helper()
	must(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	name, err := syscall.Getsockname(fd)
	must(t, err)
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*syscall.SockaddrInet4).Port}
}

// socket is one that is closed with the test.
func socket(t testing.TB) int {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	must(t, err)
	t.Cleanup(func() { must(t, syscall.Close(fd)) })
	return fd
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
