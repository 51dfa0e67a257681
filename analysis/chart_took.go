package analysis

import "fmt"

// chart draws how long attempts took.
func (p *tookPlot) chart(policy *Policy) chart {
	first, over := p.used()
	first, over = max(0, first-1), over+1
	over = max(over, first+perTenfold+1)
	var all byOutcome
	most := 0
	for _, b := range p.bins {
		most = max(most, b.sum())
		for i := range all {
			all[i] += b[i]
		}
	}
	scale, rows := countsUp(most, plotHeight)
	along := logScale{p.from(first), p.from(over)}
	c := chart{Title: "How long attempts took", Up: "attempts", Along: "from first byte to the sender's end of it, logarithmic", Height: plotHeight, Rows: rows, Key: all.key()}
	var at []float64
	times := along.ticks(0.09)
	for _, d := range times {
		at = append(at, along.at(d))
	}
	c.Columns = ticksAlong(at, func(i int) string { return period(times[i]) })
	spareOdd(c.Columns, times)
	n := float64(over - first)
	for i := first; i < min(over, tookBins); i++ {
		title := fmt.Sprintf("%s to %s: %s", period(p.from(i)), period(p.from(i+1)), p.bins[i].words())
		c.Bars = append(c.Bars, scale.stack((float64(i-first)+(1-barShare)/2)/n, barShare/n, p.bins[i], title)...)
	}
	c.Lines = p.lines(along)
	c.Says = p.says(policy)
	return c
}

// lines are those at the middle and at the end of nearly all, side by side where they are one.
func (p *tookPlot) lines(along logScale) []upright {
	half, most := along.at(p.half), along.at(p.most)
	if most-half < 0.03 {
		return []upright{{X: share(half), Text: "p50, p99", Anchor: anchor(half)}}
	}
	return []upright{{X: share(half), Text: "p50", Anchor: "end"}, {X: share(most), Text: "p99", Anchor: "start"}}
}

// says is what there is to be seen.
func (p *tookPlot) says(policy *Policy) string {
	text := fmt.Sprintf("Half of the attempts took no more than %s (p50), 99 in 100 no more than %s (p99).", period(p.half), period(p.most))
	if policy.Timeout != nil {
		text += fmt.Sprintf(" The sender gives up waiting after %s.", period(*policy.Timeout))
	}
	return text
}
