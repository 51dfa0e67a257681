package deliveries

import "slices"

// Grouper puts attempts together to deliveries, whole as they are. The zero value is ready. Not safe for concurrent use. What it holds grows with the log:
// Group reads logs of any size.
type Grouper struct {
	groups   map[string]*group
	order    []*group // by first appearance
	attempts map[string]*Attempt
	traces   traces
}

type group struct {
	id     string
	seen   []sighting
	opened []*Open
}

// Add takes the next record of a log. It keeps records, and changes attempts that are amended.
func (g *Grouper) Add(record Record) {
	g.traces.saw(record)
	switch r := record.(type) {
	case *Attempt:
		g.attempt(r)
	case *Open:
		one := g.group(r.Delivery)
		one.opened = append(one.opened, r)
	case *Amend:
		if a := g.attempts[r.ID]; a != nil {
			r.apply(a)
		}
	case *Run, *Connect, *Tunnel, *Other, *Gap, *Change: // nothing of a delivery
	}
}

func (g *Grouper) attempt(a *Attempt) {
	if g.attempts == nil {
		g.attempts = make(map[string]*Attempt)
	}
	g.attempts[a.ID] = a
	one := g.group(a.Delivery)
	one.seen = append(one.seen, sighting{a, g.traces.of(a.Run).attempt(a.sign())})
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

// Deliveries gives what the records so far come to, in the order in which the deliveries first appeared.
func (g *Grouper) Deliveries(settle Settle) []Delivery {
	all := make([]Delivery, len(g.order))
	end, newest := g.traces.end(), g.traces.newest()
	for i, one := range g.order {
		d := &all[i]
		g.put(one, d)
		d.UnderWay = slices.ContainsFunc(d.Unfinished, func(o *Open) bool { return o.Run == newest })
		d.judge(settle, end)
	}
	return all
}

func (g *Grouper) put(one *group, into *Delivery) {
	seen := slices.Clone(one.seen)
	for i := range seen {
		if g.traces.steady(seen[i].Run) {
			seen[i].steps = 0
		}
	}
	into.ID, into.Attempts = one.id, make([]*Attempt, 0, len(seen))
	into.put(seen, slices.Clone(one.opened))
}

// apply corrects the attempt.
func (r *Amend) apply(a *Attempt) { a.Outcome, a.End, a.EndedBy = r.Outcome, r.End, r.EndedBy }
