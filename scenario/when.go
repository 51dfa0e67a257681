package scenario

import (
	"fmt"
	"math"
	"time"

	"github.com/faultline/faultline/schema"
)

// When says at which of the attempts that a rule matches it fires: all that is given must hold. The zero When holds always.
type When struct {
	Attempt   schema.Range // the attempt's number within its delivery
	Age       *schema.Comparison
	Nth       schema.Range // the number of the rule's match
	Every     int          // 0: not given
	Chance    *schema.Ramp // nil: always
	ChancePer ChancePer
	Times     int       // 0: without end
	TimesPer  TimesPer  // what Times is counted anew in
	Moment    DecidedAt // "": when the request was read, in a tunnel at its CONNECT
	window    window
}

// TimesPer is what a number of firings is counted anew in.
type TimesPer string

// The values of times.per.
const (
	CountInAll     TimesPer = ""
	CountPerPhase  TimesPer = "phase"
	CountPerWindow TimesPer = "window"
)

// ChancePer is what one draw covers.
type ChancePer string

// The values of chance_per.
const (
	PerAttempt  ChancePer = "attempt"
	PerDelivery ChancePer = "delivery"
	PerEachHost ChancePer = "host"    // all attempts at one host alike
	PerArrival  ChancePer = "arrival" // by the number of the rule's match
)

// circumstance is all that a when may look at.
type circumstance struct {
	telling
	subj   *Subject
	at     Instant
	seed   uint64
	counts Counts
	rule   string
	nth    uint64 // the number of this match of the rule, from 1
}

// miss says which condition fails first, with what was asked and what was there; "" when the rule fires, and then since when its window is open.
func (w *When) miss(c *circumstance) (miss string, opened time.Time) {
	switch age := c.age(); {
	case !w.Attempt.Empty() && !w.Attempt.Has(uint64(c.subj.Attempt)):
		return c.why(func() string { return fmt.Sprintf("attempt %d is not %s", c.subj.Attempt, w.Attempt) }), opened
	case w.Age != nil && !w.Age.Holds(int64(age)):
		return c.why(func() string {
			return fmt.Sprintf("age %s is not %s", schema.FormatDuration(age.Round(time.Millisecond)), w.Age)
		}), opened
	case !w.Nth.Empty() && !w.Nth.Has(c.nth):
		return c.why(func() string { return fmt.Sprintf("match %d is not %s", c.nth, w.Nth) }), opened
	case w.Every > 0 && c.nth%uint64(w.Every) != 0:
		return c.why(func() string { return fmt.Sprintf("match %d is not one of every %d", c.nth, w.Every) }), opened
	}
	if miss, opened = w.window.miss(c.at, c.telling); miss != "" {
		return miss, opened
	}
	if miss = w.missTimes(c, opened); miss != "" {
		return miss, opened
	}
	return w.missChance(c, opened), opened
}

func (w *When) missTimes(c *circumstance, opened time.Time) string {
	if w.Times == 0 {
		return ""
	}
	fired := c.counts.Fired(c.rule, w.countsFrom(opened, c.at))
	if fired < uint64(w.Times) {
		return ""
	}
	return c.why(func() string {
		if w.TimesPer == CountInAll {
			return "it has fired " + often(fired)
		}
		return fmt.Sprintf("it has fired %s in this %s", often(fired), w.TimesPer)
	})
}

// often is a number of times, for people.
func often(n uint64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// countsFrom is what firings are counted from; zero: from nothing but the beginning of all.
func (w *When) countsFrom(opened time.Time, at Instant) time.Time {
	switch w.TimesPer {
	case CountInAll:
		return time.Time{}
	case CountPerWindow:
		return opened
	case CountPerPhase:
		return at.phaseSince
	default:
		panic("scenario: times per " + string(w.TimesPer))
	}
}

// missChance draws. A share of 0 never holds, 1 always does.
func (w *When) missChance(c *circumstance, opened time.Time) string {
	if w.Chance == nil {
		return ""
	}
	share := w.Chance.At(c.at.Now.Sub(opened))
	if drawn := c.lot("chance", w.ChancePer).draw(); drawn >= share {
		return c.why(func() string {
			return fmt.Sprintf("the draw %.4f is not under %s", drawn, schema.FormatShare(math.Round(share*1e6)/1e6))
		})
	}
	return ""
}

func (c *circumstance) age() time.Duration {
	if c.subj.First.IsZero() {
		return 0
	}
	return max(0, c.at.Now.Sub(c.subj.First))
}

// lot is what a draw for this rule and purpose is made for.
func (c *circumstance) lot(purpose string, per ChancePer) lot {
	l := lot{seed: c.seed, rule: c.rule, purpose: purpose}
	switch per {
	case PerAttempt:
		l.path, l.key, l.acknowledged, l.attempt = c.subj.Path, c.subj.Key, c.subj.Acknowledged, uint64(c.subj.Attempt)
	case PerDelivery:
		l.path, l.key, l.acknowledged = c.subj.Path, c.subj.Key, c.subj.Acknowledged
	case PerEachHost:
		l.key = c.subj.Host
	case PerArrival:
		l.attempt = c.nth
	default:
		panic("scenario: chance per " + string(per))
	}
	return l
}

// perAttempt is what a draw that no chance_per governs covers: the attempt, or at connect, where no delivery is known yet, the arrival.
func (c *circumstance) perAttempt() ChancePer {
	if c.subj.Moment == Connect {
		return PerArrival
	}
	return PerAttempt
}

// asksDelivery reports whether the when asks what only the delivery key tells.
func (w *When) asksDelivery() bool {
	return !w.Attempt.Empty() || w.Age != nil || w.Chance != nil && (w.ChancePer == PerAttempt || w.ChancePer == PerDelivery)
}

// byTime reports whether the when asks for nothing but the time.
func (w *When) byTime() bool {
	return w.Attempt.Empty() && w.Age == nil && w.Nth.Empty() && w.Every <= 1 && w.Chance == nil && w.Times == 0
}

// always reports whether the when holds at every attempt.
func (w *When) always() bool { return w.byTime() && !w.window.timed() }
