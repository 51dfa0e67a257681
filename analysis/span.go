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

// without are the joined spans but for those of others, which are joined, too.
func (s spans) without(others spans) (out spans) {
	i := 0
	for _, one := range s {
		for i < len(others) && others[i].to.Before(one.from) {
			i++
		}
		for j := i; j < len(others) && others[j].overlaps(one); j++ {
			if one.from.Before(others[j].from) {
				out = append(out, span{one.from, others[j].from})
			}
			one.from = others[j].to
		}
		if one.from.Before(one.to) {
			out = append(out, one)
		}
	}
	return out
}

// idleSpans are joined spans of which it is asked, often, how long the longest is from a moment on.
type idleSpans struct {
	spans
	longest []time.Duration // of each and those after it
}

func newIdleSpans(s spans) idleSpans {
	all := idleSpans{s, make([]time.Duration, len(s)+1)}
	for i := len(s) - 1; i >= 0; i-- {
		all.longest[i] = max(all.longest[i+1], s[i].to.Sub(s[i].from))
	}
	return all
}

// longestAfter is the longest part that lies after a moment.
func (s idleSpans) longestAfter(at time.Time) time.Duration {
	i, _ := slices.BinarySearchFunc(s.spans, at, func(one span, at time.Time) int { return one.to.Compare(at) })
	if i == len(s.spans) {
		return 0
	}
	return max(s.spans[i].to.Sub(later(s.spans[i].from, at)), s.longest[i+1])
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
