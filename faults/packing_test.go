package faults_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
)

// TestRewritePacked: what looks into a body looks into what it unpacks to, and packs it again; what cannot be unpacked is left alone, byte for byte.
func TestRewritePacked(t *testing.T) {
	const plain = `{"n":1,"items":[1,2]}`
	gzipped, bomb := gzipped(t, plain), gzipped(t, strings.Repeat(" ", 17<<20))
	tests := []struct {
		name, keys, coding, body string
		want                     string // unpacked, where it is packed again
		again, replaced          bool
		problem                  string
	}{
		{"set", `json_set = { n = 2 }`, "gzip", gzipped, `{"n":2,"items":[1,2]}`, true, false, ""},
		{"removed", `json_remove = "items[0]"`, "X-GZIP", gzipped, `{"n":1,"items":[2]}`, true, false, ""},
		{"a template", `template = "{{.Body.n}}"`, "gzip", gzipped, "1", false, true, ""},
		{"a new body", `body = "new"`, "gzip", gzipped, "new", false, true, ""},
		{"what is not there", `json_remove = "nothing"`, "gzip", gzipped, gzipped, false, false, "nothing is not there"},
		{"cut", `json_set = { n = 2 }`, "gzip", gzipped[:len(gzipped)-9], gzipped[:len(gzipped)-9], false, false, "the body is no gzip: unexpected EOF"},
		{"not packed after all", `json_set = { n = 2 }`, "gzip", plain, plain, false, false, "the body is no gzip: gzip: invalid header"},
		{"another coding", `json_set = { n = 2 }`, "br", "\x01", "\x01", false, false, "the body is packed (br)"},
		{"too much", `json_set = { n = 2 }`, "gzip", bomb, bomb, false, false, "the body unpacks to more than 16 MiB"},
		{"none", `json_set = { n = 2 }`, "identity", plain, `{"n":2,"items":[1,2]}`, false, false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := faults.Payload{Header: faults.Header{"Content-Encoding": {tt.coding}}}
			got, replaced, problems := rewriteOf(t, tt.keys).ApplyBody(p, []byte(tt.body), true)
			if tt.again {
				r, err := gzip.NewReader(bytes.NewReader(got))
				require.NoError(t, err)
				got, err = io.ReadAll(r)
				require.NoError(t, err)
			}
			require.True(t, tt.want == string(got), "got %.100q", got)
			require.Equal(t, tt.replaced, replaced)
			if tt.problem == "" {
				require.Empty(t, problems)
				return
			}
			require.EqualError(t, problems[0], tt.problem)
		})
	}
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}
