package scenario

import (
	"fmt"
	"strings"

	"github.com/faultline/faultline/schema"
)

// enter is the path of a key below a table; of a list of tables it is the newest one. All tables on the way are noted.
func (x *lineIndex) enter(table string, parts []keyPart) string {
	for _, part := range parts {
		table = schema.Join(table, part.name)
		x.note(table, part.span)
		if n := x.lists[table]; n > 0 {
			table = schema.Index(table, n-1)
		}
	}
	return table
}

// note remembers where a path comes first, and its key; an element of a list has none.
func (x *lineIndex) note(path string, key schema.Span) {
	switch _, known := x.places[path]; {
	case known:
	case len(path) > maxPath:
		x.refuse(fmt.Sprintf("a key of more than %d bytes", maxPath))
	case len(x.places) == maxKeys:
		x.refuse(fmt.Sprintf("more than %d keys", maxKeys))
	default:
		x.places[path] = schema.Place{Line: x.line, Key: key}
	}
}

// mark is a place to come back to: a byte of the text, its line, and where that begins.
type mark struct{ at, line, begin int }

// noteValue remembers the value that was read from a mark on. Of one of several lines the first is its place.
func (x *lineIndex) noteValue(path string, from mark) {
	place, known := x.places[path]
	if !known || place.Line != from.line || place.Value != (schema.Span{}) {
		return
	}
	first, _, _ := strings.Cut(x.text[from.at:x.at], "\n")
	place.Value = schema.Span{Column: from.at - from.begin + 1, Width: len(strings.TrimRight(first, " \t\r"))}
	x.places[path] = place
}

// since is what was read of this line from start on.
func (x *lineIndex) since(start int) schema.Span {
	return schema.Span{Column: start - x.begin + 1, Width: x.at - start}
}
