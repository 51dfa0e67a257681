package analysis

import (
	"fmt"
	"strings"
	"time"
)

const (
	plotHeight = 180
	barShare   = 0.88 // of a step, the rest is between the bars
)

// chart draws the attempts over time.
func (p *timePlot) chart() chart {
	n := float64(len(p.bins))
	var all byOutcome
	most := 0
	for _, b := range p.bins {
		most = max(most, b.sum())
		for i := range all {
			all[i] += b.byOutcome[i]
		}
	}
	scale, rows := countsUp(most, plotHeight)
	c := chart{
		Title: "Attempts over time", Says: p.says(all), Up: "attempts per " + period(p.step), Along: "time, UTC", Height: plotHeight, Rows: rows, Columns: p.columns(), Key: all.key(),
	}
	for i, b := range p.bins {
		title := fmt.Sprintf("%s for %s: %s", p.clock(p.from.Add(time.Duration(i)*p.step)), period(p.step), b.words())
		c.Bars = append(c.Bars, scale.stack((float64(i)+(1-barShare)/2)/n, barShare/n, b.byOutcome, title)...)
	}
	for _, w := range p.windows() {
		x := p.at(w.from)
		c.Shades = append(c.Shades, rect{
			X: share(x), W: share(max(0.002, p.at(w.to)-x)), Y: "0", H: pixels(plotHeight), Title: fmt.Sprintf("faults from %s to %s", p.clock(w.from), p.clock(w.to)),
		})
	}
	if len(c.Shades) > 0 {
		c.Key = append(c.Key, entry{Class: "shade", Text: "faults: at least half of the attempts met one, or a listener was closed", Box: true})
	}
	return c
}

// at is the place of a moment on the axis.
func (p *timePlot) at(t time.Time) float64 {
	return float64(t.Sub(p.from)) / float64(p.end().Sub(p.from))
}

// columns are ticks at round times; the first of a day, or of a year, says which that is.
func (p *timePlot) columns() []tick {
	whole := p.end().Sub(p.from)
	step := stepOf(whole, 6)
	var at []float64
	var times []time.Time
	for t := p.from.Truncate(step); !t.After(p.end()); t = t.Add(step) {
		if !t.Before(p.from) {
			at, times = append(at, p.at(t)), append(times, t)
		}
	}
	text, more := func(t time.Time) string { return clockOf(t, step) }, "2 Jan 2006"
	if step >= aDay {
		text, more = func(t time.Time) string { return t.UTC().Format("2 Jan") }, "2006"
	}
	ticks := ticksAlong(at, func(i int) string { return text(times[i]) })
	said := ""
	for i, t := range times {
		if s := t.UTC().Format(more); s != said {
			said, ticks[i].More = s, s
		}
	}
	return ticks
}

// clock is a moment as exact as the plot's steps are.
func (p *timePlot) clock(t time.Time) string {
	text := clockOf(t, p.step)
	if p.step < aDay && !sameDay(p.span.from, p.span.to) {
		return t.UTC().Format("2 Jan ") + text
	}
	return text
}

const aDay = 24 * time.Hour

func sameDay(a, b time.Time) bool { return a.UTC().Truncate(aDay).Equal(b.UTC().Truncate(aDay)) }

func clockOf(t time.Time, exact time.Duration) string {
	switch t = t.UTC(); {
	case exact < 100*time.Millisecond:
		return t.Format("15:04:05.00")
	case exact < time.Second:
		return t.Format("15:04:05.0")
	case exact < time.Minute:
		return t.Format(time.TimeOnly)
	case exact < aDay:
		return t.Format("15:04")
	default:
		return t.Format("2 Jan 2006")
	}
}

// says is what there is to be seen.
func (p *timePlot) says(all byOutcome) string {
	busiest := 0
	for i, b := range p.bins {
		if b.sum() > p.bins[busiest].sum() {
			busiest = i
		}
	}
	top := p.bins[busiest]
	text := fmt.Sprintf("%s in %s, of which %s failed.", manyOf(all.sum(), "attempt"), period(p.span.to.Sub(p.span.from)), percent(all.failing()))
	if top.sum() > 1 {
		text += fmt.Sprintf(" The busiest %s began at %s with %s; %s of these failed.", period(p.step), p.clock(p.from.Add(time.Duration(busiest)*p.step)),
			manyOf(top.sum(), "attempt"), percent(top.failing()))
	}
	return text + p.windowsText()
}

func (p *timePlot) windowsText() string {
	const told = 3
	windows := p.windows()
	if len(windows) == 0 {
		return " At no time did half of the attempts meet a fault."
	}
	var parts []string
	for i, w := range windows {
		if i == told {
			parts = append(parts, fmt.Sprintf("%d times more", len(windows)-told))
			break
		}
		parts = append(parts, fmt.Sprintf("from %s to %s", p.clock(w.from), p.clock(w.to)))
	}
	return " Faults " + strings.Join(parts, ", ") + "."
}

// manyOf is counted with the commas that large numbers need.
func manyOf(n int, one string) string {
	_, name, _ := strings.Cut(counted(n, one), " ")
	return thousands(n) + " " + name
}
