package analysis

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"
)

// stripChart are the deliveries that are drawn one by one, on one axis of time since the first attempt of each.
type stripChart struct {
	Says, Left string
	Columns    []tick
	Groups     []drawnGroup
	Key        []entry
}

// drawnGroup is a group of deliveries with what is left out of it.
type drawnGroup struct {
	Name  string
	Rows  []drawnStrip
	Shown int
	All   string
}

// drawnStrip is one delivery.
type drawnStrip struct {
	Key, Title string // Title is the whole of what Key may be too short for
	Tail       string // how many attempts there were, and how the last one ended
	Notes      string
	Marks      []drawnMark
}

// drawnMark is an attempt: its form stands at its end, a bar leads there from its start.
type drawnMark struct{ X, W, End, Class, Title string }

// sinceScale is an axis of times since a moment, which stand the closer the later they are.
type sinceScale struct{ unit, most time.Duration }

func (s sinceScale) at(d time.Duration) float64 {
	return math.Log1p(float64(d)/float64(s.unit)) / math.Log1p(float64(s.most)/float64(s.unit))
}

// ticks are usual times that stand clear of each other, and 0.
func (s sinceScale) ticks() []tick {
	const clear = 0.12
	at, times := []float64{0}, []time.Duration{0}
	usual := usualTimes()
	last := 1.0 + clear/2
	for i := len(usual) - 1; i >= 0; i-- {
		if x := s.at(usual[i]); usual[i] <= s.most && x < last-clear && x > clear {
			at, times, last = append(at, x), append(times, usual[i]), x
		}
	}
	return ticksAlong(at, func(i int) string {
		if times[i] == 0 {
			return "0"
		}
		return "+" + period(times[i])
	})
}

// chart draws them.
func (s *strips) chart() stripChart {
	chosen := s.chosen()
	scale := scaleOf(chosen[:])
	c := stripChart{Columns: scale.ticks(), Says: s.says(), Key: formsOf(chosen[:])}
	drawn := 0
	for i, name := range groupNames() {
		if len(chosen[i]) == 0 {
			continue
		}
		g := drawnGroup{Name: name, Shown: len(chosen[i]), All: thousands(s[i].all)}
		for _, one := range chosen[i] {
			g.Rows = append(g.Rows, one.drawn(scale))
		}
		drawn += g.Shown
		c.Groups = append(c.Groups, g)
	}
	c.Left = s.left(drawn, chosen[:])
	return c
}

// left is what was not drawn.
func (s *strips) left(drawn int, groups [][]strip) string {
	text := ""
	if all := s.sum(); drawn < all {
		text = fmt.Sprintf("%s of %s are drawn, of each group those with most attempts", thousands(drawn), manyOf(all, "delivery"))
	}
	for _, g := range groups {
		for _, one := range g {
			if one.tries > len(one.marks) {
				return joined(text, fmt.Sprintf("where there are more than %d attempts, the first of them and the last", mostMarks))
			}
		}
	}
	return text
}

// scaleOf holds all marks, and shows what lies between the first attempts.
func scaleOf(groups [][]strip) sinceScale {
	s := sinceScale{unit: time.Hour, most: time.Millisecond}
	for _, g := range groups {
		for _, one := range g {
			for i, m := range one.marks {
				s.most = max(s.most, m.to)
				if i > 0 && m.from > 0 {
					s.unit = min(s.unit, m.from)
				}
			}
		}
	}
	s.unit = max(time.Millisecond, min(s.unit, s.most/4))
	return s
}

// formsOf is the legend of the marks.
func formsOf(groups [][]strip) []entry {
	var seen byOutcome
	unfinished := false
	for _, g := range groups {
		for _, one := range g {
			for _, m := range one.marks {
				seen.add(m.outcome)
				unfinished = unfinished || m.outcome == ""
			}
		}
	}
	var key []entry
	for i, o := range outcomes() {
		if seen[i] > 0 {
			key = append(key, entry{Class: string(o), Text: string(o)})
		}
	}
	if unfinished {
		key = append(key, entry{Class: "unfinished", Text: "no end is known"})
	}
	return key
}

func (s strip) drawn(scale sinceScale) drawnStrip {
	key := cmp.Or(s.key, s.id)
	out := drawnStrip{Key: readable(key, 40), Title: readable(key, 300) + " at " + readable(s.endpoint, 300), Tail: s.tail(), Notes: strings.Join(s.notes, ", ")}
	for _, m := range s.marks {
		x, end := scale.at(m.from), scale.at(m.to)
		title := fmt.Sprintf("attempt %d, +%s, took %s: %s", m.number, period(m.from), period(m.to-m.from), m.ending)
		if len(m.rules) > 0 {
			title += " [" + readable(strings.Join(m.rules, ", "), 120) + "]"
		}
		out.Marks = append(out.Marks, drawnMark{X: share(x), W: share(end - x), End: share(end), Class: cmp.Or(string(m.outcome), "unfinished"), Title: title})
	}
	return out
}

// tail is how many attempts there were, and how the last one ended.
func (s strip) tail() string {
	text := manyOf(s.tries, "attempt")
	if s.last != "" {
		text += ", " + s.last
	}
	return text
}

// says is what there is to be seen.
func (s *strips) says() string {
	var parts []string
	for i, name := range groupNames() {
		if s[i].all > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", thousands(s[i].all), name))
		}
	}
	return fmt.Sprintf("%s: %s.", manyOf(s.sum(), "delivery"), strings.Join(parts, ", "))
}
