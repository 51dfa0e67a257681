package schema

import (
	"slices"
	"strconv"
	"strings"
)

// wantStatuses is what a set of statuses looks like, for people.
const wantStatuses = `a status such as 503, a class such as "5xx", or a list of them`

// Statuses is a set of HTTP statuses: 200, "5xx", or several. The zero value is empty.
type Statuses struct{ patterns []string }

// Has reports whether status is in the set.
func (s Statuses) Has(status int) bool {
	text := strconv.Itoa(status)
	for _, pattern := range s.patterns {
		if pattern == text || len(text) == 3 && pattern[1:] == "xx" && pattern[0] == text[0] {
			return true
		}
	}
	return false
}

// Empty reports whether no status is in the set.
func (s Statuses) Empty() bool { return len(s.patterns) == 0 }

// Interim reports whether an interim status (1xx) is in the set.
func (s Statuses) Interim() bool {
	return slices.ContainsFunc(s.patterns, func(pattern string) bool { return pattern[0] == '1' })
}

// Covers reports whether every status of the other set is in this one. Of some that are it says no: of a class whose statuses are given one by one.
func (s Statuses) Covers(other Statuses) bool {
	for _, pattern := range other.patterns {
		status, err := strconv.Atoi(pattern)
		if !slices.Contains(s.patterns, pattern) && (err != nil || !s.Has(status)) {
			return false
		}
	}
	return true
}

// String is the set as a file writes it.
func (s Statuses) String() string { return strings.Join(s.patterns, ", ") }

// ParseStatus reads "503" or "5xx".
func ParseStatus(text string) (Statuses, error) {
	n := strings.Replace(text, "xx", "00", 1)
	if len(text) != 3 || !digits(n) || n[0] < '1' || n[0] > '5' {
		return Statuses{}, errNotA("status", text)
	}
	return Statuses{[]string{text}}, nil
}

// readStatuses reads a TOML integer, string, or list of them.
func readStatuses(v Value) (Statuses, bool) {
	elements, isList := v.List()
	if !isList {
		return readStatus(v)
	}
	var all Statuses
	for _, element := range elements {
		part, ok := readStatus(element)
		if !ok {
			return Statuses{}, false
		}
		all.patterns = append(all.patterns, part.patterns...)
	}
	return all, len(all.patterns) > 0
}

func readStatus(v Value) (Statuses, bool) {
	text, isText := v.Raw.(string)
	if n, isNumber := v.Raw.(int64); isNumber {
		text, isText = strconv.FormatInt(n, 10), true
	}
	if !isText {
		return Statuses{}, false
	}
	s, err := ParseStatus(text)
	return s, err == nil
}
