package analysis

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// mostOfHost is how many characters of a host the table shows.
const mostOfHost = 40

// Table is the report for people: hosts and faults.
func (r *Report) Table() string {
	var b strings.Builder
	rows := [][]string{{"host", "arrived", "deliveries", "open", "attempts", "p50", "p99", "duplicates", "attempts over time", "acknowledged"}}
	for _, e := range r.Endpoints {
		rows = append(rows, []string{
			readable(e.Host, mostOfHost), percent(e.SuccessRate), fmt.Sprint(e.Deliveries), fmt.Sprint(e.Deliveries - e.Settled), fmt.Sprint(e.Attempts), period(e.P50),
			period(e.P99), fmt.Sprint(e.Duplicates), sparkline(e.load()), sparkline(e.trend()),
		})
	}
	b.WriteString(table(rows, 8, 9))
	if len(r.Faults) == 0 {
		return b.String()
	}
	rows = [][]string{{"fault", "attempts", "followed", "deliveries", "arrived"}}
	for _, f := range r.Faults {
		rows = append(rows, []string{readable(f.Kind, mostOfHost), fmt.Sprint(f.Attempts), fmt.Sprint(f.Followed), fmt.Sprint(f.Deliveries), fmt.Sprint(f.Arrived)})
	}
	return b.String() + "\n" + table(rows)
}

// table aligns cells: the first column, and those that are named, to the left, numbers to the right.
func table(rows [][]string, left ...int) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		text := fmt.Sprintf("%-*s", widths[0], row[0])
		for i, cell := range row[1:] {
			width := widths[i+1]
			if slices.Contains(left, i+1) {
				width = -width
			}
			text += fmt.Sprintf("  %*s", width, cell)
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	return b.String()
}

// load is the endpoint's attempts over time, as shares of the most that came in one step; NaN where there were none.
func (e *Endpoint) load() []float64 {
	most := 1
	for _, step := range e.steps {
		most = max(most, step.sum())
	}
	return e.over(func(step byOutcome) float64 { return float64(step.sum()) / float64(most) })
}

// trend is the share of them that were acknowledged, over the same steps.
func (e *Endpoint) trend() []float64 {
	return e.over(func(step byOutcome) float64 { return 1 - step.failing() })
}

// over is a share of each step; NaN where there were no attempts.
func (e *Endpoint) over(share func(byOutcome) float64) []float64 {
	shares := make([]float64, len(e.steps))
	for i, step := range e.steps {
		shares[i] = math.NaN()
		if step.sum() > 0 {
			shares[i] = share(step)
		}
	}
	return shares
}

// sparkline are shares in one line; a blank where there was nothing.
func sparkline(trend []float64) string {
	const bars = "▁▂▃▄▅▆▇█"
	steps := []rune(bars)
	var b strings.Builder
	for _, share := range trend {
		if math.IsNaN(share) {
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(steps[min(len(steps)-1, int(share*float64(len(steps))))])
	}
	return b.String()
}
