package deliveries

import "slices"

// outlines are what attempts have in common: one host, run, rule, end. Each is held once, and packed as its number.
type outlines struct {
	made    []Attempt // with what is common alone
	numbers map[string]uint64
	recent  [8]uint64 // numbers that were asked for lately: most attempts have one of these
	oldest  int       // of recent, which the next takes the place of
	codec   codec     // packs one
}

// mostOutlines is how many are held. Beyond, attempts are packed as they are.
const mostOutlines = 1 << 12

// of is the number of an attempt's outline, 0 when it has none.
func (o *outlines) of(a *Attempt, symbols *symbols) uint64 {
	for _, number := range o.recent {
		if number > 0 && a.hasOutline(&o.made[number-1]) {
			return number
		}
	}
	o.codec.symbols = symbols
	o.codec.pack()
	o.codec.common(a)
	number := o.numbers[string(o.codec.packed)]
	if number == 0 && len(o.made) < mostOutlines {
		number = o.make(string(o.codec.packed), symbols)
	}
	if number > 0 {
		o.recent[o.oldest] = number
		o.oldest = (o.oldest + 1) % len(o.recent)
	}
	return number
}

// hasOutline reports whether all that common packs is the same of both.
func (a *Attempt) hasOutline(b *Attempt) bool {
	return a.Outcome == b.Outcome && a.Reached == b.Reached && a.End == b.End && a.EndedBy == b.EndedBy && a.Host == b.Host && a.KeyFrom == b.KeyFrom &&
		a.Method == b.Method && a.Run == b.Run && a.Proxy == b.Proxy && a.Counted == b.Counted && a.Placement == b.Placement && a.Phase == b.Phase &&
		a.Scenario == b.Scenario && sameList(a.Rules, b.Rules) && sameList(a.Faults, b.Faults) && sameList(a.LeftAlone, b.LeftAlone)
}

// sameList tells nil from an empty list, as a pack does.
func sameList(a, b []string) bool { return (a == nil) == (b == nil) && slices.Equal(a, b) }

func (o *outlines) make(packed string, symbols *symbols) uint64 {
	if o.numbers == nil {
		o.numbers = make(map[string]uint64)
	}
	a := Attempt{V: version, Event: EventAttempt}
	unpack(symbols, packed).common(&a)
	o.made = append(o.made, a)
	o.numbers[packed] = uint64(len(o.made))
	return o.numbers[packed]
}

// outline packs or unpacks what an attempt has in common with others.
func (c *codec) outline(a *Attempt) {
	number := uint64(0)
	if c.packing {
		number = c.symbols.outlines.of(a, c.symbols)
	}
	c.number(&number)
	switch {
	case number == 0:
		c.common(a)
	case !c.packing:
		delivery, start := a.Delivery, a.Start
		*a = c.symbols.outlines.made[number-1]
		a.Delivery, a.Start = delivery, start
	}
}
