package proxy

import (
	"errors"
	"io"
	"time"
)

const (
	// pieceTime is what one piece takes at its rate.
	pieceTime = 10 * time.Millisecond
	// maxLag is how far a pace that was woken late may be behind and still catch up, which it does by pieces that follow each other faster by a quarter.
	// What its users did not use is not saved up.
	maxLag = 200 * time.Millisecond
	// restTime is from when on a pause of its users is one, and not that of a busy machine.
	restTime = 50 * time.Millisecond
)

// errSenderLeft is a sender that closed its connection while a pace held it back.
var errSenderLeft = errors.New("sender left while it was slowed down")

// pace lets the bytes of one direction through evenly: n of them take n/rate, from its beginning on, piece by piece. It ends for good when faults are lifted,
// as they are when the drain begins. Not safe for concurrent use.
type pace struct {
	rate   int64 // bytes a second
	lifted <-chan struct{}
	left   func() bool // the sender has gone: nobody waits any more
	due    time.Time   // when the bytes that were let through so far are due
	last   time.Time   // when the last of them were let through
	looked time.Time
}

func (s *Server) newPace(rate int64, left func() bool) *pace {
	_, lifted := s.faults.lifted()
	now := time.Now()
	return &pace{rate: rate, lifted: lifted, left: left, due: now, last: now, looked: now}
}

// slowed is a pace of this rate, or the one that there is, lowered to it; 0 changes nothing.
func (s *Server) slowed(at *pace, rate int64, left func() bool) *pace {
	switch {
	case rate == 0:
		return at
	case at == nil:
		return s.newPace(rate, left)
	}
	at.rate = min(at.rate, rate)
	return at
}

func (p *pace) over() bool {
	select {
	case <-p.lifted:
		return true
	default:
		return false
	}
}

// piece is how many of n bytes go at once.
func (p *pace) piece(n int) int {
	if p.over() {
		return n
	}
	return int(min(int64(n), max(1, p.rate/int64(time.Second/pieceTime))))
}

// spend waits until n more bytes are due.
func (p *pace) spend(n int64) error {
	took := time.Duration(float64(n) / float64(p.rate) * float64(time.Second))
	now := time.Now()
	lag := maxLag
	if now.Sub(p.last) > restTime { // nothing was there to be let through
		lag = min(lag, max(0, p.last.Sub(p.due)))
	}
	p.due = later(p.due, now.Add(-lag)).Add(took)
	at := later(p.due, p.last.Add(took*4/5))
	defer func() { p.last = time.Now() }()
	for wait := time.Until(at); wait > 0; wait = time.Until(at) {
		timer := time.NewTimer(min(wait, lookEvery))
		select {
		case <-timer.C:
		case <-p.lifted:
			timer.Stop()
			return nil
		}
		if now := time.Now(); now.Sub(p.looked) >= lookEvery {
			p.looked = now
			if p.left() {
				return errSenderLeft
			}
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// writer writes to w at this pace; without one it is w itself.
func (p *pace) writer(w io.Writer) io.Writer {
	if p == nil {
		return w
	}
	return &slowWriter{pace: p, to: w}
}

// slowWriter writes at a pace, piece by piece.
type slowWriter struct {
	*pace
	to   io.Writer
	sent int64
	// ahead are bytes whose time was waited for already.
	ahead int
	// keep keeps back the last byte of all that is written, until release.
	keep bool
	kept []byte
}

func (w *slowWriter) Write(p []byte) (int, error) {
	if !w.keep || len(p) == 0 {
		return w.write(p)
	}
	all := append(w.kept, p...)
	w.kept = all[len(all)-1:]
	if _, err := w.write(all[:len(all)-1]); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (w *slowWriter) write(p []byte) (written int, err error) {
	for written < len(p) {
		piece := p[written : written+w.piece(len(p)-written)]
		spared := min(w.ahead, len(piece))
		w.ahead -= spared
		if spared < len(piece) {
			if err := w.spend(int64(len(piece) - spared)); err != nil {
				return written, err
			}
		}
		n, err := w.to.Write(piece)
		written += n
		w.sent += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// prepay waits for the time of the next byte now: it then follows at once.
func (w *slowWriter) prepay() error {
	w.ahead++
	return w.spend(1)
}

// release writes the byte that was kept back.
func (w *slowWriter) release() error {
	kept := w.kept
	w.keep, w.kept = false, nil
	_, err := w.write(kept)
	return err
}
