package harness

import (
	"net"
	"strconv"
	"testing"
)

// FreePort returns a port of the loopback that was free a moment ago: for programs that cannot pick one themselves.
func FreePort(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(port)
}
