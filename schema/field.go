// Package schema says what a key of a TOML file is: its name, its type, its default, how its value is read, and what is said when it is wrong.
// It is the leaf that faults and scenario share, below every stage of an attempt.
//
// Its promise: one declaration serves decoding, error texts and docs; reading a table reports every problem in it, by line, never only the first.
//
//	var delay time.Duration
//	fields := []schema.Field{schema.Duration(&delay, "delay", "how long the attempt is held back").Needed()}
//	table.Read(fields...)
package schema

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Field binds a key of a table to a place in Go, in the manner of package flag. What the place holds when the Field is made is the default.
type Field struct {
	Key      string
	Type     string // "duration", "string", "list of strings", …
	Default  string // as a file would write it; "" when there is none
	Doc      string
	Allowed  string // what values are allowed, for people: it follows "want" in a problem
	Required bool
	Fields   []Field // the keys of a table

	read  func(Value)
	shape Shape // nil: that of the type
}

// Needed is the field, required.
func (f Field) Needed() Field {
	f.Required = true
	return f
}

// With is the field of a table, with the keys of it: for docs and hints, what reads them is the field's own affair.
func (f Field) With(fields ...Field) Field {
	f.Fields = fields
	return f
}

// Then is the field, with something that is done after a value was read into its place without a problem.
func (f Field) Then(do func()) Field { return f.Checked(func(Value) { do() }) }

// Checked is the field, with a check after a value was read into its place without a problem; check reports what it finds at the value.
func (f Field) Checked(check func(Value)) Field {
	read := f.read
	f.read = func(v Value) {
		if v.Sound(func() { read(v) }) {
			check(v)
		}
	}
	return f
}

// wanted is what is allowed, for people.
func (f Field) wanted() string {
	if f.Allowed == "" {
		return article(f.Type)
	}
	return f.Allowed
}

// Read reads a value of the field alone, outside of its table.
func (f Field) Read(v Value) { f.read(v) }

// Func is a field that read reads in a way of its own; read reports its problems by v.Reject.
func Func(key, kind, allowed, doc string, read func(v Value)) Field {
	return Field{Key: key, Type: kind, Allowed: allowed, Doc: doc, read: read}
}

// scalar is a field whose value either can be read or cannot.
func scalar[T any](to *T, key, kind, allowed, def, doc string, read func(Value) (T, bool)) Field {
	return Field{Key: key, Type: kind, Allowed: allowed, Default: def, Doc: doc, read: func(v Value) {
		value, ok := read(v)
		if !ok {
			v.Reject(unfit(v.Raw, kind, allowed), allowed, "")
			return
		}
		*to = value
	}}
}

// unfit is what is wrong with a value: its kind, or else its range.
func unfit(raw any, kind, allowed string) string {
	_, whole := raw.(int64)
	_, decimal := raw.(float64)
	switch {
	case kind != "number" || !whole && !decimal:
		return "not " + article(kind)
	case decimal && strings.HasPrefix(allowed, "a whole number"):
		return "not a whole number"
	default:
		return "out of range"
	}
}

func article(kind string) string {
	if strings.ContainsRune("aeio", rune(kind[0])) {
		return "an " + kind
	}
	return "a " + kind
}

// ofText is a reader of strings.
func ofText[T any](parse func(string) (T, error)) func(Value) (T, bool) {
	return func(v Value) (T, bool) {
		text, isText := v.Raw.(string)
		value, err := parse(text)
		return value, isText && err == nil
	}
}

// String is a field of any text.
func String(to *string, key, doc string) Field {
	def := ""
	if *to != "" {
		def = strconv.Quote(*to)
	}
	return scalar(to, key, "string", "a string", def, doc, func(v Value) (string, bool) {
		text, ok := v.Raw.(string)
		return text, ok
	})
}

// Bool is a field of true or false.
func Bool(to *bool, key, doc string) Field {
	return scalar(to, key, "boolean", "true or false", strconv.FormatBool(*to), doc, func(v Value) (bool, bool) {
		b, ok := v.Raw.(bool)
		return b, ok
	})
}

// Int is a field of a whole number from least to most.
func Int(to *int, key string, least, most int, doc string) Field {
	allowed := "a whole number from " + strconv.Itoa(least)
	if most < math.MaxInt {
		allowed += " to " + strconv.Itoa(most)
	}
	def := ""
	if *to != 0 {
		def = strconv.Itoa(*to)
	}
	shape := Whole(least)
	if most < math.MaxInt {
		shape["maximum"] = most
	}
	return scalar(to, key, "number", allowed, def, doc, func(v Value) (int, bool) {
		n, ok := v.Raw.(int64)
		return int(n), ok && n >= int64(least) && n <= int64(most)
	}).Shaped(shape)
}

