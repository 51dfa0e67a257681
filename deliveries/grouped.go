package deliveries

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"time"
)

// Grouped is what logs come to: their deliveries, and what each folder holds besides. Close gives its memory and its files free.
type Grouped struct {
	Folders  []*Folder // as the paths were given
	End      time.Time // the last sign of life
	Attempts int       // lines

	Fired map[string]int // attempts at which a rule has fired, by its name

	newest  []string // runs that may still be going on: the newest of each folder
	amends  map[string]*Amend
	symbols []*symbols // of each worker
	bins    []sortedBin
}

// Deliveries gives each delivery and what became of it, in the order in which they began, those that began at once by id; as often as it is asked. An error ends
// it. The deliveries are the caller's. Their attempts have no header fields.
func (g *Grouped) Deliveries(settle Settle) iter.Seq2[*Delivery, error] {
	return ahead(merge(g.bins), portionSize, func(one packedDelivery) (*Delivery, error) {
		d, err := g.unpack(one)
		if err != nil {
			return nil, err
		}
		d.UnderWay = slices.ContainsFunc(d.Unfinished, func(o *Open) bool { return slices.Contains(g.newest, o.Run) })
		d.judge(settle, g.End)
		return d, nil
	})
}

// portionSize is how many deliveries are unpacked together.
const portionSize = 64

// unpack makes a delivery of its records, in the order in which they were read. Who keeps its id, or its key, does not keep all of it.
func (g *Grouped) unpack(packed packedDelivery) (*Delivery, error) {
	id, key := strings.Clone(packed.id), ""
	attempts := make([]parts, 0, packed.count)
	seen := make([]sighting, 0, packed.count)
	var opened []*Open
	for c := unpack(nil, packed.records); c.at < len(c.text); {
		var steps, size uint64
		var h packedHead
		c.number(&steps)
		c.number(&size)
		c.head(&h)
		c.symbols = g.symbols[h.worker]
		switch h.kind {
		case packedAttempt:
			attempts = attempts[:len(attempts)+1]
			a := &attempts[len(attempts)-1]
			a.V, a.Event, a.Delivery, a.Start = version, EventAttempt, id, h.start
			c.attempt(a)
			if a.Key != key {
				key = strings.Clone(a.Key)
			}
			a.Key = key
			seen = append(seen, g.sighting(&a.Attempt, int(steps)))
		case packedOpen:
			o := &Open{V: version, Event: EventOpen, Delivery: id, Start: h.start}
			c.open(o)
			o.Key = strings.Clone(o.Key)
			opened = append(opened, o)
		}
		if c.err != nil {
			return nil, c.err
		}
	}
	return newDelivery(id, seen, opened), nil
}

// sighting applies what was amended of an attempt.
func (g *Grouped) sighting(a *Attempt, steps int) sighting {
	if amend := g.amends[a.ID]; amend != nil {
		amend.apply(a)
	}
	if steps > 0 && g.steady(a.Run) {
		steps = 0
	}
	return sighting{a, steps}
}

// steady reports whether the times of a run's attempts can be compared.
func (g *Grouped) steady(run string) bool {
	for _, f := range g.Folders {
		if t := f.traces.byID[run]; t != nil && !t.clock.steady() {
			return false
		}
	}
	return true
}

// Close gives free what is held. There are no deliveries any more then.
func (g *Grouped) Close() error {
	var errs []error
	for _, b := range g.bins {
		errs = append(errs, b.close())
	}
	g.bins = nil
	return errors.Join(errs...)
}
