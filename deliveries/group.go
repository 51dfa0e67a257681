package deliveries

import (
	"cmp"
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
	Attempts      []*Attempt // by number, amends applied
	Unfinished    []*Open    // attempts of which no end is known: still under way, or cut off by a crash

	State  State
	Reason Reason

	Delivered       bool // the target answered an attempt with success
	Duplicated      bool // more than one
	RetriedAfterAck bool // an attempt began after another had been acknowledged
	FalseSuccess    bool // acknowledged by a stand-in's answer, and not delivered
	MaybeDelivered  bool // the target got it whole and nobody knows its answer; not known to be delivered otherwise
}

// Settle says from when on a delivery without an acknowledgement is lost and no longer open.
type Settle struct {
	Ended   bool          // the sender has ended: all are settled
	Silence time.Duration // settled after so long without an attempt, up to the last sign of life in the log; 0: none is
}

// Grouper puts attempts together to deliveries. The zero value is ready. Not safe for concurrent use. What it holds grows with the log.
type Grouper struct {
	groups   map[string]*group
	order    []*group // by first appearance
	attempts map[string]*Attempt
	open     map[string]*Open
	end      time.Time
}

type group struct {
	id       string
	attempts []*Attempt
	opened   []*Open
}

// Add takes the next record of a log. It keeps records, and changes attempts that are amended.
func (g *Grouper) Add(record Record) {
	switch r := record.(type) {
	case *Attempt:
		g.attempt(r)
	case *Open:
		g.opened(r)
	case *Amend:
		if a := g.attempts[r.ID]; a != nil {
			a.Outcome, a.End, a.EndedBy = r.Outcome, r.End, r.EndedBy
		}
	case *Run:
		g.saw(r.Start)
	case *Connect:
		g.saw(r.Start)
	case *Tunnel:
		g.saw(r.Start)
	case *Other:
		g.saw(r.Start)
	case *Gap:
		g.saw(r.Until)
	}
}

func (g *Grouper) attempt(a *Attempt) {
	g.saw(a.Ended())
	if g.attempts == nil {
		g.attempts = make(map[string]*Attempt)
	}
	g.attempts[a.ID] = a
	delete(g.open, a.ID)
	one := g.group(a.Delivery)
	one.attempts = append(one.attempts, a)
}

func (g *Grouper) opened(o *Open) {
	g.saw(o.Start)
	if g.attempts[o.ID] != nil {
		return
	}
	if g.open == nil {
		g.open = make(map[string]*Open)
	}
	g.open[o.ID] = o
	one := g.group(o.Delivery)
	one.opened = append(one.opened, o)
}

func (g *Grouper) group(id string) *group {
	one := g.groups[id]
	if one == nil {
		if g.groups == nil {
			g.groups = make(map[string]*group)
		}
		one = &group{id: id}
		g.groups[id] = one
		g.order = append(g.order, one)
	}
	return one
}

func (g *Grouper) saw(t time.Time) {
	if t.After(g.end) {
		g.end = t
	}
}

// Ended is when the attempt ended for its sender.
func (a *Attempt) Ended() time.Time {
	return a.Start.Add(time.Duration(a.MS.Total * float64(time.Millisecond)))
}

// Deliveries gives what the records so far come to, in the order in which the deliveries first appeared.
func (g *Grouper) Deliveries(settle Settle) []Delivery {
	all := make([]Delivery, len(g.order))
	for i, one := range g.order {
		all[i] = g.delivery(one, settle)
	}
	return all
}

func (g *Grouper) delivery(one *group, settle Settle) Delivery {
	d := Delivery{ID: one.id, Attempts: one.attempts}
	slices.SortStableFunc(d.Attempts, func(a, b *Attempt) int {
		return cmp.Or(cmp.Compare(a.Attempt, b.Attempt), a.Start.Compare(b.Start))
	})
	for _, o := range one.opened {
		if g.open[o.ID] == o {
			d.Unfinished = append(d.Unfinished, o)
		}
	}
	if len(d.Attempts) > 0 {
		first := d.Attempts[0]
		d.Key, d.Endpoint, d.Host = first.Key, first.Endpoint, first.Host
	} else {
		first := one.opened[0]
		d.Key, d.Endpoint, d.Host = first.Key, first.Endpoint, first.Host
	}
	d.flag()
	d.judge(settle, g.end)
	return d
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
	d.Judge(settle.Ended || settle.Silence > 0 && end.Sub(last) >= settle.Silence)
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

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
