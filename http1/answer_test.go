package http1

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shown is what of an answer its reader sees.
type shown struct {
	status, proto   string
	code            int
	header, trailer http.Header
	length          int64
	codings         []string
	closes          bool
	announced       http.Header
	body            string
	broken          bool
	why             error
}

func look(resp *http.Response) *shown {
	s := &shown{
		status: resp.Status, proto: resp.Proto, code: resp.StatusCode, header: resp.Header, length: resp.ContentLength, codings: resp.TransferEncoding, closes: resp.Close,
		announced: maps.Clone(resp.Trailer),
	}
	body, err := io.ReadAll(resp.Body)
	s.body, s.broken, s.trailer, s.why = string(body), err != nil, resp.Trailer, err
	return s
}

func answerByUs(text, method string) (*shown, error) {
	br := bufio.NewReader(strings.NewReader(text))
	head, err := ReadHead(br, 20<<10, nil)
	if err != nil {
		return nil, err
	}
	resp := new(http.Response)
	if err := ParseAnswer(resp, head, method); err != nil {
		return nil, err
	}
	var body Body
	body.BeginAnswer(resp, method, br)
	resp.Body = &body
	s := look(resp)
	if body.Ended() == s.broken {
		return nil, errors.New("a body that is broken, and ended")
	}
	return s, nil
}

var answers = []string{
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok",
	"HTTP/1.1 200 OK\r\n\r\nup to the end",
	"HTTP/1.0 200 OK\r\n\r\nup to the end",
	"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "HTTP/1.1  200   All  fine \r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\nETag: x\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A, b\r\n\r\n2\r\nok\r\n0\r\nA: 1\r\nC: 2\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nok\r\n0\r\n\r\n",
	"HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1 200 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n", "",
	"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
	"HTTP/1.1 200 OK\r\nA: b\r\n c\r\na: d\r\n\r\n", "HTTP/1.1 200 OK\r\n A: b\r\n\r\n", "HTTP/1.1 599 \xfc\r\nA: \xfc\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "HTTP/1.1 999 What\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2",
}

// What net/http makes of an answer is what is made of it here.
func TestParseAnswerAsTheClient(t *testing.T) {
	for _, text := range answers {
		for _, method := range []string{"POST", "HEAD"} {
			t.Run(fmt.Sprintf("%s %.60q", method, text), func(t *testing.T) { asTheClient(t, text, method) })
		}
	}
}

func FuzzParseAnswer(f *testing.F) {
	for _, text := range answers {
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, head bool) {
		if len(text) > 4000 || strings.Contains(strings.ToLower(text), "pragma") { // limits differ, and no Cache-Control is invented
			return
		}
		method := "POST"
		if head {
			method = "HEAD"
		}
		asTheClient(t, text, method)
	})
}

func asTheClient(t *testing.T, text, method string) {
	t.Helper()
	got, err := answerByUs(text, method)
	resp, refusal := http.ReadResponse(bufio.NewReader(strings.NewReader(text)), &http.Request{Method: method})
	if refusal != nil {
		require.Error(t, err, refusal)
		return
	}
	want := look(resp)
	if strictly(text) {
		return
	}
	require.NoError(t, err)
	if got.why != nil && strings.Contains(got.why.Error(), "CRLF") { // where net/http leaves an end of a line to the next answer
		return
	}
	want.why, got.why = nil, nil
	for _, h := range []http.Header{want.header, got.header} {
		delete(h, "Connection") // it is left in here
	}
	require.Equal(t, want, got)
}

// strictly reports whether it is on purpose that an answer is taken otherwise: by TestParseAnswerUnlikeTheClient.
func strictly(text string) bool {
	lower := strings.ToLower(text)
	if _, status, _ := strings.Cut(text, " "); strings.HasPrefix(strings.TrimLeft(status, " "), "0") {
		return true
	}
	if strings.Contains(lower, "transfer-encoding") && (strings.Contains(lower, "content-length") || strings.HasPrefix(text, "HTTP/1.0") || strings.HasPrefix(text, "HTTP/0")) {
		return true
	}
	for line := range strings.Lines(text) {
		name, _, found := strings.Cut(line, ":")
		if strings.Contains(line, " +") || found && strings.ContainsAny(name, " \t") {
			return true
		}
	}
	return false
}

// Where net/http does otherwise, on purpose.
func TestParseAnswerUnlikeTheClient(t *testing.T) {
	tests := []struct {
		name, text string
		refused    string
		check      func(t *testing.T, s *shown)
	}{
		{"its Connection is kept", "HTTP/1.1 200 OK\r\nConnection: close, X-A\r\nContent-Length: 0\r\n\r\n", "", func(t *testing.T, s *shown) {
			require.True(t, s.closes)
			require.Equal(t, http.Header{"Connection": {"close, X-A"}, "Content-Length": {"0"}}, s.header)
		}},
		{"two framings end the connection", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "", func(t *testing.T, s *shown) {
			require.True(t, s.closes)
			require.Equal(t, "ok", s.body)
			require.Empty(t, s.header)
		}},
		{"no Cache-Control is invented", "HTTP/1.1 200 OK\r\nPragma: no-cache\r\nContent-Length: 0\r\n\r\n", "", func(t *testing.T, s *shown) {
			require.Equal(t, http.Header{"Pragma": {"no-cache"}, "Content-Length": {"0"}}, s.header)
		}},
		{"a space before a colon is taken out of a trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA : 1\r\nB\t: 2\r\n\r\n", "", func(t *testing.T, s *shown) {
			require.Equal(t, http.Header{"A": {"1"}, "B": {"2"}}, s.trailer)
		}},
		{"and is refused in a head", "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok", `invalid header name "Content-Length "`, nil},
		{"a status below 100", "HTTP/1.1 099 Odd\r\n\r\n", `malformed status code "099"`, nil},
		{"a status with a sign", "HTTP/1.1 +20 OK\r\n\r\n", `malformed status code "+20"`, nil},
		{"chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Transfer-Encoding in HTTP/1.0", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := answerByUs(tt.text, "POST")
			if tt.refused != "" {
				require.EqualError(t, err, tt.refused)
				return
			}
			require.NoError(t, err)
			tt.check(t, got)
		})
	}
}
