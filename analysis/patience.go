package analysis

import (
	"math"
	"slices"
	"time"
)

// patience is how long a sender waited for answers before it went away.
type patience struct{ gaveUp []time.Duration }

// sentAtOnce is how long a body is at most that a sender has handed over at once: of a longer one nobody knows when it was sent, and when the waiting began.
const sentAtOnce = 64 << 10

// waited is how long the sender waited at the attempt: for the first byte, or until the silence was over. gaveUp says that it ended that itself. 0: it is not known.
func (a arrival) waited() (wait time.Duration, gaveUp bool) {
	if a.Request.Bytes > sentAtOnce {
		return 0, false
	}
	wait = milliseconds(a.MS.Total)
	if a.MS.FirstByte > 0 && a.how != timedOut {
		wait = milliseconds(a.MS.FirstByte)
	}
	return wait, a.how == timedOut
}

// milliseconds is a number of them as a duration; what no duration holds is the longest there is.
func milliseconds(ms float64) time.Duration {
	if ms >= float64(math.MaxInt64)/float64(time.Millisecond) {
		return math.MaxInt64
	}
	return time.Duration(ms * float64(time.Millisecond))
}

// see takes an attempt.
func (p *patience) see(a arrival) {
	if wait, gaveUp := a.waited(); gaveUp {
		p.gaveUp = append(p.gaveUp, wait)
	}
}

// timeout is when the sender gives up waiting: what it did in the middle of all. ok is false when it was not seen to, or did it now and then, as one does
// that is stopped.
func (p *patience) timeout() (d time.Duration, ok bool) {
	if len(p.gaveUp) == 0 {
		return 0, false
	}
	slices.Sort(p.gaveUp)
	middle := p.gaveUp[len(p.gaveUp)/2]
	near := 0
	for _, wait := range p.gaveUp {
		if wait >= middle*9/10 && wait <= middle*11/10+time.Second {
			near++
		}
	}
	if 2*near < len(p.gaveUp) {
		return 0, false
	}
	return seconds(nice(middle.Seconds(), 0.02)), true
}

// tooLong is what no sender of webhooks should wait for an answer: Standard Webhooks says 15 to 30 s.
const tooLong = time.Minute
