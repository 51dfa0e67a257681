package deliveries

import (
	"math/bits"
	"unicode/utf8"
)

// cursor reads JSON text (RFC 8259) strictly, in one pass, as far as it is asked to. What it does not take is not wrong: it fails, and encoding/json is to
// be asked. After a failure it stands at the end of the text, and every read gives the zero value.
type cursor struct {
	text   string
	at     int
	failed bool
	buf    []byte // for texts with escapes
}

func (c *cursor) reset(text string) { c.text, c.at, c.failed = text, 0, false }

func (c *cursor) fail() { c.at, c.failed = len(c.text), true }

// peek is the next byte that is no white space, 0 at the end.
func (c *cursor) peek() byte {
	if c.at < len(c.text) && c.text[c.at] > ' ' {
		return c.text[c.at]
	}
	return c.behindSpace()
}

func (c *cursor) behindSpace() byte {
	for ; c.at < len(c.text); c.at++ {
		switch b := c.text[c.at]; b {
		case ' ', '\t', '\r', '\n':
		default:
			return b
		}
	}
	return 0
}

func (c *cursor) expect(b byte) {
	if c.peek() == b {
		c.at++
	} else {
		c.fail()
	}
}

// begin enters an object or a list, and reports whether anything is in it.
func (c *cursor) begin(open, end byte) bool {
	c.expect(open)
	if !c.failed && c.peek() == end {
		c.at++
		return false
	}
	return !c.failed
}

// more goes on to the next member of an object or a list, and reports whether there is one.
func (c *cursor) more(end byte) bool {
	switch c.peek() {
	case ',':
		c.at++
		return true
	case end:
		c.at++
		return false
	}
	c.fail()
	return false
}

// done reports whether nothing follows, and all was taken.
func (c *cursor) done() bool { return !c.failed && c.peek() == 0 && c.at == len(c.text) }

// null takes a null, if it is the next.
func (c *cursor) null() bool { return c.peek() == 'n' && c.word("null") }

func (c *cursor) bool() bool {
	if c.peek() == 't' {
		return c.word("true")
	}
	c.word("false")
	return false
}

// word takes a literal, or fails.
func (c *cursor) word(word string) bool {
	if len(c.text)-c.at < len(word) || c.text[c.at:c.at+len(word)] != word {
		c.fail()
		return false
	}
	c.at += len(word)
	return true
}

// name takes a member's name, and the colon behind it. It has no escapes.
func (c *cursor) name() string {
	c.expect('"')
	begin := c.at
	c.plain()
	name := c.text[begin:c.at]
	c.expect('"')
	c.expect(':')
	return name
}

// string takes a text. It is a part of the cursor's text unless it has escapes.
func (c *cursor) string() string {
	c.expect('"')
	begin := c.at
	c.plain()
	if c.at < len(c.text) && c.text[c.at] == '"' {
		c.at++
		return c.text[begin : c.at-1]
	}
	return c.unescape(begin)
}

// skipString takes a text without looking at what it says.
func (c *cursor) skipString() {
	c.expect('"')
	for c.at < len(c.text) {
		c.plain()
		switch {
		case c.at == len(c.text):
		case c.text[c.at] == '"':
			c.at++
			return
		case c.text[c.at] == '\\':
			c.escape()
		case c.text[c.at] < ' ':
			c.fail()
		default: // encoding/json puts U+FFFD for what is no UTF-8, and goes on
			c.at++
		}
	}
	c.fail()
}

// plain goes on to the next byte that is not simply a letter of a text: a quotation mark, a backslash, a control character, or one beyond ASCII.
func (c *cursor) plain() {
	const (
		ones  = 0x0101010101010101
		highs = 0x80 * ones
	)
	text, at := c.text, c.at
	for ; at+8 <= len(text); at += 8 {
		p := text[at : at+8]
		w := uint64(p[0]) | uint64(p[1])<<8 | uint64(p[2])<<16 | uint64(p[3])<<24 |
			uint64(p[4])<<32 | uint64(p[5])<<40 | uint64(p[6])<<48 | uint64(p[7])<<56
		quote, slash := w^('"'*ones), w^('\\'*ones)
		// The lowest high bit that is set is right; those above it may be wrong by a borrow.
		special := (w | (w - ' '*ones) | (quote - ones) | (slash - ones)) & highs
		if special != 0 {
			c.at = at + bits.TrailingZeros64(special)/8
			return
		}
	}
	for ; at < len(text); at++ {
		if b := text[at]; b < ' ' || b == '"' || b == '\\' || b >= utf8.RuneSelf {
			break
		}
	}
	c.at = at
}
