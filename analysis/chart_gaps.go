package analysis

import (
	"fmt"
	"math"
	"time"
)

const (
	mostPlacesShown = 14 // how many tries have a column of gaps
	leastColumns    = 5  // how many there is room for at least, so that one does not fill the page
)

// chart draws the gaps against the policy that was fitted to them.
func (p *gapPlot) chart() chart {
	c := chart{Title: "Gaps and the policy", Up: "gap, logarithmic", Along: "after which attempt", Height: 220}
	if p.of != "" {
		c.Title += " of " + readable(p.of, 80)
	}
	places := min(len(p.sample), mostPlacesShown)
	if p.size() == 0 {
		c.None = "No attempt was followed by another whose wait was the sender's own, so there is no policy to be seen."
		return c
	}
	scale := p.scale(places)
	for _, d := range scale.ticks(0.1) {
		c.Rows = append(c.Rows, tick{At: pixels(float64(c.Height) * (1 - scale.at(d))), Text: period(d)})
	}
	at := make([]float64, places)
	columns := max(places, leastColumns)
	for i := range at {
		at[i] = (float64(i) + 0.5) / float64(columns)
	}
	c.Columns = ticksAlong(at, func(i int) string { return fmt.Sprint(i + 1) })
	for i := range c.Columns {
		c.Columns[i].Anchor, c.Columns[i].Spare = "middle", false
		c.place(i, columns, p.sample[i], p.policy, scale)
	}
	c.Key = []entry{{Class: "gap", Text: "a gap"}}
	if len(c.Bands) > 0 {
		c.Key = append(c.Key, entry{Class: "band", Text: "what the policy waits", Box: true})
	}
	c.Says, c.Left = p.says(), p.left(places)
	return c
}

// place draws the gaps after one try, and what the policy waits there.
func (c *chart) place(i, columns int, gaps []float64, policy *Policy, scale logScale) {
	step, height := 1/float64(columns), float64(c.Height)
	if least, most, known := policy.Wait(i + 1); known {
		top, foot := height*(1-scale.at(most)), height*(1-scale.at(least))
		const thin = 8 // a wait without jitter is a line
		if foot-top < thin {
			top, foot = top-thin/2, top+thin/2
		}
		title := fmt.Sprintf("after attempt %d: %s to %s", i+1, period(least), period(most))
		if least == most {
			title = fmt.Sprintf("after attempt %d: %s", i+1, period(most))
		}
		c.Bands = append(c.Bands, rect{X: share((float64(i) + 0.08) * step), W: share(0.84 * step), Y: pixels(max(0, top)), H: pixels(foot - max(0, top)), Class: "band", Title: title})
	}
	for j, gap := range gaps {
		_, aside := math.Modf(float64(j) * math.Phi) // beside each other, evenly and the same each time
		x := (float64(i) + 0.5 + 0.6*(aside-0.5)) * step
		c.Dots = append(c.Dots, dot{X: share(x), Y: pixels(height * (1 - scale.at(seconds(gap))))})
	}
}

// scale holds all gaps, and the waits of the policy as far as these are no chance's least.
func (p *gapPlot) scale(places int) logScale {
	s := logScale{math.MaxInt64, time.Millisecond}
	for i := range places {
		for _, gap := range p.sample[i] {
			s.from, s.to = min(s.from, seconds(gap)), max(s.to, seconds(gap))
		}
		if least, most, known := p.policy.Wait(i + 1); known {
			s.to = max(s.to, most)
			if least > 0 {
				s.from = min(s.from, least)
			}
		}
	}
	s.from, s.to = max(s.from*3/4, time.Millisecond), max(s.to, time.Millisecond)*4/3
	for s.to < 8*s.from { // a constant wait stands in the middle
		s.from, s.to = max(s.from/2, time.Millisecond/2), s.to*2
	}
	return s
}

// says is what there is to be seen.
func (p *gapPlot) says() string {
	policy := p.policy
	if policy.Mixed {
		return fmt.Sprintf("%s of several policies, which nothing in the log tells apart.", manyOf(p.size(), "gap"))
	}
	if policy.Fit == nil {
		return fmt.Sprintf("%s: too few, or too unlike each other, for a policy.", manyOf(p.size(), "gap"))
	}
	if policy.Shape == "" && p.places() == 1 {
		return fmt.Sprintf("%s, all after the same attempt: one wait has no shape. %s of them are explained.", manyOf(policy.Gaps, "gap"), percent(*policy.Fit))
	}
	if policy.Shape == "" {
		return fmt.Sprintf("%s do not suffice to name the policy's shape; the likeliest explains %s of them.", manyOf(policy.Gaps, "gap"), percent(*policy.Fit))
	}
	return fmt.Sprintf("%s of the %s that a policy can be told by lie where the policy (%s) puts them, or up to %s above, as a worker may come late.",
		percent(*policy.Fit), manyOf(policy.Gaps, "gap"), policy.waitsText(), period(queueLate))
}

// left is what was not drawn.
func (p *gapPlot) left(places int) string {
	all, drawn := 0, 0
	for i, n := range p.all {
		all += n
		if i < places {
			drawn += len(p.sample[i])
		}
	}
	text := ""
	if drawn < all {
		text = fmt.Sprintf("%s of %s gaps are drawn: of each attempt's those at even shares of all", thousands(drawn), thousands(all))
	}
	if len(p.all) > places {
		text = joined(text, fmt.Sprintf("gaps after attempt %d are not drawn", places))
	}
	if p.asked > 0 {
		text = joined(text, fmt.Sprintf("%s that followed a Retry-After are not in it", manyOf(p.asked, "gap")))
	}
	return text
}

func joined(text, more string) string {
	if text == "" {
		return more
	}
	return text + "; " + more
}
