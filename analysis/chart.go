package analysis

import (
	"fmt"
	"strconv"
	"strings"
)

// chart is a plot with its axes. Places across are shares of its width, so that it fits any page without a script; places down are pixels from its top.
type chart struct {
	Title, Says string // Says is what there is to be seen, in a sentence
	None        string // why there is nothing to draw; "": there is
	Up, Along   string // what the axes count, with units
	Left        string // what was left out
	Height      int
	Rows        []tick // of the axis up, at pixels
	Columns     []tick // of the axis along, at shares
	Shades      []rect // behind all
	Bands       []rect
	Bars        []rect
	Dots        []dot
	Lines       []upright
	Key         []entry // the legend
}

// tick is a place on an axis. One that is Spare may be left out where there is little room.
type tick struct {
	At, Text, More string // More is a second line
	Anchor         string // start, middle or end: where At is in the text
	Spare          bool
}

// rect is a box; X and W are shares, Y and H pixels.
type rect struct{ X, W, Y, H, Class, Title string }

// dot is a point.
type dot struct{ X, Y string }

// upright is a line from top to bottom, with a label.
type upright struct{ X, Text, Anchor string }

// entry is one of a legend: the form and colour of a class, and what it stands for.
type entry struct {
	Class, Text string
	Box         bool // an area, rather than a form
}

// share is a place, or a width, on an axis along.
func share(x float64) string { return pixels(100*x) + "%" }

func pixels(y float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(y, 'f', 2, 64), "0"), ".")
}

// anchor keeps a text at a place within the plot.
func anchor(at float64) string {
	switch {
	case at < 0.06:
		return "start"
	case at > 0.94:
		return "end"
	default:
		return "middle"
	}
}

// ticksAlong makes ticks of an axis along: every other is spare.
func ticksAlong(at []float64, text func(i int) string) []tick {
	ticks := make([]tick, len(at))
	for i, x := range at {
		ticks[i] = tick{At: share(x), Text: text(i), Anchor: anchor(x), Spare: i%2 == 1}
	}
	return ticks
}

// key is the legend of outcomes: those that there are.
func (b byOutcome) key() []entry {
	var all []entry
	for i, o := range outcomes() {
		if b[i] > 0 {
			all = append(all, entry{Class: string(o), Text: fmt.Sprintf("%s %s", o, thousands(b[i]))})
		}
	}
	return all
}

// words are the outcomes of a step.
func (b byOutcome) words() string {
	var parts []string
	for i, o := range outcomes() {
		if b[i] > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", thousands(b[i]), o))
		}
	}
	return strings.Join(parts, ", ")
}

// thousands is a number as people read it: 12,345.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
