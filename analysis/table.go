package analysis

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Table is the report for people: hosts and faults.
func (r *Report) Table() string {
	var b strings.Builder
	rows := [][]string{{"host", "arrived", "deliveries", "open", "attempts", "p50", "p99", "duplicates", "trend"}}
	for _, e := range r.Endpoints {
		rows = append(rows, []string{
			printable(e.Host), percent(e.SuccessRate), fmt.Sprint(e.Deliveries), fmt.Sprint(e.Deliveries - e.Settled), fmt.Sprint(e.Attempts), period(e.P50), period(e.P99), fmt.Sprint(e.Duplicates), sparkline(e.Trend),
		})
	}
	b.WriteString(table(rows))
	if len(r.Faults) == 0 {
		return b.String()
	}
	rows = [][]string{{"fault", "attempts", "followed", "deliveries", "arrived"}}
	for _, f := range r.Faults {
		rows = append(rows, []string{printable(f.Kind), fmt.Sprint(f.Attempts), fmt.Sprint(f.Followed), fmt.Sprint(f.Deliveries), fmt.Sprint(f.Arrived)})
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

// sparkline is a trend in one line: the higher, the better; a blank where there was nothing.
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
