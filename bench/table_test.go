package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
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
		Title:   "Forwarding",
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
`
	assert.Equal(t, want, example().markdown())
}
