package sender

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"time"
)

// Policy is how a sender retries. The zero Policy makes one attempt without a time limit and believes only a 2xx.
type Policy struct {
	// Attempts is how many attempts a delivery gets in all. Below 1: one.
	Attempts int
	Backoff  Backoff
	Jitter   Jitter
	// HonourRetryAfter waits at least as long as a Retry-After announces (RFC 9110 10.2.3).
	HonourRetryAfter bool
	Retry            Retry
	// Timeout bounds one attempt, from the dial to the last byte of its answer. 0: none, as in a sender that forgot it.
	Timeout time.Duration
	// BelievesAnyAnswer takes every complete answer for success: the bug of a missing raise_for_status().
	BelievesAnyAnswer bool
}

// Backoff is how long a sender pauses after each failed attempt, before jitter. The zero Backoff pauses not at all.
type Backoff struct {
	Shape    Shape
	First    time.Duration   // of Constant and Exponential
	Factor   float64         // of Exponential: each pause is so many times the one before
	Cap      time.Duration   // of Exponential: no pause is longer; 0: none
	Schedule []time.Duration // of Schedule; the last one repeats
}

// Shape is how pauses grow.
type Shape int

// The shapes.
const (
	AtOnce Shape = iota
	Constant
	Exponential
	Scheduled
)

// String is the word for it in a policy's text.
func (s Shape) String() string {
	switch s {
	case AtOnce:
		return "none"
	case Constant:
		return "constant"
	case Exponential:
		return "exponential"
	case Scheduled:
		return "schedule"
	default:
		panic(fmt.Sprintf("sender: shape %d", int(s)))
	}
}

// Jitter is what chance does to a pause.
type Jitter int

// The jitters, of a pause d.
const (
	NoJitter    Jitter = iota // d
	FullJitter                // between 0 and d
	EqualJitter               // between d/2 and d
)

// String is the word for it in a policy's text; empty for none.
func (j Jitter) String() string {
	switch j {
	case NoJitter:
		return ""
	case FullJitter:
		return "full-jitter"
	case EqualJitter:
		return "equal-jitter"
	default:
		panic(fmt.Sprintf("sender: jitter %d", int(j)))
	}
}

// Retry is which ends of an attempt are retried. The zero Retry retries nothing.
type Retry struct {
	Statuses Statuses
	// Never are statuses after which a delivery is given up, whatever Statuses says.
	Never      []int
	Connection bool // refused, reset, closed, an answer that was cut
	Timeout    bool // Policy.Timeout
}

// Statuses is a class of answers.
type Statuses int

// The classes.
const (
	NoStatus  Statuses = iota
	Overload           // 429 and 5xx
	AnyStatus          // all but 2xx
)

func (s Statuses) has(status int) bool {
	switch s {
	case NoStatus:
		return false
	case Overload:
		return status == http.StatusTooManyRequests || status/100 == 5
	case AnyStatus:
		return status/100 != 2
	default:
		panic(fmt.Sprintf("sender: statuses %d", int(s)))
	}
}

// retries reports whether an attempt that ended like this is followed by another.
func (r Retry) retries(a Attempt) bool {
	switch a.Ending {
	case Answered:
		return r.Statuses.has(a.Status) && !slices.Contains(r.Never, a.Status)
	case Failed:
		return r.Connection
	case TimedOut:
		return r.Timeout
	case Interrupted:
		return false
	default:
		panic(fmt.Sprintf("sender: ending %d", int(a.Ending)))
	}
}

// Pause is how long a sender waits after its n-th attempt, n from 1. draw is from [0,1) and decides the jitter.
func (p Policy) Pause(n int, draw float64) time.Duration {
	whole := p.Backoff.pause(n)
	switch p.Jitter {
	case NoJitter:
		return whole
	case FullJitter:
		return time.Duration(draw * float64(whole))
	case EqualJitter:
		return whole/2 + time.Duration(draw*float64(whole-whole/2))
	default:
		panic(fmt.Sprintf("sender: jitter %d", int(p.Jitter)))
	}
}

// Scaled is the policy with its pauses divided by a figure above 0: minutes for hours.
func (p Policy) Scaled(by float64) Policy {
	shorter := func(d time.Duration) time.Duration { return time.Duration(float64(d) / by) }
	p.Backoff.First, p.Backoff.Cap = shorter(p.Backoff.First), shorter(p.Backoff.Cap)
	pauses := make([]time.Duration, len(p.Backoff.Schedule))
	for i, pause := range p.Backoff.Schedule {
		pauses[i] = shorter(pause)
	}
	p.Backoff.Schedule = pauses
	return p
}

// maxPause is where pauses without a cap stop growing: a century and a half is as good as for ever.
const maxPause = time.Duration(1 << 62)

func (b Backoff) pause(n int) time.Duration {
	switch b.Shape {
	case AtOnce:
		return 0
	case Constant:
		return b.First
	case Exponential:
		limit := b.Cap
		if limit == 0 {
			limit = maxPause
		}
		grown := float64(b.First) * math.Pow(b.Factor, float64(n-1))
		return time.Duration(min(grown, float64(limit)))
	case Scheduled:
		if len(b.Schedule) == 0 {
			return 0
		}
		return b.Schedule[min(n, len(b.Schedule))-1]
	default:
		panic(fmt.Sprintf("sender: shape %d", int(b.Shape)))
	}
}
