package deliveries

import (
	"iter"
	"slices"
	"time"
)

// Spell is when an attempt went on. One of which no end was read has none: End is zero.
type Spell struct {
	Start, End time.Time
	Run        string
	Try        string // as in Attempt

	id     string
	replay bool // faultline made it
}

// Spells gives, of each delivery in the order in which they began, when the sender's own attempts went on, by start: what Deliveries gives of them costs several
// times as much. They are there until the next are asked for. An error ends it.
func (g *Grouped) Spells() iter.Seq2[[]Spell, error] {
	return ahead(g.packed, portionSize, func() maker[packedDelivery, []Spell] {
		var spells []Spell // of many deliveries
		return func(all []packedDelivery, made [][]Spell) ([][]Spell, error) {
			spells = spells[:0]
			for _, one := range all {
				before := len(spells)
				spells = append(spells, g.spells(one.records, spells[before:before])...)
				made = append(made, spells[before:len(spells):len(spells)])
			}
			return made, nil
		}
	})
}

// spells are those of a delivery.
func (g *Grouped) spells(records string, into []Spell) []Spell {
	opened := false
	for c := unpack(nil, records); c.at < len(c.text); {
		var steps, size uint64
		var h packedHead
		c.number(&steps)
		c.number(&size)
		end := c.at + int(size)
		c.head(&h)
		c.symbols = g.symbols[h.worker]
		switch h.kind {
		case packedAttempt:
			into = append(into, c.spell(h.start))
		case packedOpen:
			var o Open
			c.open(&o)
			into, opened = append(into, Spell{Start: h.start, Run: o.Run, id: o.ID}), true
		}
		c.at = end
	}
	slices.SortStableFunc(into, func(a, b Spell) int { return a.Start.Compare(b.Start) })
	if opened {
		into = withoutEnded(into)
	}
	into = slices.DeleteFunc(into, func(one Spell) bool { return one.replay })
	return slices.CompactFunc(into, func(a, b Spell) bool { return a.id != "" && a.id == b.id && a.Run == b.Run }) // a segment and its copy
}

// spell unpacks the beginning of an attempt behind its head.
func (c *codec) spell(start time.Time) Spell {
	var a Attempt
	c.outline(&a)
	c.beginning(&a)
	a.Start = start
	return Spell{Start: start, End: a.Ended(), Run: a.Run, Try: a.Try, id: a.ID, replay: a.Replay != ""}
}

// withoutEnded leaves out those without an end that have one elsewhere.
func withoutEnded(all []Spell) []Spell {
	ended := make(map[string]bool)
	for _, one := range all {
		if !one.End.IsZero() {
			ended[one.id] = true
		}
	}
	return slices.DeleteFunc(all, func(one Spell) bool { return one.End.IsZero() && ended[one.id] })
}
