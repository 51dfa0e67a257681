package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/schema"
)

func TestSizeComparison(t *testing.T) {
	for _, test := range []struct {
		text   string
		holds  []int64
		misses []int64
	}{
		{"<1KiB", []int64{0, 1023}, []int64{1024, 1025}},
		{"<=1KiB", []int64{0, 1024}, []int64{1025}},
		{">64KiB", []int64{65537}, []int64{65536, 0}},
		{">=64KiB", []int64{65536}, []int64{65535}},
		{"512B", []int64{512}, []int64{511, 513}},
		{"> 1MiB", []int64{1<<20 + 1}, []int64{1 << 20}},
	} {
		t.Run(test.text, func(t *testing.T) {
			c, err := schema.ParseSizeComparison(test.text)
			require.NoError(t, err)
			for _, n := range test.holds {
				require.True(t, c.Holds(n), "%d", n)
			}
			for _, n := range test.misses {
				require.False(t, c.Holds(n), "%d", n)
			}
			require.Equal(t, test.text, c.String())
		})
	}
}

func TestComparisonErrors(t *testing.T) {
	for _, test := range []struct {
		name  string
		parse func(string) (schema.Comparison, error)
		text  string
		want  string
	}{
		{"sign alone", schema.ParseSizeComparison, ">", `"" is not a size`},
		{"no sign of ours", schema.ParseSizeComparison, "!=5", `"!=5" is not a size`},
		{"two signs", schema.ParseSizeComparison, ">>5", `">5" is not a size`},
		{"a duration", schema.ParseSizeComparison, ">5s", `"5s" is not a size`},
		{"an age is never equal", schema.ParseAge, "2m", `"2m" is not a comparison`},
		{"an age without unit", schema.ParseAge, ">2", `"2" is not a duration`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.parse(test.text)
			require.EqualError(t, err, test.want)
		})
	}
}

func FuzzComparison(f *testing.F) {
	for _, text := range []string{">64KiB", "<=2m", "5", "=5", ">", "> 5"} {
		f.Add(text, int64(5))
	}
	f.Fuzz(func(t *testing.T, text string, n int64) {
		if c, err := schema.ParseSizeComparison(text); err == nil {
			c.Holds(n)
		}
		if c, err := schema.ParseAge(text); err == nil {
			require.NotEqual(t, c.Holds(c.Bound-1), c.Holds(c.Bound+1))
		}
	})
}
