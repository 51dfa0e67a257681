package proxy

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
)

// errCut is why nothing passes any more.
var errCut = errors.New("cut by a rule")

// settle is how long what was sent gets to arrive before a RST, which would overtake it.
const settle = 20 * time.Millisecond

// cut: bytes both ways until the step says, then RST or FIN to both sides, or silence and then RST. Of an opened connection it is the stream to the sender
// that is cut (severing).
func (t *tunnel) cut(step faults.Cut) {
	t.broken = &step
	if t.opened {
		t.intercept()
		return
	}
	t.relay()
}

// tunnelCut watches a tunnel for the moment at which it is to be cut, and interrupts its flows then; without a step it never does.
type tunnelCut struct {
	tunnel *tunnel
	step   *faults.Cut
	fell   atomic.Bool // its moment came; the flows may be interrupted without that, by the end of a drain
}

// begin starts the clock of a cut by time.
func (c *tunnelCut) begin() (stop func()) {
	if c.step == nil || c.step.Time == 0 {
		return func() {}
	}
	fell := make(chan struct{})
	timer := time.AfterFunc(c.step.Time, func() {
		defer close(fell)
		c.fall()
	})
	return func() {
		if !timer.Stop() {
			<-fell
		}
	}
}

// fall ends both flows, unless faults are off.
func (c *tunnelCut) fall() (fell bool) {
	if off, _ := c.tunnel.s.faults.lifted(); off {
		return false
	}
	c.fell.Store(true)
	for _, conn := range [...]*net.TCPConn{c.tunnel.conn.tcp, c.tunnel.target} {
		_ = conn.SetDeadline(time.Unix(1, 0)) // an error means that it is closed already
	}
	return true
}

// source is what comes from the target, as far as it may pass.
func (c *tunnelCut) source(target io.Reader) io.Reader {
	if c.step == nil || c.step.Time > 0 {
		return target
	}
	return &limited{from: target, left: c.step.Bytes, reached: c.fall}
}

// limited reads so many bytes; then it asks whether that is all.
type limited struct {
	from    io.Reader
	left    int64 // -1: no limit any more
	reached func() bool
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left == 0 && !l.reached() {
		l.left = -1
	}
	switch {
	case l.left == 0:
		return 0, errCut
	case l.left > 0:
		p = p[:min(int64(len(p)), l.left)]
	}
	n, err := l.from.Read(p)
	if l.left > 0 {
		l.left -= int64(n)
	}
	return n, err
}

// interrupted reports whether a flow ended because the tunnel is to be cut.
func interrupted(err error) bool {
	return errors.Is(err, errCut) || errors.Is(err, os.ErrDeadlineExceeded)
}

// carryOut cuts the tunnel, and has it recorded before anybody can see that. down is how much had come from the target.
func (c *tunnelCut) carryOut(down int64) deliveries.End {
	t := c.tunnel
	for _, conn := range [...]*net.TCPConn{t.conn.tcp, t.target} {
		_ = conn.SetDeadline(time.Time{}) // an error means that it is closed already
	}
	switch c.step.As {
	case faults.Shut:
		end := deliveries.Fin
		if down > 0 {
			end = deliveries.Cut
		}
		t.record(end, nil)
		_ = t.target.CloseWrite() // an error means that it has gone
		t.conn.finish()
		return end
	case faults.Stalled:
		t.s.held.Add(1)
		left := t.s.silence(t.conn.tcp, t.s.cfg.Limits.Hold)
		t.s.held.Add(-1)
		if left {
			t.record(deliveries.Silence, nil)
			return deliveries.Silence
		}
	case faults.Severed:
		t.s.pause(settle, nil)
	default:
		panic("proxy: a tunnel cut as " + string(c.step.As))
	}
	t.record(deliveries.Reset, nil)
	t.conn.reset()
	_ = t.target.SetLinger(0) // an error means that it is closed already
	return deliveries.Reset
}
