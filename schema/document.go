package schema

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Document is a file on its way from decoded tables to typed places: it knows where each key stands, and collects every problem. Not safe for
// concurrent use.
type Document struct {
	// Name is the file's, as problems show it.
	Name string
	// Places says where each path stands; paths are put together by Join and Index.
	Places map[string]Place

	problems []Problem
}

// Root is the outermost table.
func (d *Document) Root(table map[string]any) Value { return Value{doc: d, Raw: table} }

// Problems are all problems that were found, by line.
func (d *Document) Problems() []Problem {
	SortProblems(d.problems)
	return d.problems
}

// Value is a decoded value and where it stands.
type Value struct {
	doc *Document
	// Path is the value's key from the root: rule[1].when.attempt.
	Path string
	// Raw is what a TOML decoder makes of it: string, int64, float64, bool, time.Time, map[string]any, []any or []map[string]any.
	Raw any
}

// Join is the path of a key in the table at path.
func Join(path, key string) string {
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return !bareKey(r) }) {
		key = strconv.Quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// Index is the path of the i-th element of the list at path.
func Index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

func bareKey(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
}

// Line is the line on which the value stands: its own, else that of what it is part of.
func (v Value) Line() int {
	place, _ := v.place()
	return place.Line
}

// place is where the value stands; own is false when that is only the place of what it is part of, as that of a key which is missing.
func (v Value) place() (place Place, own bool) {
	for path := v.Path; path != ""; path = parent(path) {
		if place, known := v.doc.Places[path]; known {
			return place, path == v.Path
		}
	}
	return Place{}, false
}

func parent(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }

// Key is the value of a key of this table; its Raw is nil when the table does not have it, or when this is no table.
func (v Value) Key(key string) Value {
	table, _ := v.Raw.(map[string]any) // a nil map has no keys
	return Value{doc: v.doc, Path: Join(v.Path, key), Raw: table[key]}
}

// Keys are the keys of this table, sorted; none when it is no table.
func (v Value) Keys() []string {
	table, _ := v.Raw.(map[string]any) // a nil map has no keys
	return slices.Sorted(maps.Keys(table))
}

// List is the elements of a list; ok is false when this is none.
func (v Value) List() (elements []Value, ok bool) {
	switch raw := v.Raw.(type) {
	case []any:
		for i, element := range raw {
			elements = append(elements, Value{doc: v.doc, Path: Index(v.Path, i), Raw: element})
		}
		return elements, true
	case []map[string]any:
		for i, element := range raw {
			elements = append(elements, Value{doc: v.doc, Path: Index(v.Path, i), Raw: element})
		}
		return elements, true
	default:
		return nil, false
	}
}

// Reject reports a problem with this value. want and hint may be "".
func (v Value) Reject(what, want, hint string) {
	v.report(Problem{What: what, Got: v.Text(), Want: want, Hint: hint})
}

// RejectKey reports a problem with the key of this value rather than with the value. want and hint may be "".
func (v Value) RejectKey(key, what, want, hint string) {
	p := v.located(Problem{What: what, Want: want, Hint: hint})
	p.Got = quote(key)
	v.doc.problems = append(v.doc.problems, p)
}

// Complain reports a problem that the value itself does not explain, such as a table that lacks a key.
func (v Value) Complain(what, hint string) { v.report(Problem{What: what, Hint: hint}) }

func (v Value) report(p Problem) { v.doc.problems = append(v.doc.problems, v.located(p)) }

// Note is a problem with this value that is none of the reading: it is not among those of the document.
func (v Value) Note(what, hint string) Problem { return v.located(Problem{What: what, Hint: hint}) }

// located is the problem, at this value: at what was found, or else at the key.
func (v Value) located(p Problem) Problem {
	place, own := v.place()
	p.File, p.Line, p.Key, p.Span = v.doc.Name, place.Line, v.Path, place.Key
	if own && place.Value != (Span{}) && (p.Got != "" || place.Key == (Span{})) {
		p.Span = place.Value
	}
	return p
}

// Sound runs read, and reports whether it found nothing wrong.
func (v Value) Sound(read func()) bool {
	before := len(v.doc.problems)
	read()
	return len(v.doc.problems) == before
}

// shown is how much of a string a problem shows.
const shown = 60

// Text is the value as a problem shows it: strings quoted, tables by their keys, lists by what is in them.
func (v Value) Text() string {
	switch raw := v.Raw.(type) {
	case nil:
		return ""
	case string:
		return quote(raw)
	case time.Time:
		return raw.Format(time.RFC3339Nano)
	case map[string]any:
		return shortened("a table", v.Keys())
	case []any, []map[string]any:
		return v.listText()
	default:
		return fmt.Sprint(raw)
	}
}

func (v Value) listText() string {
	elements, _ := v.List() // it is one
	texts := make([]string, len(elements))
	for i, element := range elements {
		switch element.Raw.(type) {
		case map[string]any, []any, []map[string]any:
			return "a list"
		}
		texts[i] = element.Text()
	}
	if list := "[" + strings.Join(texts, ", ") + "]"; utf8.RuneCountInString(list) <= shown {
		return list
	}
	return "a list"
}

// shortened is a table with its keys, where there are few.
func shortened(table string, keys []string) string {
	switch list := strings.Join(keys, ", "); {
	case len(keys) == 0:
		return "an empty table"
	case utf8.RuneCountInString(list) > shown:
		return table
	default:
		return table + " with " + list
	}
}

func quote(text string) string {
	if utf8.RuneCountInString(text) > shown {
		text = string([]rune(text)[:shown]) + "…"
	}
	return strconv.Quote(text)
}
