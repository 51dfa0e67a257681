package faults

import (
	"fmt"
	"strings"
)

// Seen is what senders make of the faults, as the end-to-end tests find out: docs/clients.json, which they write.
type Seen struct {
	// Clients are the HTTP clients, each with its version, in the order of all cells.
	Clients []SeenClient
	// Rows are the forms of the faults, in the order of the page.
	Rows []SeenRow
}

// SeenClient is an HTTP client.
type SeenClient struct{ Name, Version string }

// SeenRow is one form of a fault.
type SeenRow struct {
	Kind  string
	Fault []string // as a rule has it, in lines
	Wire  []string // what is sent, in lines, and what follows; none where it is not the proxy that speaks, or all is encrypted
	Lines []SeenLine
}

// SeenLine is what the clients have in placements in which they have the same.
type SeenLine struct {
	Where string
	Cells []string
}

// of are the rows of a kind.
func (s Seen) of(kind string) []SeenRow {
	var rows []SeenRow
	for _, row := range s.Rows {
		if row.Kind == kind {
			rows = append(rows, row)
		}
	}
	return rows
}

// versions names all clients in a sentence.
func (s Seen) versions() string {
	names := make([]string, len(s.Clients))
	for i, client := range s.Clients {
		names[i] = client.Name + " " + client.Version
	}
	return strings.Join(names, ", ")
}

// table is what clients make of a kind's forms.
func (s Seen) table(rows []SeenRow) string {
	var b strings.Builder
	b.WriteString("| fault | where |")
	for _, client := range s.Clients {
		b.WriteString(" " + client.Name + " |")
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(s.Clients)) + "\n")
	for _, row := range rows {
		fault := "`" + strings.Join(row.Fault, "` `") + "`"
		for _, line := range row.Lines {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", fault, line.Where, strings.Join(line.Cells, " | "))
			fault = ""
		}
	}
	return b.String()
}

// wire is what is sent for the forms, where there is something to be shown.
func wire(rows []SeenRow) string {
	var b strings.Builder
	for _, row := range rows {
		fault := "`" + strings.Join(row.Fault, "` `") + "`"
		switch len(row.Wire) {
		case 0:
		case 1:
			b.WriteString("\nSent for " + fault + ": not a byte, then " + strings.Trim(row.Wire[0], "()") + ".\n")
		default:
			b.WriteString("\nSent for " + fault + ":\n\n```\n" + strings.Join(row.Wire, "\n") + "\n```\n")
		}
	}
	return b.String()
}
