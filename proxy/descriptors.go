package proxy

import (
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

// ownDescriptors are those that connections do not get: of the log, the listeners, the resolver and the runtime.
const ownDescriptors = 64

// descriptors is how many connections may take.
func descriptors() int {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil || files.Cur > math.MaxInt32 {
		return math.MaxInt32 // as good as any number
	}
	return int(files.Cur) - ownDescriptors
}

// tunnelled is how many descriptors a tunnel takes besides its sender's: to the target, and two pipes to splice through.
const tunnelled = 5

// hasRoom reports whether there are descriptors for another sender and its target, once an idle connection has gone for them.
func (s *Server) hasRoom() bool {
	taken := s.conns.len() + int(s.targets.Load()) + tunnelled*int(s.tunnels.Load())
	return taken+2 <= s.descriptors || s.conns.makeRoom()
}

// uncountTarget takes note that a connection to a target is closed.
func (s *Server) uncountTarget() { s.targets.Add(-1) }

// exhausted reports whether a descriptor could not be had, as there are no more.
func exhausted(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// accept waits for a connection. When there is no descriptor for it and one to its target, idle connections go; when none is idle, who comes is told.
func (d *Door) accept() (*net.TCPConn, error) {
	for {
		d.kept.take()
		tcp, err := d.listener.AcceptTCP()
		switch {
		case err == nil && d.s.hasRoom():
			return tcp, nil
		case err == nil:
			d.turnAway(tcp)
			continue
		case !exhausted(err):
			return nil, err
		case d.s.conns.makeRoom():
			continue
		}
		if tcp, err = d.acceptLast(err); tcp != nil || err != nil {
			return tcp, err
		}
	}
}

// acceptLast accepts a connection with the descriptor that is kept for this. It is served if another has come free meanwhile, else told why not: then the
// connection is nil.
func (d *Door) acceptLast(none error) (*net.TCPConn, error) {
	if !d.kept.letGo() {
		return nil, none
	}
	tcp, err := d.listener.AcceptTCP()
	if d.kept.take() || err != nil {
		return tcp, err
	}
	d.turnAway(tcp)
	return nil, nil
}

// turnAwayWait is how long a sender that is turned away unserved has to take the answer.
const turnAwayWait = 50 * time.Millisecond

// turnAway tells who has come that there is no descriptor to serve it with.
func (d *Door) turnAway(tcp *net.TCPConn) {
	why := refusal{http.StatusServiceUnavailable, "descriptors", "this proxy has no file descriptor left (ulimit -n)"}
	d.s.cfg.Refused(why.reason)
	d.s.cfg.Log.Warn("request refused", "reason", why.reason, "status", why.status, "client", tcp.RemoteAddr().String())
	resp := &http.Response{
		StatusCode: why.status, ProtoMajor: 1, ProtoMinor: 1, Header: make(http.Header), Body: io.NopCloser(strings.NewReader(why.text + "\n")),
		ContentLength: int64(len(why.text) + 1), Close: true,
	}
	if d.s.cfg.Signs != SignNone {
		resp.Header.Set("Proxy-Status", d.s.cfg.Name+"; error="+proxyError(why.status))
		resp.Header.Set("X-Faultline-Reason", why.reason)
	}
	// Errors mean that it is gone. A close with its request unread would be a RST, which may take the answer out of its hands.
	_ = tcp.SetDeadline(time.Now().Add(turnAwayWait))
	_ = resp.Write(d.came.secured(tcp))
	_ = tcp.CloseWrite()
	_, _ = io.Copy(io.Discard, tcp)
	_ = tcp.Close()
}

// keptDescriptor is one that is held to have it when there is no other. The zero value holds none.
type keptDescriptor struct{ file *os.File }

// take takes it again; false: there is none to be had.
func (k *keptDescriptor) take() bool {
	if k.file == nil {
		k.file, _ = os.Open(os.DevNull)
	}
	return k.file != nil
}

// letGo gives it up; false: it was not held.
func (k *keptDescriptor) letGo() bool {
	if k.file == nil {
		return false
	}
	_ = k.file.Close() // nothing was written to it
	k.file = nil
	return true
}
