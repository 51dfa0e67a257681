package analysis

import (
	"fmt"
	"time"
)

// chart draws how the retries came when an outage was over.
func (h *herd) chart() chart {
	c := chart{Title: "Retries after an outage", Along: "time since the outage's end", Height: plotHeight}
	if h == nil {
		c.None = fmt.Sprintf("No outage of one host ended with %d deliveries waiting for a retry, so how they come back together cannot be seen.", leastHerd)
		return c
	}
	span := min(century, h.starts[len(h.starts)-1])
	step := max(time.Second, stepOf(span, mostSteps-1))
	counts := make([]int, span/step+1)
	most := 0
	for _, start := range h.starts {
		at := min(start, span) / step
		counts[at]++
		most = max(most, counts[at])
	}
	scale, rows := countsUp(most, plotHeight)
	c.Rows, c.Up = rows, "retries per "+period(step)
	n := float64(len(counts))
	for i, count := range counts {
		if count == 0 {
			continue
		}
		h := max(leastBar, scale.height-scale.y(count))
		c.Bars = append(c.Bars, rect{
			X: share((float64(i) + (1-barShare)/2) / n), W: share(barShare / n), Y: pixels(scale.height - h), H: pixels(h), Class: "retry",
			Title: fmt.Sprintf("%s after the outage: %s", period(time.Duration(i)*step), manyOf(count, "retry")),
		})
	}
	whole := time.Duration(len(counts)) * step
	c.Shades = []rect{{X: share(float64(h.rush) / float64(whole)), W: share(max(0.003, float64(time.Second)/float64(whole))), Y: "0", H: pixels(plotHeight), Title: "the busiest second"}}
	c.Key = []entry{{Class: "retry", Text: "the first retry of a delivery that had failed", Box: true}, {Class: "shade", Text: "the busiest second", Box: true}}
	every := stepOf(whole, 6)
	var at []float64
	for d := time.Duration(0); d <= whole; d += every {
		at = append(at, float64(d)/float64(whole))
	}
	c.Columns = ticksAlong(at, func(i int) string { return "+" + period(time.Duration(i)*every) })
	c.Says = fmt.Sprintf("Of %s after the outage of %s that ended at %s, %s (%s) came within one second, %s after its end.",
		manyOf(h.all, "retry"), readable(h.host, 60), clock(h.outage.to), thousands(h.busiest), percent(h.share()), period(h.rush))
	return c
}
