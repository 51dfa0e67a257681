//go:build !linux

package proxy

import (
	"errors"
	"net"
)

// errNoDoor is what closes no listener: how a kernel is told to is known for Linux alone.
var errNoDoor = errors.New("a listener can be closed and opened again on Linux only")

// socket is what a listener is to the kernel.
type socket struct{}

func newSocket(*net.TCPListener) *socket { return &socket{} }

func (*socket) refuse() error  { return errNoDoor }
func (*socket) listen() error  { return errNoDoor }
func (*socket) silence() error { return errNoDoor }
func (*socket) hear() error    { return errNoDoor }
