package proxy

// idleConns are the idle ones of the sender connections, the longest idle first. They are linked through themselves, as each of them comes and goes with every
// request. The zero value is ready.
type idleConns struct{ first, last *senderConn }

// idlePlace is a connection's place among the idle ones.
type idlePlace struct {
	taken      bool
	prev, next *senderConn
}

// add puts a connection behind all others, unless it has a place.
func (l *idleConns) add(c *senderConn) {
	if c.idle.taken {
		return
	}
	c.idle = idlePlace{taken: true, prev: l.last}
	if l.last == nil {
		l.first = c
	} else {
		l.last.idle.next = c
	}
	l.last = c
}

// remove takes a connection out, if it has a place.
func (l *idleConns) remove(c *senderConn) {
	if !c.idle.taken {
		return
	}
	if c.idle.prev == nil {
		l.first = c.idle.next
	} else {
		c.idle.prev.idle.next = c.idle.next
	}
	if c.idle.next == nil {
		l.last = c.idle.prev
	} else {
		c.idle.next.idle.prev = c.idle.prev
	}
	c.idle = idlePlace{}
}
