package schema

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// wantRange is what a range looks like, for people.
const wantRange = `a number from 1, a range such as "1-3" or "4-", or a list of them`

// Range is a set of numbers from 1: of attempts, of matches. The zero Range is empty.
type Range struct{ spans []span }

type span struct{ from, to uint64 }

// Has reports whether n is in the range.
func (r Range) Has(n uint64) bool {
	for _, s := range r.spans {
		if s.from <= n && n <= s.to {
			return true
		}
	}
	return false
}

// Covers reports whether every number of the other range is in this one.
func (r Range) Covers(other Range) bool {
	whole := r.Union(Range{})
	for _, o := range other.spans {
		if !slices.ContainsFunc(whole.spans, func(s span) bool { return s.from <= o.from && o.to <= s.to }) {
			return false
		}
	}
	return true
}

// Union is the numbers of both ranges, each run of them as one span.
func (r Range) Union(other Range) Range {
	spans := slices.Concat(r.spans, other.spans)
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var all Range
	for _, s := range spans {
		if last := len(all.spans) - 1; last >= 0 && s.from-1 <= all.spans[last].to { // numbers begin at 1
			all.spans[last].to = max(all.spans[last].to, s.to)
			continue
		}
		all.spans = append(all.spans, s)
	}
	return all
}

// AllNumbers is every number from 1.
func AllNumbers() Range { return Range{[]span{{1, math.MaxUint64}}} }

// Least is the smallest number in the range; 0 of an empty one.
func (r Range) Least() uint64 {
	least := uint64(0)
	for _, s := range r.spans {
		if least == 0 || s.from < least {
			least = s.from
		}
	}
	return least
}

// Empty reports whether no number is in the range: it was not given.
func (r Range) Empty() bool { return len(r.spans) == 0 }

// String is the range as a file writes it.
func (r Range) String() string {
	parts := make([]string, len(r.spans))
	for i, s := range r.spans {
		parts[i] = s.String()
	}
	return strings.Join(parts, ", ")
}

func (s span) String() string {
	from := strconv.FormatUint(s.from, 10)
	switch s.to {
	case s.from:
		return from
	case math.MaxUint64:
		return from + "-"
	default:
		return from + "-" + strconv.FormatUint(s.to, 10)
	}
}

// ParseRange reads "3", "1-3" or "4-".
func ParseRange(text string) (Range, error) {
	first, last, isSpan := strings.Cut(text, "-")
	from, ok := ordinal(first)
	if !ok {
		return Range{}, errNotA("range", text)
	}
	to := from
	if isSpan {
		if to, ok = ordinal(last); last == "" {
			to, ok = math.MaxUint64, true
		}
	}
	if !ok || to < from {
		return Range{}, errNotA("range", text)
	}
	return Range{[]span{{from, to}}}, nil
}

// ordinal reads a number from 1.
func ordinal(text string) (uint64, bool) {
	n, err := strconv.ParseUint(text, 10, 63)
	return n, err == nil && n > 0 && digits(text)
}

// readRange reads a TOML integer, string, or list of them.
func readRange(v Value) (Range, bool) {
	elements, isList := v.List()
	if !isList {
		return readSpan(v)
	}
	var all Range
	for _, element := range elements {
		part, ok := readSpan(element)
		if !ok {
			return Range{}, false
		}
		all.spans = append(all.spans, part.spans...)
	}
	return all, len(all.spans) > 0
}

func readSpan(v Value) (Range, bool) {
	switch raw := v.Raw.(type) {
	case int64:
		return Range{[]span{{uint64(raw), uint64(raw)}}}, raw > 0
	case string:
		r, err := ParseRange(raw)
		return r, err == nil
	default:
		return Range{}, false
	}
}
