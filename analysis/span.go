package analysis

import (
	"slices"
	"strings"
	"time"
)

// span is a time from one moment to another, both included.
type span struct{ from, to time.Time }

func (s span) overlaps(o span) bool { return !s.to.Before(o.from) && !o.to.Before(s.from) }

// spans are sorted by their beginnings. What joined gives is disjoint, too.
type spans []span

// joined are the same moments in as few spans as possible.
func (s spans) joined() spans {
	slices.SortFunc(s, func(a, b span) int { return a.from.Compare(b.from) })
	var out spans
	for _, one := range s {
		if n := len(out); n > 0 && !out[n-1].to.Before(one.from) {
			out[n-1].to = later(out[n-1].to, one.to)
			continue
		}
		out = append(out, one)
	}
	return out
}

// meet reports whether any of the joined spans has a moment in common with o.
func (s spans) meet(o span) bool {
	i, _ := slices.BinarySearchFunc(s, o.from, func(one span, from time.Time) int { return one.to.Compare(from) })
	return i < len(s) && s[i].overlaps(o)
}

// cover reports whether one of the joined spans holds all of o.
func (s spans) cover(o span) bool {
	i, _ := slices.BinarySearchFunc(s, o.from, func(one span, from time.Time) int { return one.to.Compare(from) })
	return i < len(s) && !o.from.Before(s[i].from) && !s[i].to.Before(o.to)
}

// longestAfter is the longest stretch of the joined spans that lies after a moment.
func (s spans) longestAfter(at time.Time) time.Duration {
	longest := time.Duration(0)
	for _, one := range s {
		longest = max(longest, one.to.Sub(later(one.from, at)))
	}
	return longest
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// hostOfConnect is the host of a CONNECT as attempts write it: a CONNECT names the port always, an attempt only one that is not its scheme's own.
func hostOfConnect(address string) string {
	for _, own := range [...]string{":443", ":80"} {
		if host, is := strings.CutSuffix(address, own); is {
			return host
		}
	}
	return address
}

// since1970 is a moment as a number, which is compared faster; moment is the way back. Both hold until 2262.
func since1970(t time.Time) time.Duration { return time.Duration(t.UnixNano()) }

func moment(since time.Duration) time.Time { return time.Unix(0, int64(since)).UTC() }
