package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/schema"
)

func TestParseSize(t *testing.T) {
	for _, test := range []struct {
		text string
		want int64
	}{
		{"0", 0}, {"512", 512}, {"512B", 512}, {"64KiB", 64 << 10}, {"1MiB", 1 << 20}, {"10GiB", 10 << 30}, {"2kB", 2000}, {"3MB", 3_000_000},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := schema.ParseSize(test.text)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestParseSizeErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", `"" is not a size`},
		{"unit alone", "KiB", `"KiB" is not a size`},
		{"unit in small letters", "1kib", `"1kib" is not a size`},
		{"ambiguous unit", "1K", `"1K" is not a size`},
		{"unit that is none of ours", "1GB", `"1GB" is not a size`},
		{"decimal", "1.5MiB", `"1.5MiB" is not a size`},
		{"negative", "-1", `"-1" is not a size`},
		{"space", "64 KiB", `"64 KiB" is not a size`},
		{"too large", "9223372036854775808", `size "9223372036854775808" is too large`},
		{"too large with its unit", "8589934592GiB", `size "8589934592GiB" is too large`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := schema.ParseSize(test.text)
			require.EqualError(t, err, test.want)
		})
	}
}

func FuzzSize(f *testing.F) {
	for _, text := range []string{"64KiB", "512", "2kB", "-1", "1.5MiB", "8589934592GiB"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := schema.ParseSize(text)
		if err != nil {
			return
		}
		require.GreaterOrEqual(t, n, int64(0))
		again, err := schema.ParseSize(schema.FormatSize(n))
		require.NoError(t, err)
		require.Equal(t, n, again)
	})
}
