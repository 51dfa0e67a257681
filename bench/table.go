package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A table is what a part found.
type table struct {
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Run     string   `json:"run"` // when, how many rounds, on how busy a machine
	Columns []column `json:"columns"`
	Rows    []row    `json:"rows"`
	Notes   []string `json:"notes,omitempty"`
}

// A column is one measure. With Ratio, another column follows: how much of it the first row has, in relation to each.
type column struct {
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	Digits int    `json:"digits"` // after the point
	Ratio  bool   `json:"ratio"`
}

// A row is what was measured of one thing, a cell per column; or why it was not.
type row struct {
	Name    string   `json:"name"`
	Missing string   `json:"missing,omitempty"`
	Cells   []spread `json:"cells,omitempty"`
}

// A spread is a measure in all rounds. The zero spread is one that was not taken.
type spread struct {
	Median float64   `json:"median"`
	Min    float64   `json:"min"`
	Max    float64   `json:"max"`
	Rounds []float64 `json:"rounds"` // in their order
}

// spreadOf is the spread of rounds: with an even number of them, the median is between the two in the middle.
func spreadOf(rounds []float64) spread {
	if len(rounds) == 0 {
		return spread{}
	}
	sorted := slices.Sorted(slices.Values(rounds))
	middle := len(sorted) / 2
	median := sorted[middle]
	if len(sorted)%2 == 0 {
		median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return spread{Median: median, Min: sorted[0], Max: sorted[len(sorted)-1], Rounds: rounds}
}

// text is the spread with so many digits after the point; without min and max where there was one round.
func (s spread) text(digits int) string {
	switch {
	case len(s.Rounds) == 0:
		return "–"
	case len(s.Rounds) == 1:
		return fmt.Sprintf("%.*f", digits, s.Median)
	}
	return fmt.Sprintf("%.*f (%.*f..%.*f)", digits, s.Median, digits, s.Min, digits, s.Max)
}

// ratio is how much the first row has of a column, in relation to a row: the median over rounds, as what disturbs a round disturbs both.
func (t table) ratio(column, row int) string {
	first, other := t.Rows[0], t.Rows[row]
	if column >= len(first.Cells) || column >= len(other.Cells) {
		return "–"
	}
	ratios := ratiosOf(first.Cells[column].Rounds, other.Cells[column].Rounds)
	if len(ratios) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", spreadOf(ratios).Median)
}

// ratiosOf are those of rounds, as far as both have them.
func ratiosOf(some, others []float64) []float64 {
	var ratios []float64
	for i := range min(len(some), len(others)) {
		if others[i] != 0 {
			ratios = append(ratios, some[i]/others[i])
		}
	}
	return ratios
}

// cells is the table as text: a line of names, then a line per row.
func (t table) cells() [][]string {
	head := []string{""}
	for _, c := range t.Columns {
		head = append(head, strings.TrimSpace(c.Name+" "+c.Unit))
		if c.Ratio {
			head = append(head, t.Rows[0].Name+" ÷ it")
		}
	}
	lines := [][]string{head}
	for i, r := range t.Rows {
		lines = append(lines, t.line(i, r, len(head)))
	}
	return lines
}

// line is one row as text, as many cells as the head has.
func (t table) line(number int, r row, width int) []string {
	line := []string{r.Name}
	if r.Missing != "" {
		line = append(line, r.Missing)
		return append(line, make([]string, width-len(line))...)
	}
	for i, c := range t.Columns {
		line = append(line, r.Cells[i].text(c.Digits))
		if c.Ratio {
			line = append(line, t.ratio(i, number))
		}
	}
	return line
}

// text is the table for a terminal.
func (t table) text() string {
	lines := t.cells()
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n\n", t.Title)
	for _, line := range lines {
		out.WriteString(aligned(line, widths) + "\n")
	}
	for _, note := range t.Notes {
		fmt.Fprintf(&out, "%s\n", note)
	}
	return out.String()
}

// aligned is a line with its first cell to the left, all others to the right.
func aligned(line []string, widths []int) string {
	var out strings.Builder
	for i, cell := range line {
		pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		if i == 0 {
			out.WriteString(cell + pad)
			continue
		}
		out.WriteString("  " + pad + cell)
	}
	return strings.TrimRight(out.String(), " ")
}

// markdown is the table for a page.
func (t table) markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "## %s\n\n", t.Title)
	for i, line := range t.cells() {
		fmt.Fprintf(&out, "| %s |\n", strings.Join(line, " | "))
		if i == 0 {
			fmt.Fprintf(&out, "|---|%s\n", strings.Repeat("---:|", len(line)-1))
		}
	}
	for _, note := range t.Notes {
		fmt.Fprintf(&out, "\n%s\n", note)
	}
	fmt.Fprintf(&out, "\n%s.\n", t.Run)
	return out.String()
}
