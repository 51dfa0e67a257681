package schema_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/schema"
)

func TestParseDuration(t *testing.T) {
	for _, test := range []struct {
		text string
		want time.Duration
	}{
		{"0s", 0},
		{"800ms", 800 * time.Millisecond},
		{"30s", 30 * time.Second},
		{"1.5s", 1500 * time.Millisecond},
		{"0.5ms", 500 * time.Microsecond},
		{"1h30m", 90 * time.Minute},
		{"1d12h0.5s", 36*time.Hour + 500*time.Millisecond},
		{"7d", 7 * 24 * time.Hour},
		{"106751d", 106751 * 24 * time.Hour},
		{"0.0000000009s", 0}, // under a nanosecond
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := schema.ParseDuration(test.text)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestParseDurationErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", `"" is not a duration`},
		{"no unit", "30", `"30" is not a duration`},
		{"no number", "s", `"s" is not a duration`},
		{"negative", "-1s", `"-1s" is not a duration`},
		{"plus", "+1s", `"+1s" is not a duration`},
		{"space", "1 s", `"1 s" is not a duration`},
		{"unknown unit", "1w", `"1w" is not a duration`},
		{"finer than ms", "5us", `"5us" is not a duration`},
		{"word", "30sec", `"30sec" is not a duration`},
		{"short before long", "30m1h", `"30m1h" is not a duration`},
		{"a unit twice", "1m1m", `"1m1m" is not a duration`},
		{"no digit after the point", "1.s", `"1.s" is not a duration`},
		{"no digit before the point", ".5s", `".5s" is not a duration`},
		{"two points", "1.2.3s", `"1.2.3s" is not a duration`},
		{"rest without unit", "1h30", `"1h30" is not a duration`},
		{"longer than a Duration", "106752d", `duration "106752d" is too long`},
		{"longer in sum", "106751d24h", `duration "106751d24h" is too long`},
		{"digits without end", "9999999999999999999999999999999999999999999999999999999999999999s",
			`"999999999999999999999999999999999999999999999999999999999999…" is not a duration`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := schema.ParseDuration(test.text)
			require.EqualError(t, err, test.want)
		})
	}
}

func TestFormatDuration(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0s": 0, "800ms": 800 * time.Millisecond, "1h30m": 90 * time.Minute, "7d": 7 * 24 * time.Hour, "1s500ms": 1500 * time.Millisecond,
		"0.5ms": 500 * time.Microsecond, "2m0.001ms": 2*time.Minute + time.Microsecond,
	} {
		require.Equal(t, want, schema.FormatDuration(d))
	}
}

// What is written is read as the same again.
func FuzzDuration(f *testing.F) {
	for _, text := range []string{"800ms", "1.5s", "1h30m", "-1s", "30", "1d12h0.5s", "106751d23h47m16.854s"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := schema.ParseDuration(text)
		if err != nil {
			return
		}
		require.GreaterOrEqual(t, d, time.Duration(0))
		d = d.Truncate(time.Millisecond)
		again, err := schema.ParseDuration(schema.FormatDuration(d))
		require.NoError(t, err)
		require.Equal(t, d, again)
	})
}

func TestLongestDuration(t *testing.T) {
	longest := time.Duration(math.MaxInt64).Truncate(time.Millisecond)
	again, err := schema.ParseDuration(schema.FormatDuration(longest))
	require.NoError(t, err)
	require.Equal(t, longest, again)
}
