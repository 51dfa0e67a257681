package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/faultline/faultline/schema"
)

// What is more than any scenario needs, and would take long to read: a decoder's work grows with the square of some of it.
const (
	maxDepth = 32     // tables and lists in each other, dotted keys included
	maxPath  = 1000   // bytes of a key with all the tables it stands in
	maxKeys  = 20_000 // keys and list elements
)

// lineIndex finds out where in a TOML text each key and value stands, which the decoder does not tell. It reads any text without failing: on one that
// is not TOML what it found is of no use, and the decoder says why.
type lineIndex struct {
	text   string
	at     int
	line   int
	begin  int // of the line
	places map[string]schema.Place
	// lists is how many tables each [[list of tables]] has so far.
	lists map[string]int
	// excess is what there is too much of, and excessAt the line that it begins on; 0: nothing.
	excess   string
	excessAt int
}

// indexLines finds the place of each path.
func indexLines(text string) *lineIndex {
	text = strings.TrimPrefix(text, "\ufeff") // a byte order mark is no part of the first key
	x := &lineIndex{text: text, line: 1, places: make(map[string]schema.Place), lists: make(map[string]int)}
	table := ""
	for x.blank(true); x.at < len(x.text) && x.excessAt == 0; x.blank(true) {
		before := x.at
		if x.text[x.at] == '[' {
			table = x.header()
		} else {
			x.pair(table, 0)
		}
		if x.at == before {
			x.step() // not TOML: go on somehow
		}
	}
	return x
}

// refuse stops the reading.
func (x *lineIndex) refuse(excess string) {
	if x.excessAt == 0 {
		x.excess, x.excessAt = excess, x.line
	}
}

// header reads [table] or [[list]] and returns the path of the table that begins.
func (x *lineIndex) header() string {
	x.at++
	isList := x.accept('[')
	parts := x.keyParts()
	if len(parts) == 0 {
		return ""
	}
	var path string
	if isList {
		last := parts[len(parts)-1]
		list := schema.Join(x.enter("", parts[:len(parts)-1]), last.name)
		x.note(list, last.span)
		path = schema.Index(list, x.lists[list])
		x.lists[list]++
	} else {
		path = x.enter("", parts)
	}
	x.note(path, parts[len(parts)-1].span)
	for x.accept(']') {
	}
	return path
}

// pair reads key = value in a table.
func (x *lineIndex) pair(table string, depth int) {
	parts := x.keyParts()
	path := x.enter(table, parts)
	x.blank(false)
	if x.accept('=') {
		x.blank(false)
		x.value(path, depth+len(parts))
	}
}

// value reads a value, and into it.
func (x *lineIndex) value(path string, depth int) {
	if depth > maxDepth {
		x.refuse(fmt.Sprintf("nested deeper than %d levels", maxDepth))
	}
	if x.at >= len(x.text) || x.excessAt > 0 {
		return
	}
	defer x.noteValue(path, mark{x.at, x.line, x.begin})
	switch x.text[x.at] {
	case '"', '\'':
		x.quoted()
	case '[':
		x.at++
		x.elements(path, depth)
	case '{':
		x.at++
		x.members(path, depth)
	default:
		x.skip(func(c byte) bool { return !strings.ContainsRune(",]}#\n", rune(c)) })
	}
}

func (x *lineIndex) elements(list string, depth int) {
	for i := 0; ; i++ {
		x.blank(true)
		if x.at >= len(x.text) || x.excessAt > 0 || x.accept(']') {
			return
		}
		before := x.at
		x.note(schema.Index(list, i), schema.Span{})
		x.value(schema.Index(list, i), depth+1)
		x.blank(true)
		if !x.accept(',') && x.at == before {
			return
		}
	}
}

func (x *lineIndex) members(table string, depth int) {
	for {
		x.blank(true)
		if x.at >= len(x.text) || x.excessAt > 0 || x.accept('}') {
			return
		}
		before := x.at
		x.pair(table, depth)
		x.blank(true)
		if !x.accept(',') && x.at == before {
			return
		}
	}
}

// keyParts reads a dotted key.
func (x *lineIndex) keyParts() []keyPart {
	var parts []keyPart
	for {
		x.blank(false)
		part, ok := x.keyPart()
		if !ok {
			return parts
		}
		parts = append(parts, part)
		if len(parts) > maxDepth {
			x.refuse(fmt.Sprintf("nested deeper than %d levels", maxDepth))
			return parts
		}
		x.blank(false)
		if !x.accept('.') {
			return parts
		}
	}
}

// keyPart is a part of a dotted key, and where it stands.
type keyPart struct {
	name string
	span schema.Span
}

func (x *lineIndex) keyPart() (part keyPart, ok bool) {
	start := x.at
	defer func() { part.span = x.since(start) }()
	if x.at < len(x.text) && (x.text[x.at] == '"' || x.text[x.at] == '\'') {
		x.quoted()
		return keyPart{name: unquoteKey(x.text[start:x.at])}, true
	}
	x.skip(func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c >= 0x80
	})
	return keyPart{name: x.text[start:x.at]}, x.at > start
}

// unquoteKey is what a quoted key says.
func unquoteKey(text string) string {
	if key, err := strconv.Unquote(text); err == nil && text[0] == '"' {
		return key
	}
	return strings.Trim(text, `'"`)
}

// quoted skips a string of any of the four kinds.
func (x *lineIndex) quoted() {
	quote := x.text[x.at : x.at+1]
	if long := strings.Repeat(quote, 3); strings.HasPrefix(x.text[x.at:], long) {
		quote = long
	}
	x.at += len(quote)
	for x.at < len(x.text) {
		switch {
		case strings.HasPrefix(x.text[x.at:], quote):
			x.at += len(quote)
			for len(quote) == 3 && x.accept(quote[0]) { // a long string may end in one or two quotes of its own
			}
			return
		case x.text[x.at] == '\\' && quote[0] == '"':
			x.step()
			x.step()
		case x.text[x.at] == '\n' && len(quote) == 1:
			return // not closed: not TOML
		default:
			x.step()
		}
	}
}

// blank skips spaces and, when lines is true, ends of lines and comments.
func (x *lineIndex) blank(lines bool) {
	for x.at < len(x.text) {
		switch c := x.text[x.at]; {
		case c == ' ' || c == '\t' || c == '\r':
			x.at++
		case lines && c == '\n':
			x.step()
		case lines && c == '#':
			x.skip(func(c byte) bool { return c != '\n' })
		default:
			return
		}
	}
}

// step goes on by a byte, and counts lines.
func (x *lineIndex) step() {
	if x.at < len(x.text) {
		if x.text[x.at] == '\n' {
			x.line, x.begin = x.line+1, x.at+1
		}
		x.at++
	}
}

func (x *lineIndex) skip(while func(c byte) bool) {
	for x.at < len(x.text) && while(x.text[x.at]) {
		x.at++
	}
}

func (x *lineIndex) accept(c byte) bool {
	if x.at < len(x.text) && x.text[x.at] == c {
		x.at++
		return true
	}
	return false
}
