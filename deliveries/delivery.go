package deliveries

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// State is what became of a delivery.
type State string

// The states.
const (
	StateAcknowledged State = "acknowledged" // the sender was shown a complete 2xx
	StateOpen         State = "open"         // may still be retried; never counted as lost
	StateLost         State = "lost"         // settled without an acknowledgement
)

// Reason is why a delivery is lost; "" for those that are not.
type Reason string

// The reasons.
const (
	NeverRetried Reason = "never_retried" // there was one attempt
	GaveUp       Reason = "gave_up"       // there were several
)

// Delivery is all attempts of one delivery, and what became of it.
type Delivery struct {
	ID            string
	Key, Endpoint string
	Host          string
	Attempts      []*Attempt // the sender's, by start, as written where SetBack; amends applied
	Replays       []*Attempt // those that faultline replay made, likewise; there may be no others
	Unfinished    []*Open    // attempts of which no end is known: still under way, or cut off by a crash; by start

	State  State
	Reason Reason

	Replayed        bool // the target answered one of the Replays with success
	Delivered       bool // the target answered an attempt with success
	Duplicated      bool // more than one
	RetriedAfterAck bool // an attempt began after another had been acknowledged
	FalseSuccess    bool // acknowledged by a stand-in's answer, and not delivered
	MaybeDelivered  bool // the target got it whole and nobody knows its answer; not known to be delivered otherwise

	UnderWay bool // one of the Unfinished may still end: its run is the newest of its log
	SetBack  bool // the clock was set back within a run, between two of the attempts: their times do not tell what lies between them
}

// Settle says from when on a delivery without an acknowledgement is lost and no longer open.
type Settle struct {
	Ended   bool          // the sender has ended: all are settled
	Silence time.Duration // settled after so long without an attempt, up to the last sign of life in the log; 0: none is
}

// sighting is an attempt as it was read. Steps is how often the clock of its run had been set back before.
type sighting struct {
	*Attempt
	steps int
}

// compare puts attempts into the order in which they began.
func (s sighting) compare(other sighting) int {
	return cmp.Or(s.Start.Compare(other.Start), cmp.Compare(s.Attempt.Attempt, other.Attempt.Attempt))
}

// same reports whether two lines are of one attempt: somebody has copied a segment.
func (s sighting) same(other sighting) bool {
	return s.ID != "" && s.ID == other.ID && s.Run == other.Run && s.Seq == other.Seq
}

// put makes a delivery of what was read of it, in the order in which it was read. There is at least one attempt, finished or not. What is said of it but
// Replayed is said of the sender's own attempts. There is room for the list of these.
func (d *Delivery) put(seen []sighting, opened []*Open) {
	d.SetBack, d.Unfinished = setBack(seen), unfinished(opened, seen)
	if !d.SetBack {
		slices.SortStableFunc(seen, sighting.compare)
	}
	seen = slices.CompactFunc(seen, sighting.same)
	if len(seen) > 0 {
		first := seen[0]
		d.Key, d.Endpoint, d.Host = first.Key, first.Endpoint, first.Host
	} else {
		first := d.Unfinished[0]
		d.Key, d.Endpoint, d.Host = first.Key, first.Endpoint, first.Host
	}
	d.flag(d.withoutReplays(seen))
}

// unfinished are those of which no end was read, by start.
func unfinished(opened []*Open, seen []sighting) []*Open {
	if len(opened) == 0 {
		return nil
	}
	ended := make(map[string]bool, len(seen))
	for _, s := range seen {
		ended[s.ID] = true
	}
	opened = slices.DeleteFunc(opened, func(o *Open) bool { return ended[o.ID] })
	slices.SortStableFunc(opened, func(a, b *Open) int { return a.Start.Compare(b.Start) })
	return slices.CompactFunc(opened, func(a, b *Open) bool { return a.ID != "" && a.ID == b.ID })
}

// setBack reports whether the clock of a run was set back between two of its attempts.
func setBack(seen []sighting) bool {
	if !slices.ContainsFunc(seen, func(s sighting) bool { return s.steps > 0 }) {
		return false
	}
	steps := make(map[string]int) // by run
	for _, s := range seen {
		if before, known := steps[s.Run]; known && before != s.steps {
			return true
		}
		steps[s.Run] = s.steps
	}
	return false
}

// judge sets state and reason by the silence since the last sign of life.
func (d *Delivery) judge(settle Settle, end time.Time) {
	last := time.Time{}
	for _, a := range d.Attempts {
		last = later(last, a.Ended())
	}
	for _, o := range d.Unfinished {
		last = later(last, o.Start)
	}
	silent := settle.Silence > 0 && !d.UnderWay && end.Sub(last) >= settle.Silence
	d.Judge(settle.Ended || silent)
}

// Judge sets State and Reason; settled says that a delivery without an acknowledgement will not be attempted any more.
func (d *Delivery) Judge(settled bool) {
	d.State, d.Reason = StateOpen, ""
	acknowledged := slices.ContainsFunc(d.Attempts, func(a *Attempt) bool { return a.Outcome == Acknowledged })
	switch {
	case acknowledged:
		d.State = StateAcknowledged
	case !settled:
	case len(d.Attempts)+len(d.Unfinished) == 1:
		d.State, d.Reason = StateLost, NeverRetried
	default:
		d.State, d.Reason = StateLost, GaveUp
	}
}

// Ended is when the attempt ended for its sender.
func (a *Attempt) Ended() time.Time { return a.Start.Add(milliseconds(a.MS.Total)) }

// milliseconds is a number of them as a duration; what no duration holds is the longest there is.
func milliseconds(ms float64) time.Duration {
	if ms >= float64(math.MaxInt64)/float64(time.Millisecond) {
		return math.MaxInt64
	}
	return time.Duration(ms * float64(time.Millisecond))
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
