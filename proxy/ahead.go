package proxy

import (
	"errors"
	"io"
	"sync"
)

// ahead reads a body on while what came of it still goes out slowly: how long a target took is its own affair, and it is not held up by a slow way to the
// sender, as far as its answer can be held.
type ahead struct {
	ended chan struct{}

	mu      sync.Mutex
	changed sync.Cond
	held    []byte
	err     error // what ended the body
	stopped bool
}

// readAhead begins to read. stop must be called before anybody else looks at the body.
func (s *Server) readAhead(body io.Reader) *ahead {
	a := &ahead{ended: make(chan struct{})}
	a.changed.L = &a.mu
	go a.read(s, body)
	return a
}

func (a *ahead) read(s *Server, body io.Reader) {
	defer close(a.ended)
	defer func() {
		if p := recover(); p != nil {
			s.panicked("body of an answer", p)
			a.take(nil, errors.New("read target's answer: ended by a panic"), 0)
		}
	}()
	buf := new(copyBuffer)
	for {
		n, err := body.Read(buf[:])
		if !a.take(buf[:n], err, s.cfg.Limits.Body) {
			return
		}
	}
}

// take keeps what was read, waits until there is room for more, and reports whether more is wanted.
func (a *ahead) take(p []byte, err error, limit int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.held, a.err = append(a.held, p...), err
	a.changed.Broadcast()
	for a.err == nil && int64(len(a.held)) >= limit && !a.stopped {
		a.changed.Wait()
	}
	return a.err == nil && !a.stopped
}

// Read hands out what was read.
func (a *ahead) Read(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.held) == 0 && a.err == nil {
		a.changed.Wait()
	}
	if len(a.held) == 0 {
		return 0, a.err
	}
	n := copy(p, a.held)
	a.held = a.held[n:]
	a.changed.Broadcast()
	return n, nil
}

// stop ends the reading of an answer, and a read of it that is under way. nil has nothing to end.
func (a *ahead) stop(answer *answerBody) {
	if a == nil {
		return
	}
	a.mu.Lock()
	a.stopped = true
	under := a.err == nil
	a.changed.Broadcast()
	a.mu.Unlock()
	if under {
		answer.interrupt()
	}
	<-a.ended
}
