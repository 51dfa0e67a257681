package console

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// filter is what a list's query asks for.
type filter struct {
	state  string    // "": any
	host   string    // "": any
	since  time.Time // zero: however old
	limit  int       // of what one answer has
	cursor uint64    // where an earlier answer has ended; 0: from the beginning
}

const (
	defaultLimit = 100
	maxLimit     = 1_000
)

// readFilter reads a query; the error says what is allowed. The states are those that the list knows.
func readFilter(query string, states []string, now time.Time) (filter, error) {
	f := filter{limit: defaultLimit}
	values, err := url.ParseQuery(query)
	if err != nil {
		return f, fmt.Errorf("query %q: %w", query, err)
	}
	read := map[string]func(string) error{
		"state":  func(text string) error { return f.readState(text, states) },
		"host":   f.readHost,
		"since":  func(text string) error { return f.readSince(text, now) },
		"limit":  f.readLimit,
		"cursor": f.readCursor,
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if read[name] == nil {
			return f, fmt.Errorf("unknown parameter %q, want state, host, since, limit or cursor", name)
		}
		if len(values[name]) > 1 {
			return f, fmt.Errorf("%s is given %d times, want it once", name, len(values[name]))
		}
		if err := read[name](values[name][0]); err != nil {
			return f, err
		}
	}
	return f, nil
}

func (f *filter) readState(text string, states []string) error {
	if !slices.Contains(states, text) {
		return fmt.Errorf("state %q, want one of %s", text, strings.Join(states, ", "))
	}
	f.state = text
	return nil
}

func (f *filter) readHost(text string) error {
	if text == "" {
		return fmt.Errorf("host %q, want a name or an address, with a port or for any port", text)
	}
	f.host = strings.ToLower(text)
	return nil
}

func (f *filter) readSince(text string, now time.Time) error {
	// An offset's + is a space in a query that was not escaped.
	if t, err := time.Parse(time.RFC3339, strings.ReplaceAll(text, " ", "+")); err == nil {
		f.since = t
		return nil
	}
	ago, err := time.ParseDuration(text)
	if err != nil || ago < 0 {
		return fmt.Errorf("since %q, want a time such as 2026-11-24T02:00:00Z or a duration such as 5m", text)
	}
	f.since = now.Add(-ago)
	return nil
}

func (f *filter) readLimit(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		return fmt.Errorf("limit %q, want a number from 1 to %d", text, maxLimit)
	}
	f.limit = n
	return nil
}

func (f *filter) readCursor(text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n == 0 {
		return fmt.Errorf("cursor %q, want the next of an earlier answer", text)
	}
	f.cursor = n
	return nil
}

// before reports whether a list that goes on at the cursor has not come to this position yet.
func (f *filter) before(position uint64) bool { return f.cursor == 0 || position < f.cursor }

// ofHost reports whether a host, as records have it, is the one that is asked for. One asked for without a port is any port's.
func (f *filter) ofHost(host string) bool {
	return f.host == "" || f.host == host || f.host == hostOf(host)
}
