package schema

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Place is where a key stands in a file, and its value.
type Place struct {
	Line int // from 1
	// Key and Value are parts of that line: of a value of several lines its beginning. An element of a list has no key.
	Key, Value Span
}

// Span is a part of a line in bytes, Column from 1. The zero Span is none.
type Span struct{ Column, Width int }

// longest is how much of a line an excerpt shows.
const longest = 120

// Excerpt shows the place of a problem in the text of its file: the line, and a caret below each character that is meant. "" without a place.
//
//	3 | latency = "-1s"
//	  |           ^^^^^
func (p Problem) Excerpt(text string) string {
	line, known := p.lineOf(text)
	if !known {
		return ""
	}
	before, meant := printed(line[:p.Span.Column-1]), max(1, utf8.RuneCountInString(printed(line[p.Span.Column-1:][:p.Span.Width])))
	shown, indent := []rune(printed(line)), utf8.RuneCountInString(before)
	if cut := indent + meant - longest; cut > 0 && len(shown) > longest {
		cut = min(cut, indent) // the place's beginning is always shown
		shown, indent = shown[cut:], indent-cut
	}
	if len(shown) > longest {
		shown = append(shown[:longest], '…')
	}
	margin := fmt.Sprintf("%4d", p.Line)
	return fmt.Sprintf("%s | %s\n%*s | %s%s", margin, string(shown), len(margin), "", strings.Repeat(" ", indent), strings.Repeat("^", min(meant, longest-indent)))
}

// Column is the place in its line in characters, from 1; 0 when it is not known.
func (p Problem) Column(text string) int {
	line, known := p.lineOf(text)
	if !known {
		return 0
	}
	return utf8.RuneCountInString(line[:p.Span.Column-1]) + 1
}

// lineOf is the line of the problem, without its end and a byte order mark.
func (p Problem) lineOf(text string) (line string, known bool) {
	lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
	if p.Line < 1 || p.Line > len(lines) || p.Span.Column < 1 {
		return "", false
	}
	line = strings.TrimSuffix(lines[p.Line-1], "\r")
	return line, p.Span.Column-1+p.Span.Width <= len(line)
}

// printed is a text of which every character takes one place on a screen.
func printed(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return '\uFFFD'
		default:
			return r
		}
	}, text)
}
