package deliveries

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
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
		{"full", "{\"token\":\"secret\",\"name\":\"\xff\"}", -1, "ab",
			map[string]any{"base64": base64.StdEncoding.EncodeToString([]byte("{\"token\":\"" + sha + "\",\"name\":\"\xff\"}"))}},
		{"full", "ä\xc3", -1, "ab", map[string]any{"base64": "w6TD"}},
		{"first 4KiB", "ä\xc3", 4096, "ab", "ä"},
		{"first 4KiB", "ä", 4096, "ab", "ä"},
		{"first 4", "text", 4, "ab", "text"},
		{"first 1 kB", strings.Repeat("x", 999) + "\xe2\x82", 1000, "ab", strings.Repeat("x", 999)},
		{"first 2MB", "\xff", 2_000_000, "ab", map[string]any{"base64": "/w=="}},
	}
	for _, tt := range tests {
		t.Run(tt.policy, func(t *testing.T) {
			p, err := ParseBodyPolicy(tt.policy)
			require.NoError(t, err)
			require.Equal(t, tt.keep, p.Keep())
			require.Equal(t, tt.digest, p.Digest([]byte{0xab}))
			got := p.Body(keptOf(tt.kept), redactor(t))
			if tt.want == nil {
				require.Nil(t, got)
				return
			}
			require.Equal(t, asJSON(t, tt.want), asJSON(t, got))
		})
	}
}

// keptOf keeps a text that came in parts of growing size.
func keptOf(text string) *Kept {
	kept := new(Kept)
	for n := 1; len(text) > 0; n = min(2*n, len(text)) {
		kept.Append([]byte(text[:n]))
		text = text[n:]
	}
	return kept
}

// asJSON is what encoding/json makes of it, as the log has it.
func asJSON(t testing.TB, v any) string {
	t.Helper()
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	require.NoError(t, encoder.Encode(v))
	return buf.String()
}

// TestLargeBodies: whatever is in a body, and wherever its pieces end, it stands in the log as encoding/json would have it there, and its secrets do not.
func TestLargeBodies(t *testing.T) {
	full, err := ParseBodyPolicy("full")
	require.NoError(t, err)
	words := []string{"plain", "ä", "\u2028", "😀", `"quoted"`, "back\\slash", "\t\n\x00\x7f", "<&>", "{}", "�"}
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 0))
		var text strings.Builder
		for size := r.IntN(3 * mostPiece); text.Len() < size; {
			text.WriteString(words[r.IntN(len(words))])
		}
		require.Equal(t, asJSON(t, text.String()), asJSON(t, full.Body(keptOf(text.String()), redactor(t))))

		binary := text.String() + "\xff"
		require.Equal(t, asJSON(t, map[string]any{"base64": []byte(binary)}), asJSON(t, full.Body(keptOf(binary), redactor(t))))

		value := asJSON(t, text.String())
		object := `{"a":` + value + `,"tokens":[` + value + `],"b":` + value + "}"
		clean := `{"a":` + value + `,"tokens":"` + redacted("["+value+"]") + `","b":` + value + "}"
		require.Equal(t, asJSON(t, clean), asJSON(t, full.Body(keptOf(object), redactor(t))))
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

// A logged body is the one that came only where its hash says so.
func TestWholeBody(t *testing.T) {
	hash := func(text string) string { sum := sha256.Sum256([]byte(text)); return hex.EncodeToString(sum[:]) }
	tests := []struct {
		name string
		of   Message
		want string
		ok   bool
	}{
		{"a text", Message{Bytes: 4, SHA256: hash("text"), Body: "text"}, "text", true},
		{"bytes", Message{Bytes: 2, SHA256: hash("\xff\x00"), Body: map[string]any{"base64": "/wA="}}, "\xff\x00", true},
		{"no body", Message{SHA256: hash("")}, "", true},
		{"no body, and nothing of bodies in the log", Message{}, "", true},
		{"its hash alone", Message{Bytes: 4, SHA256: hash("text")}, "", false},
		{"nothing of it", Message{Bytes: 4}, "", false},
		{"its beginning", Message{Bytes: 4, SHA256: hash("text"), Body: "te"}, "te", false},
		{"redacted", Message{Bytes: 13, SHA256: hash(`{"token":"x"}`), Body: `{"token":"sha256:2d711642"}`}, `{"token":"sha256:2d711642"}`, false},
		{"damaged", Message{Bytes: 2, SHA256: hash("ab"), Body: map[string]any{"base64": "!"}}, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := tt.of.Whole()
			require.Equal(t, tt.want, string(got))
			require.Equal(t, tt.ok, ok)
		})
	}
}

func TestRedacted(t *testing.T) {
	require.True(t, Redacted(redacted("secret")))
	for _, value := range []string{"", "secret", "sha256:", "sha256:2d71164", "sha256:2d7116421", "sha256:2d71164x", "Sha256:2d711642"} {
		require.False(t, Redacted(value), value)
	}
}
