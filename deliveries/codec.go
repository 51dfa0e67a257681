package deliveries

import (
	"encoding/binary"
	"math"
	"time"
)

// codec packs values into a buffer, or unpacks them from a text. Which values these are is written once, and goes both ways. Unpacked texts are parts of
// the text, or symbols. It trusts what it unpacks: nothing comes that it has not packed.
type codec struct {
	symbols *symbols
	packing bool
	packed  []byte // while packing
	text    string // while unpacking
	at      int
	err     error
}

// pack begins a record.
func (c *codec) pack() {
	*c = codec{symbols: c.symbols, packing: true, packed: c.packed[:0]}
	if c.symbols != nil {
		c.symbols.place = 0
	}
}

// unpack begins with a record, or with several of them.
func unpack(symbols *symbols, text string) *codec { return &codec{symbols: symbols, text: text} }

func (c *codec) byte(b *byte) {
	if c.packing {
		c.packed = append(c.packed, *b)
		return
	}
	*b = c.text[c.at]
	c.at++
}

// number packs an integer in as few bytes as it takes.
func (c *codec) number(n *uint64) {
	if c.packing {
		c.packed = binary.AppendUvarint(c.packed, *n)
		return
	}
	if first := c.text[c.at]; first < 0x80 {
		*n = uint64(first)
		c.at++
		return
	}
	*n = 0
	for shift := 0; ; shift += 7 {
		b := c.text[c.at]
		c.at++
		*n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return
		}
	}
}

// int64 is a number whose sign stands in its lowest bit.
func (c *codec) int64(n *int64) {
	zigzag := uint64(*n)<<1 ^ uint64(*n>>63)
	c.number(&zigzag)
	*n = int64(zigzag>>1) ^ -int64(zigzag&1)
}

func (c *codec) int(n *int) {
	wide := int64(*n)
	c.int64(&wide)
	*n = int(wide)
}

func (c *codec) bool(is *bool) {
	b := byte(0)
	if *is {
		b = 1
	}
	c.byte(&b)
	*is = b == 1
}

// has tells whether a part is there that may be missing.
func (c *codec) has(it bool) bool {
	c.bool(&it)
	return it
}

// ms is a number of milliseconds, packed in microseconds where it has no smaller parts.
func (c *codec) ms(ms *float64) {
	micros := uint64(max(0, math.Round(*ms*1000)))
	if !c.has(float64(micros)/1000 == *ms) {
		bits := math.Float64bits(*ms)
		c.number(&bits)
		*ms = math.Float64frombits(bits)
		return
	}
	c.number(&micros)
	*ms = float64(micros) / 1000
}

func (c *codec) time(t *time.Time) {
	seconds, nanos := t.Unix(), t.Nanosecond()
	c.int64(&seconds)
	c.int(&nanos)
	*t = time.Unix(seconds, int64(nanos)).UTC()
}

// string is a text that is a record's own.
func (c *codec) string(s *string) {
	size := uint64(len(*s))
	c.number(&size)
	if c.packing {
		c.packed = append(c.packed, *s...)
		return
	}
	*s = c.text[c.at : c.at+int(size)]
	c.at += int(size)
}

// symbol is a text that others are likely to have, too.
func symbol[T ~string](c *codec, s *T) {
	number := uint64(0)
	if c.packing {
		number = c.symbols.next(string(*s))
	}
	c.number(&number)
	switch {
	case number == 0:
		own := string(*s)
		c.string(&own)
		*s = T(own)
	case !c.packing:
		*s = T(c.symbols.texts[number-1])
	}
}

func (c *codec) list(list *[]string) {
	for i := range size(c, list) {
		symbol(c, &(*list)[i])
	}
}

// size packs how long a list is, or unpacks it and makes one of that length; nil stays nil.
func size[T any](c *codec, list *[]T) int {
	n := len(*list)
	if *list == nil {
		n = -1
	}
	c.int(&n)
	if !c.packing && n >= 0 {
		*list = make([]T, n)
	}
	return max(0, n)
}
