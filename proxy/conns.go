package proxy

import (
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// connSet is the set of open sender connections. Beyond its limit a new one makes the longest idle one go; those with an attempt under way stay, and those
// whose request has come and is not read yet.
type connSet struct {
	limit    int
	headWait time.Duration
	mostHead int                                // bytes of a request's head
	rejected func(c *senderConn, status string) // the server has turned away what came on c, unread
	evicted  atomic.Int64                       // in the minute under way

	mu   sync.Mutex
	open map[*senderConn]bool
	idle idleConns
}

// add takes a connection in, which is idle until its first request. It returns the one that must go to make room, nil for none.
func (s *connSet) add(c *senderConn) (evicted *senderConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = make(map[*senderConn]bool)
	}
	if len(s.open) >= s.limit {
		evicted = s.evict()
	}
	s.open[c] = true
	s.idle.add(c)
	return evicted
}

// makeRoom closes the longest idle connection, and those to targets that it owns; false: none is idle.
func (s *connSet) makeRoom() bool {
	s.mu.Lock()
	idle := s.evict()
	s.mu.Unlock()
	if idle == nil {
		return false
	}
	_ = idle.Close() // an error means that it is closed already
	return true
}

// maxLooks is how many idle connections are looked at for one that nothing has come on.
const maxLooks = 64

func (s *connSet) evict() *senderConn {
	c := s.idle.first
	for looks := 0; c != nil && looks < maxLooks; looks++ {
		if c.mayGo() {
			s.drop(c)
			s.evicted.Add(1)
			return c
		}
		c = c.idle.next
	}
	return nil
}

// newWait is how long a connection that nothing has come on yet is given, whoever needs its place.
const newWait = 5 * time.Second

// mayGo reports whether nobody misses an idle connection. One of which a part of a request was read is idle until the rest of its head has come, to the server.
func (c *senderConn) mayGo() bool {
	return (c.heard.Load() || time.Since(c.since) > newWait) && !hasUnread(c.tcp) && !c.begun.Load()
}

// changed follows a connection's state, as the server tells it.
func (s *connSet) changed(conn net.Conn, state http.ConnState) {
	c, ours := conn.(*senderConn)
	if !ours {
		return
	}
	if state == http.StateIdle {
		c.served.Store(false)
		c.begun.Store(false)
		c.headed.Store(false)
		c.inHand = 0
		c.slow.Store(nil) // it was the last attempt's
		if c.door.isClosed() {
			_ = c.Close() // an error means that it is closed already
			return
		}
	}
	if state == http.StateHijacked {
		c.hijacked.Store(true)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateIdle:
		if s.open[c] {
			s.idle.add(c)
		}
	case http.StateActive, http.StateHijacked:
		s.idle.remove(c)
	case http.StateNew, http.StateClosed:
	}
}

// closeIdle closes the idle connections that came in by a door.
func (s *connSet) closeIdle(d *Door) {
	for _, c := range s.idleAt(d) {
		_ = c.Close() // an error means that it is closed already
	}
}

func (s *connSet) idleAt(d *Door) (found []*senderConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := s.idle.first; c != nil; c = c.idle.next {
		if c.door == d {
			found = append(found, c)
		}
	}
	return found
}

func (s *connSet) remove(c *senderConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(c)
}

// drop forgets a connection. mu is held.
func (s *connSet) drop(c *senderConn) {
	s.idle.remove(c)
	delete(s.open, c)
}

func (s *connSet) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// interrupt ends every read from a sender, and every write to one: nobody waits any longer for the rest of a request, or for an answer to be taken, nor for a
// target's.
func (s *connSet) interrupt() {
	for _, c := range s.all() {
		_ = c.SetDeadline(time.Unix(1, 0)) // an error means that it is closed already
		c.abandon()
	}
}

// closeAll closes what is still open, hijacked connections included.
func (s *connSet) closeAll() {
	for _, c := range s.all() {
		// Nobody is left to tell; the process is about to end.
		_ = c.Close()
	}
}

func (s *connSet) all() []*senderConn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.open))
}