// Number is a field of a decimal number, at least least.
func Number(to *float64, key string, least float64, doc string) Field {
	return scalar(to, key, "number", "a number from "+strconv.FormatFloat(least, 'f', -1, 64), "", doc, func(v Value) (float64, bool) {
		n, ok := number(v)
		return n, ok && n >= least && !math.IsInf(n, 1)
	}).Shaped(Shape{"type": "number", "minimum": least})
}

func number(v Value) (float64, bool) {
	if n, whole := v.Raw.(int64); whole {
		return float64(n), true
	}
	n, ok := v.Raw.(float64)
	return n, ok && !math.IsNaN(n)
}

// Duration is a field of a duration.
func Duration(to *time.Duration, key, doc string) Field {
	def := ""
	if *to != 0 {
		def = strconv.Quote(FormatDuration(*to))
	}
	return scalar(to, key, "duration", wantDuration, def, doc, ofText(ParseDuration))
}

// Size is a field of a number of bytes.
func Size(to *int64, key, doc string) Field {
	def := ""
	if *to != 0 {
		def = strconv.Quote(FormatSize(*to))
	}
	return scalar(to, key, "size", wantSize, def, doc, func(v Value) (int64, bool) {
		if n, ok := v.Raw.(int64); ok {
			return n, n >= 0
		}
		return ofText(ParseSize)(v)
	})
}

// Share is a field of a share from 0 to 1.
func Share(to *float64, key, doc string) Field {
	def := ""
	if *to != 0 {
		def = strconv.Quote(FormatShare(*to))
	}
	return scalar(to, key, "share", wantShare, def, doc, readShare)
}

func readShare(v Value) (float64, bool) {
	if n, ok := number(v); ok {
		return n, n >= 0 && n <= 1
	}
	return ofText(ParseShare)(v)
}

// Numbers is a field of a Range.
func Numbers(to *Range, key, doc string) Field {
	return scalar(to, key, "range", wantRange, "", doc, readRange)
}

// StatusSet is a field of Statuses.
func StatusSet(to *Statuses, key, doc string) Field {
	def := ""
	if len(to.patterns) > 0 {
		def = strconv.Quote(to.String())
	}
	return scalar(to, key, "status", wantStatuses, def, doc, readStatuses)
}

// Age is a field of a comparison of durations.
func Age(to *Comparison, key, doc string) Field {
	return scalar(to, key, "comparison", `a comparison such as "<2m" or ">=10s"`, "", doc, ofText(ParseAge))
}

// Strings is a field of a list of strings; a single string is a list of one.
func Strings(to *[]string, key, doc string) Field {
	return scalar(to, key, "list of strings", "a string or a list of strings", quoted(*to), doc, ReadStrings)
}

// ReadStrings reads a string, or a list of strings that is not empty.
func ReadStrings(v Value) ([]string, bool) {
	if text, ok := v.Raw.(string); ok {
		return []string{text}, true
	}
	elements, isList := v.List()
	texts := make([]string, len(elements))
	for i, element := range elements {
		text, ok := element.Raw.(string)
		if !ok {
			return nil, false
		}
		texts[i] = text
	}
	return texts, isList && len(texts) > 0
}

// Enum is a field of one of several words.
func Enum[T ~string](to *T, key, doc string, words ...T) Field {
	names := make([]string, len(words))
	for i, word := range words {
		names[i] = string(word)
	}
	def := ""
	if *to != "" {
		def = strconv.Quote(string(*to))
	}
	allowed := oneOf(names)
	return Field{Key: key, Type: "word", Allowed: allowed, Default: def, Doc: doc, shape: Words(words...), read: func(v Value) {
		text, isText := v.Raw.(string)
		if !isText || !slices.Contains(names, text) {
			v.Reject("unknown value", allowed, meant(Closest(text, names)))
			return
		}
		*to = T(text)
	}}
}

// Table is a field of a table with keys of its own.
func Table(key, doc string, fields ...Field) Field {
	return Field{Key: key, Type: "table", Allowed: "a table", Doc: doc, Fields: fields, read: func(v Value) { v.Read(fields...) }}
}

func quoted(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	parts := make([]string, len(texts))
	for i, text := range texts {
		parts[i] = strconv.Quote(text)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
