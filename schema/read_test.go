package schema_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/schema"
)

// problemsOf reads a table and gives its problems as a user sees them.
func problemsOf(table map[string]any, fields ...schema.Field) []string {
	return problemsAt(nil, table, fields...)
}

func problemsAt(lines map[string]int, table map[string]any, fields ...schema.Field) []string {
	document := &schema.Document{Name: "test.toml", Places: map[string]schema.Place{}}
	for path, line := range lines {
		document.Places[path] = schema.Place{Line: line}
	}
	document.Root(table).Read(fields...)
	var texts []string
	for _, p := range document.Problems() {
		texts = append(texts, p.Error())
	}
	return texts
}

type colour string

// places is one of each scalar.
type places struct {
	text   string
	flag   bool
	count  int
	number float64
	delay  time.Duration
	size   int64
	share  float64
	names  []string
	colour colour
	ramp   schema.Ramp
}

func (p *places) fields() []schema.Field {
	return []schema.Field{
		schema.String(&p.text, "text", ""),
		schema.Bool(&p.flag, "flag", ""),
		schema.Int(&p.count, "count", 1, 9, ""),
		schema.Number(&p.number, "number", 1, ""),
		schema.Duration(&p.delay, "delay", ""),
		schema.Size(&p.size, "size", ""),
		schema.Share(&p.share, "share", ""),
		schema.Strings(&p.names, "names", ""),
		schema.Enum(&p.colour, "colour", "", "red", "green"),
		schema.DurationRamp(&p.ramp, "ramp", ""),
	}
}

func TestReadAll(t *testing.T) {
	var p places
	require.Empty(t, problemsOf(map[string]any{
		"text": "x", "flag": true, "count": int64(3), "number": 1.5, "delay": "2s", "size": int64(7), "share": "10%", "names": "one",
		"colour": "green", "ramp": map[string]any{"from": "1s", "to": "3s", "over": "10s"},
	}, p.fields()...))
	require.Equal(t, places{
		text: "x", flag: true, count: 3, number: 1.5, delay: 2 * time.Second, size: 7, share: 0.1, names: []string{"one"}, colour: "green",
		ramp: schema.Ramp{From: 1e9, To: 3e9, Over: 10 * time.Second},
	}, p)
}

func TestReadProblems(t *testing.T) {
	for _, test := range []struct {
		key   string
		value any
		want  string
	}{
		{"text", int64(1), `not a string, got 1, want a string`},
		{"flag", "true", `not a boolean, got "true", want true or false`},
		{"count", int64(10), `out of range, got 10, want a whole number from 1 to 9`},
		{"count", 1.5, `not a whole number, got 1.5, want a whole number from 1 to 9`},
		{"number", 0.5, `out of range, got 0.5, want a number from 1`},
		{"number", math.NaN(), `out of range, got NaN, want a number from 1`},
		{"number", math.Inf(1), `out of range, got +Inf, want a number from 1`},
		{"delay", int64(30), `not a duration, got 30, want a duration such as "30s" (units ms, s, m, h, d)`},
		{"delay", "30", `not a duration, got "30", want a duration such as "30s" (units ms, s, m, h, d)`},
		{"size", int64(-1), `not a size, got -1, want a size such as "64KiB" (units B, KiB, MiB, GiB, kB, MB) or a number of bytes`},
		{"share", 1.1, `not a share, got 1.1, want a share from 0 to 1 such as 0.1, or "10%"`},
		{"share", math.NaN(), `not a share, got NaN, want a share from 0 to 1 such as 0.1, or "10%"`},
		{"names", []any{}, `not a list of strings, got [], want a string or a list of strings`},
		{"names", []any{int64(1)}, `not a list of strings, got [1], want a string or a list of strings`},
		{"colour", "blue", `unknown value, got "blue", want one of red, green`},
		{"colour", "gren", "unknown value, got \"gren\", want one of red, green\n  hint: did you mean \"green\"?"},
		{"colour", time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC), `unknown value, got 2026-11-24T02:00:00Z, want one of red, green`},
		{"ramp", "x", `not a duration, got "x", want a duration such as "30s" (units ms, s, m, h, d), or a table { from, to, over }`},
		{"count", strings.Repeat("x", 61), `not a number, got "` + strings.Repeat("x", 60) + `…", want a whole number from 1 to 9`},
		{"cuont", int64(1), "unknown key, want one of text, flag, count, number, delay, size, share, names, colour, ramp\n  hint: did you mean \"count\"?"},
		{"xyzzyxyzzy", int64(1), "unknown key, want one of text, flag, count, number, delay, size, share, names, colour, ramp"},
	} {
		t.Run(test.key+" "+test.want, func(t *testing.T) {
			var p places
			require.Equal(t, []string{"test.toml: " + test.key + ": " + test.want}, problemsOf(map[string]any{test.key: test.value}, p.fields()...))
		})
	}
}

