package proxy

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// connSet is the set of open sender connections. Beyond its limit a new one makes the longest idle one go; those with an attempt under way stay, and those
// whose request has come and is not read yet.
type connSet struct {
	limit   int
	evicted atomic.Int64 // in the minute under way
	serving sync.WaitGroup

	mu     sync.Mutex
	open   map[*senderConn]bool
	idle   idleConns
	closed bool // no more are taken in
}

// add takes a connection in, which is idle until its first request, and will be served: serving counts it. It returns the one that must go to make room, nil
// for none; false: no more are taken in.
func (s *connSet) add(c *senderConn) (evicted *senderConn, taken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false
	}
	if s.open == nil {
		s.open = make(map[*senderConn]bool)
	}
	if len(s.open) >= s.limit {
		evicted = s.evict()
	}
	s.open[c] = true
	s.idle.add(c)
	s.serving.Add(1)
	return evicted, true
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

// mayGo reports whether nobody misses an idle connection.
func (c *senderConn) mayGo() bool {
	return (c.heard.Load() || time.Since(c.since) > newWait) && !hasUnread(c.tcp)
}

// busy takes a connection out of the idle ones: a request has begun on it.
func (s *connSet) busy(c *senderConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle.remove(c)
}

// rest puts one among them.
func (s *connSet) rest(c *senderConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[c] {
		s.idle.add(c)
	}
}

// closeIdle closes the idle connections that came in by a door; nil: by any.
func (s *connSet) closeIdle(d *Door) {
	for _, c := range s.idleAt(d) {
		_ = c.Close() // an error means that it is closed already
	}
}

func (s *connSet) idleAt(d *Door) (found []*senderConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := s.idle.first; c != nil; c = c.idle.next {
		if d == nil || c.door == d {
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

// closeAll closes what is still open, hijacked connections included, and takes no more in.
func (s *connSet) closeAll() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
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
