package deliveries

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// version is the v of every line. A field is never renamed within it.
const version = 1

// stamp fills in what the Writer knows and its caller need not.
func stamp(record Record, run, proxy string) error {
	switch r := record.(type) {
	case *Attempt:
		r.V, r.Event, r.Run, r.Proxy, r.Seq = version, r.event(), run, proxy, 0
	case *Run:
		r.V, r.Event, r.Run, r.Proxy = version, r.event(), run, proxy
	case *Open:
		r.V, r.Event, r.Run = version, r.event(), run
	case *Amend:
		r.V, r.Event, r.Run = version, r.event(), run
	case *Connect:
		r.V, r.Event, r.Run = version, r.event(), run
	case *Tunnel:
		r.V, r.Event, r.Run = version, r.event(), run
	case *Other:
		r.V, r.Event, r.Run = version, r.event(), run
	case *Gap:
		r.V, r.Event, r.Run = version, r.event(), run
	case *Change:
		r.V, r.Event, r.Run = version, r.event(), run
	default:
		return fmt.Errorf("encode record: unknown type %T", record)
	}
	return nil
}

// Line is the record as it stands in the log, with its newline. What the Writer fills in is as the record has it.
func Line(record Record) ([]byte, error) { return encode(record) }

// encode gives the record's line, with its newline. Lists and header maps are never null, times have a fixed width and are UTC.
func encode(record Record) ([]byte, error) {
	if a, ok := record.(*Attempt); ok {
		return appendAttempt(nil, a)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(normal(record)); err != nil {
		return nil, fmt.Errorf("encode %q record: %w", record.event(), err)
	}
	line := buf.Bytes()
	switch r := record.(type) {
	case *Run:
		line = widen(line, "start", r.Start)
	case *Open:
		line = widen(line, "start", r.Start)
	case *Connect:
		line = widen(line, "start", r.Start)
		if r.Until != nil {
			line = widen(line, "until", *r.Until)
		}
	case *Tunnel:
		line = widen(line, "start", r.Start)
	case *Other:
		line = widen(line, "start", r.Start)
	case *Gap:
		line = widen(widen(line, "start", r.Start), "until", r.Until)
	case *Change:
		line = widen(line, "start", r.Start)
	case *Amend: // has no time
	default:
		return nil, fmt.Errorf("encode record: unknown type %T", record)
	}
	return line, nil
}

// normal is a copy of the record as it stands in the log, and as Read gives it back.
func normal(record Record) Record {
	switch r := record.(type) {
	case *Attempt:
		return normalAttempt(*r)
	case *Run:
		c := *r
		c.Start = wall(c.Start)
		return &c
	case *Open:
		c := *r
		c.Start, c.Rules = wall(c.Start), list(c.Rules)
		return &c
	case *Connect:
		c := *r
		c.Start, c.Rules, c.Faults = wall(c.Start), list(c.Rules), list(c.Faults)
		if c.Until != nil {
			until := wall(*c.Until)
			c.Until = &until
		}
		return &c
	case *Tunnel:
		c := *r
		c.Start, c.MS.Total = wall(c.Start), round(c.MS.Total)
		return &c
	case *Other:
		c := *r
		c.Start = wall(c.Start)
		if c.ByCode == nil {
			c.ByCode = map[string]int{}
		}
		return &c
	case *Gap:
		c := *r
		c.Start, c.Until = wall(c.Start), wall(c.Until)
		return &c
	case *Change:
		c := *r
		c.Start = wall(c.Start)
		return &c
	default: // an amend has nothing to bring into form
		return record
	}
}

func normalAttempt(a Attempt) *Attempt {
	a.Start = wall(a.Start)
	a.MS = Times{round(a.MS.Decide), round(a.MS.Target), round(a.MS.FirstByte), round(a.MS.Total)}
	a.Request.Header = header(a.Request.Header)
	a.Rules, a.Faults = list(a.Rules), list(a.Faults)
	a.Decided = slices.Clone(a.Decided)
	for i := range a.Decided {
		a.Decided[i].MS = roundPrecise(a.Decided[i].MS)
	}
	a.Copies = slices.Clone(a.Copies)
	for i := range a.Copies {
		a.Copies[i].MS = round(a.Copies[i].MS)
	}
	if a.Target != nil {
		target := *a.Target
		target.MS = round(target.MS)
		a.Target = &target
	}
	if a.Answer != nil {
		answer := *a.Answer
		answer.Header = header(answer.Header)
		a.Answer = &answer
	}
	return &a
}

// wall is t in UTC and without its monotonic reading.
func wall(t time.Time) time.Time { return t.Round(0).UTC() }

// round is to the microsecond.
func round(ms float64) float64 { return math.Round(ms*1000) / 1000 }

// roundPrecise is to the nanosecond.
func roundPrecise(ms float64) float64 { return math.Round(ms*1e6) / 1e6 }

func list(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}

// header is h without the fields that have no value: net/http reads a nil value as "leave this field out".
func header(h map[string][]string) map[string][]string {
	full := true
	for _, values := range h {
		full = full && len(values) > 0
	}
	if h != nil && full {
		return h
	}
	sent := make(map[string][]string, len(h))
	for name, values := range h {
		if len(values) > 0 {
			sent[name] = values
		}
	}
	return sent
}

// wideTime is RFC 3339 with all nine digits, so that lines sort.
const wideTime = "2006-01-02T15:04:05.000000000Z07:00"

// appendTime appends a moment as wideTime has it, in UTC. It takes the layout that the time package knows, which is several times as quick.
func appendTime(to []byte, t time.Time) []byte {
	to = wall(t).AppendFormat(to, time.RFC3339)
	to = append(to[:len(to)-len("Z")], ".000000000Z"...)
	for at, n := len(to)-2, t.Nanosecond(); n > 0; at, n = at-1, n/10 {
		to[at] = '0' + byte(n%10)
	}
	return to
}

// widen gives the first field of that name its time in full width. A quotation mark in a value is escaped, so the pattern finds nothing but a name.
func widen(line []byte, name string, t time.Time) []byte {
	pattern := `,"` + name + `":"`
	begin := bytes.Index(line, []byte(pattern)) + len(pattern)
	end := begin + bytes.IndexByte(line[begin:], '"')
	wide := make([]byte, 0, len(line)+len(wideTime))
	wide = append(wide, line[:begin]...)
	wide = appendTime(wide, t)
	return append(wide, line[end:]...)
}

const seqPlace = `,"seq":0`

// seqAt is where an attempt's number is to be put into its line.
func seqAt(line []byte) int { return bytes.Index(line, []byte(seqPlace)) + len(seqPlace) - 1 }

// appendNumbered appends the line with the number in the place of its 0.
func appendNumbered(to, line []byte, at int, seq uint64) []byte {
	to = append(to, line[:at]...)
	to = strconv.AppendUint(to, seq, 10)
	return append(to, line[at+1:]...)
}
