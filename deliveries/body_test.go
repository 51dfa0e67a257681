package deliveries

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBodies(t *testing.T) {
	binary := "\xff\xfe{\"token\":\"x\"}"
	tests := []struct {
		policy, kept string
		keep         int64
		digest       string
		want         any
	}{
		{"", "text", 0, "ab", nil},
		{"hash", "text", 0, "ab", nil},
		{"none", "text", 0, "", nil},
		{"full", "text", -1, "ab", "text"},
		{"full", "", -1, "ab", ""},
		{"full", `{"token":"secret"}`, -1, "ab", `{"token":"` + sha + `"}`},
		{"full", binary, -1, "ab", map[string]any{"base64": base64.StdEncoding.EncodeToString([]byte(binary))}},
		{"full", "ä\xc3", -1, "ab", map[string]any{"base64": "w6TD"}},
		{"first 4KiB", "ä\xc3", 4096, "ab", "ä"},
		{"first 4KiB", "ä", 4096, "ab", "ä"},
		{"first 4", "textual", 4, "ab", "text"},
		{"first 1 kB", strings.Repeat("x", 999) + "\xe2\x82", 1000, "ab", strings.Repeat("x", 999)},
		{"first 2MB", "\xff", 2_000_000, "ab", map[string]any{"base64": "/w=="}},
	}
	for _, tt := range tests {
		t.Run(tt.policy, func(t *testing.T) {
			p, err := ParseBodyPolicy(tt.policy)
			require.NoError(t, err)
			require.Equal(t, tt.keep, p.Keep())
			require.Equal(t, tt.digest, p.Digest([]byte{0xab}))
			require.Equal(t, tt.want, p.Body([]byte(tt.kept), redactor(t)))
		})
	}
}

func TestParseBodyPolicyErrors(t *testing.T) {
	for _, text := range []string{"some", "first", "first ", "first KiB", "first 0", "first -4KiB", "first 4Kib", "first 4 KiB more", "first 9999999999GiB"} {
		t.Run(text, func(t *testing.T) {
			_, err := ParseBodyPolicy(text)
			require.EqualError(t, err, `got "`+text+`", want "none", "hash", "first 4KiB" or "full"`)
		})
	}
}
