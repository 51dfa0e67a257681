package receiver

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func TestKinds(t *testing.T) {
	tests := []struct {
		body, contentType string
		kind              string
		depth             int
	}{
		{``, "application/json", empty, 0},
		{`{"a": [1, {"b": null}]}`, "", structure, 3},
		{` [true, -1.5e+3] `, "text/plain", structure, 1},
		{`"text with ] and \" and é"`, "", structure, 0},
		{`42`, "", structure, 0},
		{`{"a": "[[["}`, "", structure, 1},
		{`[]`, "", structure, 1},
		{`{"a": {}, "a": {}}`, "", structure, 2},
		{`{"n": ` + strings.Repeat("9", 100_000) + `}`, "", structure, 1},
		{`{"a": }`, "application/json", text, 0},
		{`{"a": 1,}`, "application/json", text, 0},
		{`[1,]`, "", text, 0},
		{`[1 2]`, "", text, 0},
		{`{"a" "b"}`, "", text, 0},
		{`{a: 1}`, "", text, 0},
		{`{"a": 1 "b": 2}`, "", text, 0},
		{`["\x"]`, "", text, 0},
		{`["\u00G0"]`, "", text, 0},
		{`["\u00e9"]`, "", structure, 1},
		{`test`, "", text, 0},
		{`true false`, "", text, 0},
		{`{"a": 1} {"b": 2}`, "", text, 0},
		{`{"a": 1`, "application/json", text, 0},
		{`[1}`, "", text, 0},
		{`]`, "", text, 0},
		{`"a" "b"`, "", text, 0},
		{"\"line\nbreak\"", "", text, 0},
		{`[nope]`, "", text, 0},
		{`NaN`, "", text, 0},
		{`a=1&b=2`, "application/x-www-form-urlencoded; charset=utf-8", form, 0},
		{`a=1&b=2`, "", text, 0},
		{"--x\r\n\r\n1\r\n--x--", "multipart/form-data; boundary=x", multipart, 0},
		{"héllo", "", text, 0},
		{"h\xe9llo", "text/plain", binary, 0},
		{"ends in a character: \xc3", "", binary, 0},
		{"[\"\xff\"]", "application/json", binary, 0},
		{"\x00\x01", "", text, 0}, // UTF-8, all the same
		{strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000), "", structure, 200_000},
	}
	for _, tt := range tests {
		t.Run(tt.kind+" "+tt.body[:min(len(tt.body), 20)], func(t *testing.T) {
			whole, bytewise := newDescription(), newDescription()
			_, _ = whole.Write([]byte(tt.body))
			for _, b := range []byte(tt.body) {
				_, _ = bytewise.Write([]byte{b})
			}
			for _, d := range []*description{whole, bytewise} {
				kind, depth := d.kind(tt.contentType)
				require.Equal(t, tt.kind, kind)
				require.Equal(t, tt.depth, depth)
				require.Equal(t, int64(len(tt.body)), d.n)
			}
			require.Equal(t, whole.digest(), bytewise.digest())
		})
	}
}

// FuzzShape: what encoding/json takes for JSON has the shape of it, in whatever pieces it comes, and nothing else has.
func FuzzShape(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2,{"b":"c\\"}]}`, `"x"`, ` null `, `[]`, `-0.1e5`, `[1 2]`, `{"a"`, `{"a":}`, `[,]`, `"\u12x4"`, `{"a":1,"a":2}`, `1 1`, `tru`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var whole, bytewise shape
		whole.pass([]byte(body))
		for _, b := range []byte(body) {
			bytewise.pass([]byte{b})
		}
		require.Equal(t, whole.whole(), bytewise.whole())
		const deepest = 10_000 // that encoding/json reads
		if whole.deepest <= deepest {
			require.Equal(t, json.Valid([]byte(body)), whole.whole(), body)
		}
	})
}

// FuzzStrings: what is written as a string of JSON is read back as it was.
func FuzzStrings(f *testing.F) {
	f.Add("plain \" \\ é 𝄞 \x00 <&>")
	f.Fuzz(func(t *testing.T, body string) {
		d := newDescription()
		_, _ = d.Write([]byte(body))
		if !d.isText() {
			return // other bytes are written as base64
		}
		got := written(t, iotest.OneByteReader(strings.NewReader(body)))
		require.Equal(t, body, got)
	})
}
