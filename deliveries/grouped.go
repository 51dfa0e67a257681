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
	turns   []uint8 // the bins of all deliveries, in their order; nil: not known yet
}

// Deliveries gives each delivery and what became of it, in the order in which they began, those that began at once by id; as often as it is asked. An error ends
// it. The deliveries are the caller's. Their attempts have no header fields.
func (g *Grouped) Deliveries(settle Settle) iter.Seq2[*Delivery, error] {
	return ahead(g.packed, portionSize, func() maker[packedDelivery, *Delivery] {
		return func(all []packedDelivery, made []*Delivery) ([]*Delivery, error) {
			return g.unpackAll(all, made, new(room), settle)
		}
	})
}

// Lent is Deliveries, but that each of them, and its attempts, is there only until the next is asked for; their texts are there for good. It takes half the time.
func (g *Grouped) Lent(settle Settle) iter.Seq2[*Delivery, error] {
	return Ahead(g, settle, func() func(all, made []*Delivery) []*Delivery {
		return func(all, made []*Delivery) []*Delivery { return append(made, all...) }
	})
}

// Ahead is Lent for what is made of deliveries, many at once, by others than who looks at it. What newMaker gives is called by one of them at a time; it adds what
// it makes of all to made. What it has made before is not needed any more then.
func Ahead[T any](g *Grouped, settle Settle, newMaker func() func(all []*Delivery, made []T) []T) iter.Seq2[T, error] {
	return ahead(g.packed, portionSize, func() maker[packedDelivery, T] {
		var into room
		var unpacked []*Delivery
		next := newMaker()
		return func(all []packedDelivery, made []T) ([]T, error) {
			into.empty()
			var err error
			unpacked, err = g.unpackAll(all, unpacked[:0], &into, settle)
			return next(unpacked, made), err
		}
	})
}

func (g *Grouped) unpackAll(all []packedDelivery, made []*Delivery, into *room, settle Settle) ([]*Delivery, error) {
	for _, one := range all {
		d, err := g.unpack(one, into)
		if err != nil {
			return made, err
		}
		d.UnderWay = slices.ContainsFunc(d.Unfinished, func(o *Open) bool { return slices.Contains(g.newest, o.Run) })
		d.judge(settle, g.End)
		made = append(made, d)
	}
	return made, nil
}

// portionSize is how many deliveries are unpacked together.
const portionSize = 64

// unpack makes a delivery of its records, in the order in which they were read. Who keeps its id, or its key, does not keep all of it.
func (g *Grouped) unpack(packed packedDelivery, into *room) (*Delivery, error) {
	d, key := &into.deliveries.take(1)[0], ""
	d.ID, d.Attempts = strings.Clone(packed.id), into.lists.take(packed.count)[:0]
	attempts, seen := into.attempts.take(packed.count), into.sightings.take(packed.count)[:0]
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
			a := &attempts[len(seen)]
			a.V, a.Event, a.Delivery, a.Start = version, EventAttempt, d.ID, h.start
			c.attempt(a)
			if a.Key != key {
				key = strings.Clone(a.Key)
			}
			a.Key = key
			seen = append(seen, g.sighting(&a.Attempt, int(steps)))
		case packedOpen:
			o := &Open{V: version, Event: EventOpen, Delivery: d.ID, Start: h.start}
			c.open(o)
			o.Key = strings.Clone(o.Key)
			opened = append(opened, o)
		}
		if c.err != nil {
			return nil, c.err
		}
	}
	d.put(seen, opened)
	return d, nil
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
	g.bins, g.turns = nil, nil
	return errors.Join(errs...)
}
