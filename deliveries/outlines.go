package deliveries

// outlines are what attempts have in common: one host, run, rule, end. Each is held once, and packed as its number.
type outlines struct {
	made    []Attempt // with what is common alone
	numbers map[string]uint64
	codec   codec // packs one
}

// mostOutlines is how many are held. Beyond, attempts are packed as they are.
const mostOutlines = 1 << 12

// of is the number of an attempt's outline, 0 when it has none.
func (o *outlines) of(a *Attempt, symbols *symbols) uint64 {
	o.codec.symbols = symbols
	o.codec.pack()
	o.codec.common(a)
	number := o.numbers[string(o.codec.packed)]
	if number == 0 && len(o.made) < mostOutlines {
		number = o.make(string(o.codec.packed), symbols)
	}
	return number
}

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
