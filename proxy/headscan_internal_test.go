package proxy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHeadScan: what is seen is the same however the bytes are cut.
func TestHeadScan(t *testing.T) {
	const line = "HTTP/1.1 200 OK\r\n"
	tests := []struct {
		name, text           string
		coded, twice, cached bool
	}{
		{"nothing", "", false, false, false},
		{"plain", line + "Host: x\r\nContent-Length: 1\r\n\r\na", false, false, false},
		{"chunked", line + "transfer-ENCODING: chunked\r\n\r\n", true, false, false},
		{"both", line + "Content-Length: 1\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n", true, true, false},
		{"both, other order, LF", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nContent-Length: 1\n\n", true, true, false},
		{"in two heads", line + "Content-Length: 0\r\n\r\n" + line + "Transfer-Encoding: chunked\r\n\r\n", true, false, false},
		{"Cache-Control", line + "Cache-Control: no-cache\r\n\r\n", false, false, true},
		{"in values", line + "X: Transfer-Encoding: chunked, Cache-Control: x\r\n\r\n", false, false, false},
		{"longer names", line + "X-Transfer-Encoding: a\r\nTransfer-Encodings: b\r\nCache-Control-X: c\r\n\r\n", false, false, false},
		{"long line", line + "X: " + strings.Repeat("x", 1000) + "\r\nTransfer-Encoding: chunked\r\n\r\n", true, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for size := 1; size <= len(tt.text)+1; size++ {
				var s headScan
				for rest := []byte(tt.text); len(rest) > 0; rest = rest[min(size, len(rest)):] {
					s.pass(rest[:min(size, len(rest))])
				}
				require.Equal(t, []bool{tt.coded, tt.twice, tt.cached}, []bool{s.answerCoded, s.twice, s.cached}, size)
			}
		})
	}
}

// TestHeadScanConnection: the values of Connection in the latest head of an answer, however the bytes are cut.
func TestHeadScanConnection(t *testing.T) {
	const line = "HTTP/1.1 200 OK\r\n"
	tests := []struct {
		name, text string
		want       []string
	}{
		{"none", line + "X: y\r\n\r\n", nil},
		{"one", line + "Connection: X-One, close\r\n\r\n", []string{"X-One, close"}},
		{"two, LF", "HTTP/1.0 200\nconnection:a\nCONNECTION:  b \n\n", []string{"a", "b"}},
		{"a name that is longer", line + "Connections: x\r\nProxy-Connection: y\r\n\r\n", nil},
		{"in a body", line + "X: y\r\n\r\nConnection: x\r\n", nil},
		{"in an interim answer", "HTTP/1.1 103 Early Hints\r\nConnection: x\r\n\r\n" + line + "Connection: y\r\n\r\n", []string{"y"}},
		{"in a request", "POST / HTTP/1.1\r\nConnection: x\r\n\r\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for size := 1; size <= len(tt.text); size++ {
				var s headScan
				for rest := []byte(tt.text); len(rest) > 0; rest = rest[min(size, len(rest)):] {
					s.pass(rest[:min(size, len(rest))])
				}
				require.Equal(t, tt.want, s.connection, size)
			}
		})
	}
}

// TestHeadScanOfOneAnswer: what looks like a head in the body of an answer is none, where one answer is looked at after the other.
func TestHeadScanOfOneAnswer(t *testing.T) {
	const dump = "HTTP/1.0 200 OK\r\nConnection: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"
	var s headScan
	for _, early := range []string{"", "HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: x\r\n\r\n", "HTTP/1.0 100 Continue\r\n\r\n"} {
		s.next()
		s.pass([]byte(early + "HTTP/1.0 200 OK\r\nConnection: y\r\n\r\n" + dump))
		require.Equal(t, []string{"y"}, s.connection)
		require.False(t, s.answerCoded)
	}
	require.False(t, s.misframed())
	s.next()
	s.pass([]byte("HTTP/1.1 103 Early Hints\r\n\r\n" + dump))
	require.Equal(t, []string{"x"}, s.connection)
	require.True(t, s.answerCoded)
	require.True(t, s.misframed())
}
