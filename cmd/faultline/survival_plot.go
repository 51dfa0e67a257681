package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/faultline/faultline/trial"
)

// The plot's area, in the units of its SVG.
const (
	plotLeft, plotTop     = 50.0, 15.0
	plotWidth, plotHeight = 720.0, 300.0
)

// survivalPlot is what the page shows.
type survivalPlot struct {
	Says, Policy  string
	Curve, Closed string // paths; Closed is empty where the policy is not known whole
	Ticks         []plotTick
	Shares        []plotTick
	Points        []survivalRow
}

// plotTick is a line of the grid, with its label.
type plotTick struct {
	At    float64
	Label string
}

func (s *survival) plot() survivalPlot {
	shortest := time.Duration(s.Points[0].Outage * float64(time.Second))
	across := func(d time.Duration) float64 {
		d = min(max(d, shortest), s.longest)
		return plotLeft + plotWidth*math.Log(float64(d)/float64(shortest))/math.Log(float64(s.longest)/float64(shortest))
	}
	down := func(share float64) float64 { return plotTop + plotHeight*(1-share) }
	path := func(curve []trial.Step) string {
		var b strings.Builder
		fmt.Fprintf(&b, "M%.1f %.1f", across(0), down(trial.At(curve, 0)))
		for _, step := range curve {
			fmt.Fprintf(&b, "H%.1fV%.1f", across(step.At), down(step.Share))
		}
		fmt.Fprintf(&b, "H%.1f", across(s.longest))
		return b.String()
	}
	p := survivalPlot{Says: s.says(), Policy: s.Policy, Curve: path(s.curve), Points: s.Points}
	if s.closed != nil {
		p.Closed = path(s.closed)
	}
	for i := 0; i < len(s.Points); i += 3 {
		length := time.Duration(s.Points[i].Outage * float64(time.Second))
		p.Ticks = append(p.Ticks, plotTick{across(length), roundly(length)})
	}
	for _, percent := range [...]int{0, 25, 50, 75, 100} {
		p.Shares = append(p.Shares, plotTick{down(float64(percent) / 100), fmt.Sprintf("%d %%", percent)})
	}
	return p
}
