package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSpreadOf(t *testing.T) {
	tests := []struct {
		name   string
		rounds []float64
		want   spread
	}{
		{name: "none was taken"},
		{name: "one", rounds: []float64{3}, want: spread{Median: 3, Min: 3, Max: 3, Rounds: []float64{3}}},
		{name: "an odd number", rounds: []float64{9, 1, 2}, want: spread{Median: 2, Min: 1, Max: 9, Rounds: []float64{9, 1, 2}}},
		{name: "an even number", rounds: []float64{4, 1, 9, 2}, want: spread{Median: 3, Min: 1, Max: 9, Rounds: []float64{4, 1, 9, 2}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, spreadOf(test.rounds))
		})
	}
}

// example is a table with all that a table can have.
func example() table {
	return table{
		Name:    "forward",
		Title:   "Forwarding",
		Run:     "2026-11-26 02:41 UTC, 3 rounds of 2 s; load average before it 0.1",
		Columns: []column{{Name: "CPU", Unit: "µs", Digits: 1, Ratio: true}, {Name: "RSS", Unit: "MiB"}},
		Rows: []row{
			{Name: "faultline", Cells: []spread{spreadOf([]float64{60, 50, 70}), spreadOf([]float64{38})}},
			{Name: "goproxy", Cells: []spread{spreadOf([]float64{120, 110, 130}), spreadOf(nil)}},
			{Name: "squid", Missing: "not on this machine"},
		},
		Notes: []string{"Wanted: less."},
	}
}

func TestATableForATerminal(t *testing.T) {
	want := `Forwarding

                         CPU µs  faultline ÷ it  RSS MiB
faultline     60.0 (50.0..70.0)            1.00       38
goproxy    120.0 (110.0..130.0)            0.50        –
squid       not on this machine
Wanted: less.
`
	assert.Equal(t, want, example().text())
}

func TestATableForAPage(t *testing.T) {
	want := `## Forwarding

|  | CPU µs | faultline ÷ it | RSS MiB |
|---|---:|---:|---:|
| faultline | 60.0 (50.0..70.0) | 1.00 | 38 |
| goproxy | 120.0 (110.0..130.0) | 0.50 | – |
| squid | not on this machine |  |  |

Wanted: less.

2026-11-26 02:41 UTC, 3 rounds of 2 s; load average before it 0.1.
`
	assert.Equal(t, want, example().markdown())
}

func TestAPartThatIsMeasuredAgainTakesThePlaceOfItsTables(t *testing.T) {
	name := filepath.Join(t.TempDir(), "bench.json")
	before := report{Tables: []table{example(), {Name: "log", Title: "The log", Rows: []row{{Name: "never"}}}}}
	require.NoError(t, before.writeJSON(name))

	tables, err := tablesOf(name)
	require.NoError(t, err)
	require.Equal(t, example().markdown(), tables[0].markdown())

	after := report{Tables: tables}
	after.put(table{Name: "forward", Title: "Forwarding, again"})
	after.put(table{Name: "idle", Title: "Idle"})
	var titles []string
	for _, one := range after.Tables {
		titles = append(titles, one.Title)
	}
	assert.Equal(t, []string{"Forwarding, again", "The log", "Idle"}, titles)

	none, err := tablesOf(filepath.Join(t.TempDir(), "none.json"))
	require.NoError(t, err)
	assert.Empty(t, none)
}

// A round in which the machine was half as fast for both is no reason for another ratio.
func TestARatioIsOfTheSameRounds(t *testing.T) {
	one := table{Rows: []row{
		{Name: "faultline", Cells: []spread{spreadOf([]float64{50, 100, 60})}},
		{Name: "goproxy", Cells: []spread{spreadOf([]float64{100, 200, 90})}},
		{Name: "none", Cells: []spread{spreadOf(nil)}},
		{Name: "missing", Missing: "not on this machine"},
		{Name: "zero", Cells: []spread{spreadOf([]float64{0})}},
	}}
	var got []string
	for i := range one.Rows {
		got = append(got, one.ratio(0, i))
	}
	assert.Equal(t, []string{"1.00", "0.50", "–", "–", "–"}, got)
}
