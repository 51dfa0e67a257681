package receiver

import (
	"encoding/json"
	"strings"
)

// shape follows what may be JSON (RFC 8259) piece by piece, however deeply it is nested and long its strings are, and keeps only the brackets that are open.
type shape struct {
	open    []byte // the brackets that are open
	deepest int
	literal []byte // the number or word under way
	next    expected
	quoted  bool
	escaped bool
	hex     int // digits of \uXXXX that are to come
	broken  bool
}

// expected is what may stand next, outside of strings and literals.
type expected int

const (
	aValue expected = iota
	aValueOrEnd
	aKey
	aKeyOrEnd
	aColon
	aCommaOrEnd
	nothing // the outermost value has ended
)

const (
	maxDepth   = 10_000_000 // what is nested deeper is not called JSON
	maxLiteral = 1 << 20    // so is a longer number
)

func (s *shape) pass(p []byte) {
	for _, c := range p {
		if s.broken {
			return
		}
		s.take(c)
	}
}

func (s *shape) take(c byte) {
	switch {
	case s.hex > 0:
		s.hex--
		s.broken = !strings.ContainsRune("0123456789abcdefABCDEF", rune(c))
	case s.escaped:
		s.escape(c)
	case s.quoted:
		s.escaped, s.quoted = c == '\\', c != '"'
		s.broken = c < ' ' // RFC 8259 7
	case partOfLiteral(c):
		if len(s.literal) == 0 {
			s.value()
		}
		s.literal = append(s.literal, c)
		s.broken = s.broken || len(s.literal) > maxLiteral
	default:
		s.endLiteral()
		s.token(c)
	}
}

func (s *shape) escape(c byte) {
	s.escaped = false
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
	case 'u':
		s.hex = 4
	default:
		s.broken = true
	}
}

// partOfLiteral reports whether a character may stand in a number, true, false or null.
func partOfLiteral(c byte) bool {
	switch c {
	case '+', '-', '.', 'E', 't', 'r', 'u', 'e', 'f', 'a', 'l', 's', 'n':
		return true
	default:
		return c >= '0' && c <= '9'
	}
}

func (s *shape) endLiteral() {
	if len(s.literal) == 0 {
		return
	}
	s.broken = s.broken || !json.Valid(s.literal)
	s.literal = s.literal[:0]
}

// token takes what is neither in a string nor in a literal.
func (s *shape) token(c byte) {
	switch c {
	case ' ', '\t', '\r', '\n':
	case '"':
		s.quoted = true
		if s.next == aKey || s.next == aKeyOrEnd {
			s.next = aColon
			return
		}
		s.value()
	case '{':
		s.begin(c, aKeyOrEnd)
	case '[':
		s.begin(c, aValueOrEnd)
	case '}':
		s.end('{', aKeyOrEnd)
	case ']':
		s.end('[', aValueOrEnd)
	case ',':
		s.separate(aCommaOrEnd, aValue)
		if !s.broken && s.open[len(s.open)-1] == '{' {
			s.next = aKey
		}
	case ':':
		s.separate(aColon, aValue)
	default:
		s.broken = true
	}
}

// value takes a value's beginning, and expects what may stand behind it.
func (s *shape) value() {
	s.broken = s.broken || s.next != aValue && s.next != aValueOrEnd
	s.behindValue()
}

func (s *shape) behindValue() {
	s.next = aCommaOrEnd
	if len(s.open) == 0 {
		s.next = nothing
	}
}

func (s *shape) begin(bracket byte, inside expected) {
	s.value()
	s.open = append(s.open, bracket)
	s.next = inside
	s.deepest = max(s.deepest, len(s.open))
	s.broken = s.broken || len(s.open) > maxDepth
}

func (s *shape) end(bracket byte, empty expected) {
	last := len(s.open) - 1
	if last < 0 || s.open[last] != bracket || s.next != empty && s.next != aCommaOrEnd {
		s.broken = true
		return
	}
	s.open = s.open[:last]
	s.behindValue()
}

func (s *shape) separate(now, then expected) {
	s.broken = s.broken || s.next != now
	s.next = then
}

// whole reports whether what has passed is one JSON value. Nothing passes after it.
func (s *shape) whole() bool {
	s.endLiteral()
	return s.next == nothing && !s.quoted && !s.broken
}
