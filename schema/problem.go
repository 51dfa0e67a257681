package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is what is wrong at one place of a user's file.
type Problem struct {
	File string
	Line int    // from 1; 0: the file as a whole
	Span Span   // the part of the line; zero: not known
	Key  string // path of the key: rule[1].when.attempt; "" when there is none
	What string // what is wrong, in a few words
	Got  string // what was found, as it is written in the file; "" when nothing is there to show
	Want string // what is allowed; "" when What says it
	Hint string // one line that helps to mend it; may be ""
}

// Error is the problem as the user reads it: `file:line: key: what, got "x", want one of a, b`, then a hint on a line of its own.
func (p Problem) Error() string { return p.Show("") }

// Show is the problem as Error has it, with an excerpt of the file's text under its first line.
func (p Problem) Show(text string) string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.Key != "" {
		b.WriteString(": " + p.Key)
	}
	b.WriteString(": " + p.What)
	if p.Got != "" {
		b.WriteString(", got " + p.Got)
	}
	if p.Want != "" {
		b.WriteString(", want " + p.Want)
	}
	if excerpt := p.Excerpt(text); excerpt != "" {
		b.WriteString("\n" + excerpt)
	}
	if p.Hint != "" {
		b.WriteString("\n  hint: " + p.Hint)
	}
	return b.String()
}

// SortProblems puts problems in the order of a file's lines; those of one line stay in the order in which they were found.
func SortProblems(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
}
