package proxy

import (
	"bufio"
	"io"
	"sync"
)

// targetConns are the connections to targets that one sender's connection owns: never shared with another sender, so that a target's idle close
// meets exactly the sender that it would have met without us.
type targetConns struct {
	mu     sync.Mutex
	idle   []*targetConn // oldest first
	closed bool
}

// maxIdleTargets is how many idle target connections a sender's connection keeps, one per target.
const maxIdleTargets = 4

// take gives the idle connection to addr, if the target still keeps it open with nothing unasked in it.
func (t *targetConns) take(addr string) *targetConn {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, c := range t.idle {
		if c.addr != addr {
			continue
		}
		t.idle = append(t.idle[:i], t.idle[i+1:]...)
		c.br = c.readers.lend(c)
		if c.stale() {
			c.close()
			return nil
		}
		c.reused, c.got = true, false
		c.asked.Store(false)
		return c
	}
	return nil
}

// put keeps c for the next attempt at the same target. Its answer was read to the end, and its reader is empty.
func (t *targetConns) put(c *targetConn) {
	c.readers.takeBack(c.br)
	c.br = nil
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		c.close()
		return
	}
	for i, other := range t.idle {
		if other.addr == c.addr {
			other.close()
			t.idle = append(t.idle[:i], t.idle[i+1:]...)
			break
		}
	}
	if len(t.idle) == maxIdleTargets {
		t.idle[0].close()
		t.idle = t.idle[1:]
	}
	t.idle = append(t.idle, c)
}

func (t *targetConns) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for _, c := range t.idle {
		c.close()
	}
	t.idle = nil
}

// readers are lent to connections: an idle one to a target, of which there may be thousands, has none. The zero value is ready.
type readers struct{ pool sync.Pool }

func (a *readers) lend(c io.Reader) *bufio.Reader {
	br, ok := a.pool.Get().(*bufio.Reader)
	if !ok {
		return bufio.NewReaderSize(c, 4<<10)
	}
	br.Reset(c)
	return br
}

// takeBack takes a reader back that nobody reads from any more.
func (a *readers) takeBack(br *bufio.Reader) {
	br.Reset(nil)
	a.pool.Put(br)
}
