package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// Door is a listener of a Server: the proxy's own, or a gateway's. From its making on it is as open as the scenario says. When it closes, idle connections
// that came in by it are closed, and those with an attempt under way after its answer.
type Door struct {
	s        *Server
	listener *net.TCPListener
	socket   *socket
	came     entrance
	subject  scenario.Subject // what rules know of it

	gone    chan struct{} // closed when it is served no longer
	ending  sync.Once
	retired atomic.Bool
	kept    keptDescriptor

	mu     sync.Mutex
	state  faults.Door
	turns  int           // how often it has opened and closed
	turned chan struct{} // closed when it does so next

	// What the rules have it be, and the line in the log that says so, while it is closed. Guarded by doors.mu.
	shown scenario.Door
	line  *deliveries.Connect
}

// Listen opens a listener for a Door: plain TCP, as the kernel lets no other be closed and opened again. Its error is net.Listen's.
func Listen(address string) (*net.TCPListener, error) {
	config := net.ListenConfig{}
	config.SetMultipathTCP(false)
	l, err := config.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, err
	}
	return l.(*net.TCPListener), nil
}

// Open makes l the proxy's own listener, and takes ownership of it. It must be served, and comes before any gateway.
func (s *Server) Open(l *net.TCPListener) *Door {
	address := l.Addr().String()
	s.address.Store(&address)
	return s.open(l, entrance{placement: scenario.Forward}, scenario.Subject{Placement: scenario.Forward})
}

// OpenGateway makes l the listener of a gateway, and takes ownership of it. It must be served.
func (s *Server) OpenGateway(l *net.TCPListener, g Gateway) *Door {
	came := entrance{placement: scenario.Gateway, scheme: g.Scheme, authority: g.Authority, base: strings.TrimSuffix(g.Path, "/")}
	target, _ := addressed(g.Scheme, g.Authority) // what is no target is found out by each request
	return s.open(l, came, scenario.Subject{Placement: scenario.Gateway, Scheme: target.scheme, Host: target.host, Port: target.port})
}

func (s *Server) open(l *net.TCPListener, came entrance, subject scenario.Subject) *Door {
	d := &Door{s: s, listener: l, socket: newSocket(l), came: came, subject: subject, gone: make(chan struct{}), turned: make(chan struct{})}
	s.doors.add(d)
	s.lookAtDoors()
	return d
}

// Serve accepts attempts until Shutdown; the error is nil after that.
func (d *Door) Serve() error {
	if err := d.s.begin(); err != nil {
		return err
	}
	d.kept.take()
	defer d.kept.letGo()
	for {
		tcp, err := d.next()
		switch {
		case err == nil:
			d.s.admit(d.s.newSenderConn(d.came.secured(tcp), tcp, d.came, d))
		case d.s.closing.Load() || d.retired.Load():
			return nil
		case exhausted(err), errors.Is(err, os.ErrDeadlineExceeded): // one will end, or a door that could not be turned will be
			d.rest()
		default:
			return fmt.Errorf("accept attempts on %s: %w", d.listener.Addr(), err)
		}
	}
}

// acceptPause is how long nobody is accepted after nobody could be.
const acceptPause = 5 * time.Millisecond

func (d *Door) rest() {
	select {
	case <-time.After(acceptPause):
	case <-d.gone:
	}
}

// next waits for a connection; while the door refuses, for its opening.
func (d *Door) next() (*net.TCPConn, error) {
	for {
		turns, opens := d.refuses()
		if opens != nil {
			select {
			case <-opens:
				continue
			case <-d.gone:
				return nil, net.ErrClosed
			}
		}
		tcp, err := d.accept()
		if err == nil {
			return tcp, nil
		}
		if now, _ := d.refuses(); now == turns {
			return nil, err
		} // else it was closed under the Accept
	}
}

// refuses says how often the door has turned, and while it refuses what to wait for.
func (d *Door) refuses() (turns int, opens <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state == faults.DoorRefusing {
		opens = d.turned
	}
	return d.turns, opens
}

// Close ends the listener.
func (d *Door) Close() error {
	d.ending.Do(func() { close(d.gone) })
	return d.listener.Close()
}

// Retire ends the door while the server goes on: nobody comes in by it any more, idle connections that came in by it are closed, and those with an attempt
// under way after its answer.
func (d *Door) Retire() error {
	d.retired.Store(true)
	d.s.doors.remove(d)
	err := d.Close()
	d.s.conns.closeIdle(d)
	return err
}

// Addr is where it listens.
func (d *Door) Addr() net.Addr { return d.listener.Addr() }

// isClosed reports whether nobody gets in; nil is open.
func (d *Door) isClosed() bool {
	if d == nil {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state != faults.DoorOpen || d.retired.Load()
}

// turn opens or closes the listener. On an error it may still be as it was.
func (d *Door) turn(to faults.Door) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state == to {
		return nil
	}
	if err := d.do(to); err != nil {
		return err
	}
	if err := d.undo(); err != nil {
		return err
	}
	d.state = to
	d.turns++
	close(d.turned)
	d.turned = make(chan struct{})
	return nil
}

// do is the first half of a turn: what is to come is done before what was is undone, so that nobody gets in between.
func (d *Door) do(to faults.Door) error {
	switch to {
	case faults.DoorOpen:
		return nil
	case faults.DoorSilent:
		return d.socket.silence()
	case faults.DoorRefusing:
		// An Accept under way must not meet a socket that does not listen.
		if err := d.listener.SetDeadline(time.Unix(1, 0)); err != nil {
			return fmt.Errorf("end accepting: %w", err)
		}
		return d.socket.refuse()
	default:
		panic("proxy: a door that is " + to.String())
	}
}

// undo is the second half.
func (d *Door) undo() error {
	switch d.state {
	case faults.DoorOpen:
		return nil
	case faults.DoorSilent:
		return d.socket.hear()
	case faults.DoorRefusing:
		if err := d.socket.listen(); err != nil {
			return err
		}
		if err := d.listener.SetDeadline(time.Time{}); err != nil {
			return fmt.Errorf("accept again: %w", err)
		}
		return nil
	default:
		panic("proxy: a door that was " + d.state.String())
	}
}
