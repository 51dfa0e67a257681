package http1

import (
	"bufio"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// A head is read to its end and no further, however it is cut.
func TestReadHead(t *testing.T) {
	long := "A: " + strings.Repeat("x", 5000) + "\r\n\r\n"
	tests := []struct{ name, text, want string }{
		{"a head", "GET / HTTP/1.1\r\nA: b\r\n\r\nbody", "GET / HTTP/1.1\r\nA: b\r\n\r\n"},
		{"line feeds alone", "GET /\nA: b\n\nbody", "GET /\nA: b\n\n"},
		{"an empty trailer", "\r\nrest", "\r\n"},
		{"larger than the buffer", long + "body", long},
		{"a CR in a line", "A: \r\r\n\r\n", "A: \r\r\n\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, cut := range map[string]func(io.Reader) io.Reader{
				"whole": func(r io.Reader) io.Reader { return r }, "by bytes": iotest.OneByteReader, "by halves": iotest.HalfReader,
			} {
				br := bufio.NewReader(cut(strings.NewReader(tt.text)))
				_, _ = br.Peek(1)
				got, whole := TakeHead(br, 6000)
				if whole {
					require.NotEqual(t, "by bytes", name)
				} else {
					var err error
					got, err = ReadHead(br, 6000, nil)
					require.NoError(t, err, name)
				}
				require.Equal(t, tt.want, got, name)
				rest, err := io.ReadAll(br)
				require.NoError(t, err)
				require.Equal(t, tt.text, got+string(rest), name)
			}
		})
	}
}

func TestReadHeadEnds(t *testing.T) {
	got, err := ReadHead(bufio.NewReader(strings.NewReader("GET / HTTP/1.1\r\nA: b\r\n")), 1000, nil)
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, "GET / HTTP/1.1\r\nA: b\r\n", got)
	for _, endless := range []string{"A: " + strings.Repeat("x", 9000), strings.Repeat("A: b\r\n", 2000) + "\r\n", "GET / HTTP/1.1\r\n" + strings.Repeat("x", 990) + "\r\n\r\n"} {
		_, err = ReadHead(bufio.NewReader(strings.NewReader(endless)), 1000, nil)
		require.ErrorIs(t, err, ErrTooLong)
	}
}

// The first line is looked at before there is an end, once.
func TestReadHeadByItsFirstLine(t *testing.T) {
	cut := func(text string) *bufio.Reader { return bufio.NewReader(iotest.OneByteReader(strings.NewReader(text))) }
	for _, text := range []string{"SSH-2.0-OpenSSH_9.6\r\n", "SSH-2.0-OpenSSH_9.6\n"} {
		_, err := ReadHead(cut(text), 1000, RequestLine)
		require.EqualError(t, err, "malformed request line")
		_, err = ReadHead(cut(text), 1000, StatusLine)
		require.EqualError(t, err, "malformed status line")
	}
	for text, first := range map[string]func(string) error{"GET / HTTP/1.1\r\nA: b\r\n\r\n": RequestLine, "HTTP/1.1 200 OK\r\nA: b\r\n\r\n": StatusLine} {
		got, err := ReadHead(cut(text), 1000, first)
		require.NoError(t, err)
		require.Equal(t, text, got)
	}
}

// What a head costs follows its length, however it is made.
func TestHeadsOfManyLines(t *testing.T) {
	const lines = 80_000
	for name, text := range map[string]string{
		"folded":   "A: b\r\n" + strings.Repeat(" c\n", lines),
		"repeated": strings.Repeat("A:b\n", lines),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, why := fields(text + "\r\n")
			runtime.ReadMemStats(&after)
			require.Nil(t, why)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(40*len(text)))
		})
	}
}
