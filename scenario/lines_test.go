package scenario

import (
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/schema"
)

func TestIndexLines(t *testing.T) {
	text := `# a comment with a = "b" and [table]
name = "x" # another

"quoted key" = 1
'literal key' = 2
a.b . "c.d" = 3
long = """
[not.a.table]
also = "not a key" \"""
"""
raw = '''
not = 1'''
list = [
  1, # one
  { x = 1, y.z = "}]," },

  [
    2],
]
quotes = "a \" b # c", more = 1
[table]
key = 1
[table.below]
key = { inner = [1, 2], other = 'x' }
[[rule]]
name = "a"
match.host = "h"
[rule.when]
attempt = 1
[[rule]]
when = { attempt = [
  1,
  2,
] }
[[rule.more]]
x = 1
[[rule.more]]
x = 2
`
	want := map[string]int{
		"name": 2, `"quoted key"`: 4, `"literal key"`: 5, "a": 6, "a.b": 6, `a.b."c.d"`: 6,
		"long": 7, "raw": 11, "list": 13, "list[0]": 14, "list[1]": 15, "list[1].x": 15, "list[1].y": 15, "list[1].y.z": 15, "list[2]": 17, "list[2][0]": 18,
		"quotes": 20,
		"table":  21, "table.key": 22, "table.below": 23, "table.below.key": 24, "table.below.key.inner": 24, "table.below.key.inner[0]": 24,
		"table.below.key.inner[1]": 24, "table.below.key.other": 24,
		"rule": 25, "rule[0]": 25, "rule[0].name": 26, "rule[0].match": 27, "rule[0].match.host": 27, "rule[0].when": 28, "rule[0].when.attempt": 29,
		"rule[1]": 30, "rule[1].when": 31, "rule[1].when.attempt": 31, "rule[1].when.attempt[0]": 32, "rule[1].when.attempt[1]": 33,
		"rule[1].more": 35, "rule[1].more[0]": 35, "rule[1].more[0].x": 36, "rule[1].more[1]": 37, "rule[1].more[1].x": 38,
	}
	text = strings.Replace(text, ", more = 1", "", 1)

	x := indexLines(text)

	require.Zero(t, x.excessAt)
	require.Equal(t, want, linesOf(x))
	requireAllKnown(t, text)
}

func linesOf(x *lineIndex) map[string]int {
	lines := map[string]int{}
	for path, place := range x.places {
		lines[path] = place.Line
	}
	return lines
}

// Where keys and values stand in their lines, for carets.
func TestPlaces(t *testing.T) {
	text := "name =  \"ä\"  # x\n[a . 'b c']\n x.y = {k = [1, \"two\"], l = 3}\nlong = [\n  5,\n]\n[[rule]]\ntext = \"\"\"one\ntwo\"\"\" # y\r\n"
	want := map[string][2]string{ // key and value, as they stand there
		"name": {"name", `"ä"`}, "a": {"a", ""}, `a."b c"`: {"'b c'", ""}, `a."b c".x`: {"x", ""}, `a."b c".x.y`: {"y", `{k = [1, "two"], l = 3}`},
		`a."b c".x.y.k`: {"k", `[1, "two"]`}, `a."b c".x.y.k[0]`: {"", "1"}, `a."b c".x.y.k[1]`: {"", `"two"`}, `a."b c".x.y.l`: {"l", "3"},
		`a."b c".long`: {"long", "["}, `a."b c".long[0]`: {"", "5"}, "rule": {"rule", ""}, "rule[0]": {"rule", ""}, "rule[0].text": {"text", `"""one`},
	}
	got, lines := map[string][2]string{}, strings.Split(text, "\n")
	cut := func(line int, s schema.Span) string {
		if s == (schema.Span{}) {
			return ""
		}
		return lines[line-1][s.Column-1 : s.Column-1+s.Width]
	}
	for path, place := range indexLines(text).places {
		got[path] = [2]string{cut(place.Line, place.Key), cut(place.Line, place.Value)}
	}
	require.Equal(t, want, got)
}

// requireAllKnown decodes text and requires a line for every path in it.
func requireAllKnown(t *testing.T, text string) {
	t.Helper()
	var table map[string]any
	_, err := toml.Decode(text, &table)
	require.NoError(t, err)
	places := indexLines(text).places
	var walk func(path string, value any)
	walk = func(path string, value any) {
		if path != "" {
			require.Contains(t, places, path, text)
		}
		switch value := value.(type) {
		case map[string]any:
			for key, below := range value {
				walk(schema.Join(path, key), below)
			}
		case []map[string]any:
			for i, below := range value {
				walk(schema.Index(path, i), below)
			}
		case []any:
			for i, below := range value {
				walk(schema.Index(path, i), below)
			}
		}
	}
	walk("", table)
}

func TestIndexLinesWithCarriageReturns(t *testing.T) {
	require.Equal(t, map[string]int{"a": 1, "b": 2, "b[0]": 3, "c": 5}, linesOf(indexLines("a = 1\r\nb = [\r\n 1,\r\n]\r\nc = '''\r\n'''\r\n")))
}

func TestIndexLinesWithByteOrderMark(t *testing.T) {
	require.Equal(t, map[string]int{"a": 1}, linesOf(indexLines("\ufeffa = 1")))
	requireAllKnown(t, "\ufeffa = 1")
}

// Whatever is TOML has a line for each of its keys; whatever is not is read without failing.
func FuzzIndexLines(f *testing.F) {
	for _, text := range []string{
		"a = 1", "a.b.c = [1, {x = 2}]", "[[r]]\nx=1\n[r.y]\nz=1\n[[r]]", "x = '''a''''", "\"a\\u0062\" = 1", "a = \"\"\"\"\"\"\nb = 1", "= ]}[", "'' = {}",
		"a = 1979-05-27 07:32:00\nb = 1", "x = [[1,2],[3]]\n", "a = { b = 1,\n c = 2 }",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x := indexLines(text)
		var table map[string]any
		if _, err := toml.Decode(text, &table); err == nil && x.excessAt == 0 {
			requireAllKnown(t, text)
		}
	})
}
