package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/schema"
)

func TestParseShare(t *testing.T) {
	for _, test := range []struct {
		text string
		want float64
	}{
		{"0%", 0}, {"10%", 0.1}, {"0.1%", 0.001}, {"33.3%", 0.333}, {"100%", 1}, {"100.0%", 1},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := schema.ParseShare(test.text)
			require.NoError(t, err)
			require.InDelta(t, test.want, got, 0)
		})
	}
}

func TestParseShareErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", `"" is not a share`},
		{"no sign", "10", `"10" is not a share`},
		{"share in quotes", "0.1", `"0.1" is not a share`},
		{"above all", "100.1%", `"100.1%" is not a share`},
		{"negative", "-1%", `"-1%" is not a share`},
		{"space", "10 %", `"10 %" is not a share`},
		{"exponent", "1e1%", `"1e1%" is not a share`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := schema.ParseShare(test.text)
			require.EqualError(t, err, test.want)
		})
	}
}

func FuzzShare(f *testing.F) {
	for _, text := range []string{"10%", "0.1%", "100%", "101%", "%", "1e9%"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		share, err := schema.ParseShare(text)
		if err != nil {
			return
		}
		require.True(t, share >= 0 && share <= 1, "%v", share)
	})
}
