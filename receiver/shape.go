package receiver

import "encoding/json"

// shape follows what may be JSON through its brackets, strings and literals, however deeply it is nested, without taking its values apart: where commas and
// colons stand it does not look.
type shape struct {
	open    []byte // the brackets that are open
	deepest int
	literal []byte // the number or word under way
	quoted  bool
	escaped bool
	over    bool // the outermost value has ended
	broken  bool // it is no JSON
}

const (
	maxDepth   = 10_000_000 // what is nested deeper is not called JSON
	maxLiteral = 4096       // so is a longer number
)

func (s *shape) pass(p []byte) {
	for _, c := range p {
		if s.broken {
			return
		}
		s.next(c)
	}
}

func (s *shape) next(c byte) {
	switch {
	case s.escaped:
		s.escaped = false
	case s.quoted:
		s.inString(c)
	case partOfLiteral(c):
		s.literal = append(s.literal, c)
		s.broken = s.over || len(s.literal) > maxLiteral
	default:
		s.endLiteral()
		s.token(c)
	}
}

func (s *shape) inString(c byte) {
	s.escaped, s.quoted = c == '\\', c != '"'
	s.broken = c < ' ' // RFC 8259 7
	s.over = !s.quoted && len(s.open) == 0
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
	s.literal, s.over = s.literal[:0], len(s.open) == 0
}

// token takes what is neither in a string nor in a literal.
func (s *shape) token(c byte) {
	switch c {
	case ' ', '\t', '\r', '\n':
	case '"':
		s.quoted, s.broken = true, s.broken || s.over
	case '{', '[':
		s.open = append(s.open, c)
		s.deepest = max(s.deepest, len(s.open))
		s.broken = s.broken || s.over || len(s.open) > maxDepth
	case '}', ']':
		last := len(s.open) - 1
		if last < 0 || s.open[last] != c-2 { // in ASCII a bracket closes the one two before it
			s.broken = true
			return
		}
		s.open, s.over = s.open[:last], last == 0
	case ',', ':':
		s.broken = s.broken || len(s.open) == 0
	default:
		s.broken = true
	}
}

// whole reports whether what has passed reads as one JSON value. Nothing passes after it.
func (s *shape) whole() bool {
	s.endLiteral()
	return s.over && !s.broken
}