func TestReadRampProblems(t *testing.T) {
	var p places
	require.Equal(t, []string{
		`test.toml: ramp.from: not a duration, got 1, want a duration such as "30s" (units ms, s, m, h, d)`,
		`test.toml: ramp.over: not a duration, got "0s", want a duration such as "30s" (units ms, s, m, h, d) above 0`,
		"test.toml: ramp.to: is missing, want a duration such as \"30s\" (units ms, s, m, h, d)",
	}, sorted(problemsOf(map[string]any{"ramp": map[string]any{"from": int64(1), "over": "0s"}}, p.fields()...)))
}

func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}

// All problems are reported, by line, whatever the order of the fields.
func TestReadSortsByLine(t *testing.T) {
	var p places
	require.Equal(t, []string{
		`test.toml:1: colour: unknown value, got "blue", want one of red, green`,
		"test.toml:2: text: not a string, got 5, want a string",
		"test.toml:3: nothing: unknown key, want one of text, flag, count, number, delay, size, share, names, colour, ramp",
		"test.toml:4: count: out of range, got 0, want a whole number from 1 to 9",
	}, problemsAt(
		map[string]int{"count": 4, "text": 2, "nothing": 3, "colour": 1},
		map[string]any{"count": int64(0), "text": int64(5), "nothing": true, "colour": "blue"},
		p.fields()...,
	))
}

// A table is read whole; what is not given keeps its default.
func TestReadTable(t *testing.T) {
	delay := 5 * time.Second
	inner := schema.Table("inner", "", schema.Duration(&delay, "delay", "").Needed())
	for _, test := range []struct {
		name  string
		value any
		want  []string
	}{
		{"sound", map[string]any{"delay": "1s"}, nil},
		{"no table", "1s", []string{`test.toml:3: inner: not a table, got "1s", want a table`}},
		{"required key missing", map[string]any{}, []string{"test.toml:3: inner.delay: is missing, want a duration such as \"30s\" (units ms, s, m, h, d)"}},
		{"a key with a dot", map[string]any{"delay": "1s", "a.b": 1}, []string{`test.toml:3: inner."a.b": unknown key, want one of delay`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, problemsAt(map[string]int{"inner": 3}, map[string]any{"inner": test.value}, inner))
		})
	}
}

// A key of a table below is hinted at with its table.
func TestReadHintsAtTheTable(t *testing.T) {
	attempt := 0
	when := schema.Table("when", "", schema.Int(&attempt, "attempt", 1, 9, ""))
	require.Equal(t, []string{"test.toml: attempt: unknown key, want one of when\n  hint: did you mean \"when.attempt\"?"},
		problemsOf(map[string]any{"attempt": int64(1)}, when))
}

// Checks and what follows them are left out when the value could not be read.
func TestChecked(t *testing.T) {
	size, done := int64(3), false
	field := schema.Size(&size, "size", "").Checked(func(v schema.Value) {
		if size > 9 {
			v.Reject("too large", "at most 9", "")
		}
	}).Then(func() { done = true })

	require.Equal(t, []string{"test.toml: size: too large, got 10, want at most 9"}, problemsOf(map[string]any{"size": int64(10)}, field))
	require.False(t, done)
	require.Empty(t, problemsOf(map[string]any{"size": int64(9)}, field))
	require.True(t, done)
}

func TestDefaults(t *testing.T) {
	p := places{text: "x", count: 2, delay: time.Minute, size: 1 << 20, share: 0.5, names: []string{"a", "b"}, colour: "red"}
	got := map[string]string{}
	for _, f := range p.fields() {
		got[f.Key] = f.Default
	}
	require.Equal(t, map[string]string{
		"text": `"x"`, "flag": "false", "count": "2", "number": "", "delay": `"1m"`, "size": `"1MiB"`, "share": `"50%"`, "names": `["a", "b"]`,
		"colour": `"red"`, "ramp": "",
	}, got)
}

func TestRamp(t *testing.T) {
	ramp := schema.Ramp{From: 10, To: 20, Over: 10 * time.Second}
	for elapsed, want := range map[time.Duration]float64{
		-time.Second: 10, 0: 10, 5 * time.Second: 15, 10 * time.Second: 20, time.Hour: 20,
	} {
		require.InDelta(t, want, ramp.At(elapsed), 0, "%v", elapsed)
	}
	require.InDelta(t, 7, schema.Flat(7).At(time.Second), 0)
}
