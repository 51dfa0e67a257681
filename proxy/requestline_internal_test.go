package proxy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRequestLine: what net/http gets of a line, however it is cut, and what is kept of it.
func TestRequestLine(t *testing.T) {
	const rest = "Host: x\r\nX: a /%zz HTTP/1.1\r\n\r\nGET /%zz HTTP/1.1\r\n"
	tests := []struct{ name, line, want, target string }{
		{"plain", "POST /a HTTP/1.1\r\n", "", ""},
		{"escapes", "POST /%41?%7e HTTP/1.1\r\n", "", ""},
		{"none", "POST /%zz HTTP/1.1\r\n", "POST /%25zz HTTP/1.1\r\n", "/%zz"},
		{"at the end, LF", "POST http://h/%4 HTTP/1.0\n", "POST http://h/%254 HTTP/1.0\n", "http://h/%4"},
		{"of several", "GET /%%41% HTTP/1.1\r\n", "GET /%25%41%25 HTTP/1.1\r\n", "/%%41%"},
		{"a CONNECT", "CONNECT h%zz:443 HTTP/1.1\r\n", "", ""},
		{"no version", "GET /%zz\r\n", "", ""},
		{"another version", "GET /%zz TEA/1.1\r\n", "", ""},
		{"one word", "%zz\r\n", "", ""},
		{"nothing", "\r\n", "", ""},
		{"too long", "GET /%zz" + strings.Repeat("x", 1000) + " HTTP/1.1\r\n", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if want == "" {
				want = tt.line
			}
			for size := 1; size <= len(tt.line+rest); size++ {
				if tt.name == "too long" && size > 500 {
					break // whole lines are mended, whatever came with them
				}
				var l requestLine
				l.begin(500)
				var got strings.Builder
				buf := make([]byte, 3)
				for text := []byte(tt.line + rest); len(text) > 0; text = text[min(size, len(text)):] {
					part := text[:min(size, len(text))]
					got.Write(part[:l.pass(part)])
					for n := l.read(buf); n > 0; n = l.read(buf) {
						got.Write(buf[:n])
					}
				}
				require.False(t, l.letGo(), "nothing is left")
				require.Equal(t, want+rest, got.String(), size)
				require.Equal(t, tt.target, l.target, size)
			}
		})
	}
}

// TestRequestLineCut: what is held of a line that does not come to its end is read all the same.
func TestRequestLineCut(t *testing.T) {
	var l requestLine
	require.False(t, l.letGo())
	l.begin(500)
	require.Zero(t, l.pass([]byte("GET /%z")))
	require.Zero(t, l.read(make([]byte, 9)))
	require.True(t, l.letGo())
	buf := make([]byte, 9)
	require.Equal(t, "GET /%z", string(buf[:l.read(buf)]))
	require.False(t, l.letGo())
}
