package schema_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/schema"
)

// The place of a problem under its line; a place that is not there shows nothing.
func TestExcerpt(t *testing.T) {
	long := "key = [" + strings.Repeat("1, ", 100) + "]"
	for _, test := range []struct {
		name   string
		text   string
		line   int
		span   schema.Span
		want   string
		column int
	}{
		{"a value", "a = 1\nlatency = \"-1s\" # x\n", 2, schema.Span{Column: 11, Width: 5}, "   2 | latency = \"-1s\" # x\n     |           ^^^^^", 11},
		{"after wide characters", "\"ä\u00f6\" = 5", 1, schema.Span{Column: 10, Width: 1}, "   1 | \"äö\" = 5\n     |        ^", 8},
		{"tabs, and what moves the cursor", "\ta = \"\x1b[2J\"\r\n", 1, schema.Span{Column: 2, Width: 1}, "   1 |  a = \"\uFFFD[2J\"\n     |  ^", 2},
		{"a byte order mark", "\ufeffa = 5", 1, schema.Span{Column: 5, Width: 1}, "   1 | a = 5\n     |     ^", 5},
		{"no width", "a = ", 1, schema.Span{Column: 5}, "   1 | a = \n     |     ^", 5},
		{"a long line", long, 1, schema.Span{Column: 1, Width: 3}, "   1 | " + long[:120] + "…\n     | ^^^", 1},
		{"far in a long line", long, 1, schema.Span{Column: 302, Width: 1}, "   1 | " + long[182:302] + "…\n     | " + strings.Repeat(" ", 119) + "^", 302},
		{"wider than what is shown", long, 1, schema.Span{Column: 7, Width: 302}, "   1 | " + long[6:126] + "…\n     | " + strings.Repeat("^", 120), 7},
		{"the file as a whole", "a = 5", 0, schema.Span{Column: 1, Width: 1}, "", 0},
		{"no place", "a = 5", 1, schema.Span{}, "", 0},
		{"another text", "a", 1, schema.Span{Column: 5, Width: 1}, "", 0},
		{"no text", "", 3, schema.Span{Column: 1, Width: 1}, "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := schema.Problem{Line: test.line, Span: test.span}
			require.Equal(t, test.want, p.Excerpt(test.text))
			require.Equal(t, test.column, p.Column(test.text))
		})
	}
}

func TestShow(t *testing.T) {
	p := schema.Problem{File: "x.toml", Line: 1, Span: schema.Span{Column: 5, Width: 1}, Key: "a", What: "too small", Got: "5", Want: "6", Hint: "add 1"}
	require.Equal(t, "x.toml:1: a: too small, got 5, want 6\n   1 | a = 5\n     |     ^\n  hint: add 1", p.Show("a = 5"))
	require.Equal(t, "x.toml:1: a: too small, got 5, want 6\n  hint: add 1", p.Error())
}
