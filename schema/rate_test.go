package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/schema"
)

func TestParseRate(t *testing.T) {
	for _, test := range []struct {
		text string
		want int64
	}{
		{"1B/s", 1}, {"64KiB/s", 64 << 10}, {"512/s", 512}, {"2kB/s", 2000}, {"10MB/s", 10_000_000}, {"1GiB/s", 1 << 30},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := schema.ParseRate(test.text)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
			again, err := schema.ParseRate(schema.FormatRate(got))
			require.NoError(t, err)
			require.Equal(t, got, again)
		})
	}
}

func TestParseRateErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", `"" is not a rate`},
		{"size", "64KiB", `"64KiB" is not a rate`},
		{"a second alone", "/s", `rate "/s": "" is not a size`},
		{"a minute", "64KiB/m", `"64KiB/m" is not a rate`},
		{"bits", "64Kbit/s", `rate "64Kbit/s": "64Kbit" is not a size`},
		{"nothing", "0B/s", `rate "0B/s" lets nothing through`},
		{"negative", "-1B/s", `rate "-1B/s": "-1B" is not a size`},
		{"decimal", "1.5KiB/s", `rate "1.5KiB/s": "1.5KiB" is not a size`},
		{"too large", "8589934592GiB/s", `rate "8589934592GiB/s": size "8589934592GiB" is too large`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := schema.ParseRate(test.text)
			require.EqualError(t, err, test.want)
		})
	}
}
