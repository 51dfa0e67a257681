package proxy

import (
	"container/heap"
	"sync"
	"time"
)

// alarm wakes those who wait for a moment, never early and hardly late. A time.Timer is late by up to a millisecond in a program that has nothing else to do: the
// runtime then sleeps in epoll_wait, which counts in milliseconds (runtime/netpoll_epoll.go). A clock that is a file wakes it exactly. The zero value is ready.
type alarm struct {
	mu     sync.Mutex
	waits  waits
	clock  *clockFile // nil until somebody waits
	closed bool
}

// wait is one who waits.
type wait struct {
	due  time.Time
	at   int // in waits; -1: no longer
	rung chan struct{}
}

// set has rung closed when d is over.
func (a *alarm) set(d time.Duration) *wait {
	w := &wait{due: time.Now().Add(d), rung: make(chan struct{})}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.clock == nil && !a.closed {
		a.clock = newClockFile(a.ring)
	}
	heap.Push(&a.waits, w)
	if w.at == 0 {
		a.arm()
	}
	return w
}

// unset forgets one who waits no longer; it may have been woken.
func (a *alarm) unset(w *wait) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if w.at >= 0 {
		heap.Remove(&a.waits, w.at)
	}
}

// ring wakes those whose time has come.
func (a *alarm) ring() {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	for len(a.waits) > 0 && !a.waits[0].due.After(now) {
		close(heap.Pop(&a.waits).(*wait).rung)
	}
	a.arm()
}

// arm sets the clock to the next who waits. mu is held.
func (a *alarm) arm() {
	if len(a.waits) > 0 && !a.closed {
		a.clock.set(max(time.Until(a.waits[0].due), 1))
	}
}

// close ends the clock: nobody is woken any more.
func (a *alarm) close() {
	a.mu.Lock()
	clock := a.clock
	a.closed = true
	a.mu.Unlock()
	if clock != nil {
		clock.close()
	}
}

// waits is a heap, the next in front.
type waits []*wait

func (w waits) Len() int           { return len(w) }
func (w waits) Less(i, j int) bool { return w[i].due.Before(w[j].due) }
func (w waits) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].at, w[j].at = i, j
}

func (w *waits) Push(x any) {
	one := x.(*wait)
	one.at = len(*w)
	*w = append(*w, one)
}

func (w *waits) Pop() any {
	last := len(*w) - 1
	one := (*w)[last]
	(*w)[last] = nil
	*w = (*w)[:last]
	one.at = -1
	return one
}
