package proxy

import (
	"io"
	"net"
	"sync"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// severing is the way to the sender of an opened connection that a rule cuts. From the cut on reads and writes fail; the server, which meets that, records
// what was under way and closes the connection, and that close is what the sender sees: a RST or a FIN.
type severing struct {
	net.Conn // to the sender, what came early included
	tcp      *net.TCPConn
	s        *Server
	step     faults.Cut
	record   func(deliveries.End, error) // says in the log how the CONNECT ended
	fired    []scenario.Firing           // at the CONNECT
	timer    *time.Timer
	closing  sync.Once
	over     chan struct{} // closed when reads and writes are to fail

	mu      sync.Mutex
	left    int64 // bytes that may still go; -1: no limit
	began   bool  // bytes have gone
	ended   bool  // it is cut, or was closed before
	cut     bool
	closed  bool
	endedAs deliveries.End
	tell    func() // that it is cut; nil: nobody
}

// sever has a connection cut, counting from now.
func (t *tunnel) sever(conn net.Conn, step faults.Cut) *severing {
	v := &severing{
		Conn: conn, tcp: t.conn.tcp, s: t.s, step: step, record: t.record, fired: t.decision.Fired, left: step.Bytes, over: make(chan struct{}),
	}
	if step.Time > 0 {
		v.left = -1
		v.timer = time.AfterFunc(step.Time, func() { v.fall() })
	}
	return v
}

// Read reads what the sender sends, until the cut.
func (v *severing) Read(p []byte) (int, error) {
	if v.isCut() {
		return 0, v.fail()
	}
	n, err := v.Conn.Read(p)
	if v.isCut() {
		return 0, v.fail()
	}
	return n, err
}

// Write sends as much as may go before the cut.
func (v *severing) Write(p []byte) (int, error) {
	n := v.allowed(len(p))
	if v.isCut() {
		return 0, v.fail()
	}
	written, err := v.Conn.Write(p[:n])
	switch {
	case written == len(p):
		return written, nil
	case v.isCut():
		return written, v.fail()
	case err != nil:
		return written, err
	case v.fall():
		return written, v.fail()
	}
	rest, err := v.Conn.Write(p[n:]) // faults are off
	return written + rest, err
}

func (v *severing) isCut() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.cut
}

// fail waits until the cut is recorded.
func (v *severing) fail() error {
	<-v.over
	return errCut
}

// allowed is how many of n bytes may go, which are then taken for gone.
func (v *severing) allowed(n int) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.began = true
	if v.left >= 0 {
		n = int(min(int64(n), v.left))
		v.left -= int64(n)
	}
	return n
}

// fall is the moment of the cut, unless faults are off, or the connection has ended.
func (v *severing) fall() (fell bool) {
	off, _ := v.s.faults.lifted()
	v.mu.Lock()
	if off {
		v.left = -1
	}
	if off || v.ended {
		defer v.mu.Unlock()
		return v.cut
	}
	v.ended, v.cut = true, true
	began := v.began
	v.mu.Unlock()
	end := v.hold(began)
	v.record(end, nil)
	v.mu.Lock()
	v.endedAs = end
	_ = v.Conn.SetDeadline(time.Unix(1, 0)) // an error means that it is closed already
	close(v.over)
	tell := v.tell
	v.mu.Unlock()
	if tell != nil {
		tell()
	}
	return true
}

// onCut has it told that the connection is cut: nobody may be reading from it.
func (v *severing) onCut(tell func()) {
	v.mu.Lock()
	v.tell = tell
	already := v.endedAs != ""
	v.mu.Unlock()
	if already {
		tell()
	}
}

// hold says how the cut ends, after the silence of one that stalls, or the moment that what was sent needs to arrive before a RST.
func (v *severing) hold(began bool) deliveries.End {
	switch v.step.As {
	case faults.Shut:
		if began {
			return deliveries.Cut
		}
		return deliveries.Fin
	case faults.Stalled:
		v.s.held.Add(1)
		defer v.s.held.Add(-1)
		if v.s.silence(v.tcp, v.s.cfg.Limits.Hold) && !v.isClosed() {
			return deliveries.Silence
		}
	case faults.Severed:
		v.s.pause(settle, nil)
	default:
		panic("proxy: a connection cut as " + string(v.step.As))
	}
	return deliveries.Reset
}

func (v *severing) isClosed() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.closed
}

// giveUp has the connection end otherwise, and reports whether it is cut already.
func (v *severing) giveUp() (cut bool) {
	if v.timer != nil {
		v.timer.Stop()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ended = true
	return v.cut
}

// Close ends the connection as its cut says. One that was closed before its cut is recorded as well: its rule has fired.
func (v *severing) Close() error {
	v.closing.Do(v.carryOut)
	return v.Conn.Close()
}

func (v *severing) carryOut() {
	if v.timer != nil {
		v.timer.Stop()
	}
	v.mu.Lock()
	whole := !v.ended
	v.ended, v.closed = true, true
	if !whole {
		_ = v.Conn.SetReadDeadline(time.Unix(1, 0)) // ends a silence; an error means that it is closed already
	}
	v.mu.Unlock()
	if whole {
		v.record(deliveries.Complete, nil)
		return
	}
	<-v.over
	// Errors mean that the sender is gone.
	if v.step.As != faults.Shut {
		_ = v.tcp.SetLinger(0)
		return
	}
	_ = v.tcp.CloseWrite()
	_ = v.tcp.SetReadDeadline(time.Now().Add(finishWait))
	_, _ = io.Copy(io.Discard, v.tcp)
}

// The server's own deadlines count until the cut.

func (v *severing) SetDeadline(t time.Time) error      { return v.bound(v.Conn.SetDeadline, t) }
func (v *severing) SetReadDeadline(t time.Time) error  { return v.bound(v.Conn.SetReadDeadline, t) }
func (v *severing) SetWriteDeadline(t time.Time) error { return v.bound(v.Conn.SetWriteDeadline, t) }

func (v *severing) bound(set func(time.Time) error, t time.Time) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ended {
		return nil
	}
	return set(t)
}

// blame is the ending of an attempt whose connection was cut under it: what looked like its sender's doing is the rule's. nil blames nobody.
func (v *severing) blame(e ending) (_ ending, cut bool) {
	if v == nil || e.by != deliveries.BySender {
		return e, false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.endedAs == "" {
		return e, false
	}
	e.end, e.err = v.endedAs, errCut
	if v.endedAs != deliveries.Silence {
		e.by = deliveries.ByProxy
	}
	return e, true
}
