package proxy_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
)

// TestRequestFields: the target gets the sender's fields but for those of the connection, with Via, and nothing invented.
func TestRequestFields(t *testing.T) {
	const via = "Via: 1.1 faultline-test"
	tests := []struct {
		name string
		sent []string
		want []string // by name, values of a name in order; Via, which is the proxy's, comes last
	}{
		{"none", nil, nil},
		{
			"hop-by-hop",
			[]string{
				"Connection: keep-alive", "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "TE: trailers", "Upgrade: websocket",
				"Proxy-Authenticate: Basic", "Proxy-Authorization: Basic eDp5",
			},
			nil,
		},
		{
			"nominated by Connection",
			[]string{"Connection: X-One,x-two", "Connection:  X-Three ,, close-not", "X-One: 1", "X-Two: 2", "x-three: 3", "X-Three: 4", "X-Four: 5"},
			[]string{"X-Four: 5"},
		},
		{"nominating its framing", []string{"Connection: Content-Length, Host"}, nil},
		{"Connection: close is the sender's own", []string{"Connection: close"}, nil},
		{"nominated beside close", []string{"Connection: X-One, close, X-Two", "X-One: 1", "X-Two: 2", "X-Three: 3"}, []string{"X-Three: 3"}},
		{"Via grows", []string{"Via: 1.0 a, 1.1 b", "Via: 2 c"}, []string{"Via: 1.0 a, 1.1 b", "Via: 2 c"}},
		{"repeated, in order", []string{"X-A: 2", "X-B: x", "X-A: 1", "X-A: 2"}, []string{"X-A: 2", "X-A: 1", "X-A: 2", "X-B: x"}},
		{"empty", []string{"X-Empty:", "X-Spaces:   ", "X-Empty: "}, []string{"X-Empty: ", "X-Empty: ", "X-Spaces: "}},
		{"commas, quotes, other bytes", []string{`X-A: a, "b, c" ;q=0`, "X-B: gr\xfc\xdf\tdich"}, []string{`X-A: a, "b, c" ;q=0`, "X-B: gr\xfc\xdf\tdich"}},
		{"Accept-Encoding", []string{"Accept-Encoding: gzip;q=0, br"}, []string{"Accept-Encoding: gzip;q=0, br"}},
		{"User-Agent", []string{"User-Agent: hooks/1.0"}, []string{"User-Agent: hooks/1.0"}},
		{"User-Agent, empty", []string{"User-Agent:"}, []string{"User-Agent: "}},
		{"Content-Type", []string{"Content-Type: application/json;charset=x"}, []string{"Content-Type: application/json;charset=x"}},
		{"Date", []string{"Date: Tue, 15 Nov 1994 08:12:31 GMT"}, []string{"Date: Tue, 15 Nov 1994 08:12:31 GMT"}},
		{
			"end to end, though they look otherwise",
			[]string{"Authorization: Bearer s", "Cookie: a=b; c=d", "Forwarded: for=x", "Max-Forwards: 0", "X-Forwarded-For: 1.2.3.4", "Pragma: no-cache"},
			[]string{"Authorization: Bearer s", "Cookie: a=b; c=d", "Forwarded: for=x", "Max-Forwards: 0", "Pragma: no-cache", "X-Forwarded-For: 1.2.3.4"},
		},
		{"long", []string{"X-Long: " + strings.Repeat("l", 200<<10)}, []string{"X-Long: " + strings.Repeat("l", 200<<10)}},
		{"of faultline's own names", []string{"Proxy-Status: x; error=y", "X-Faultline-Reason: z"}, []string{"Proxy-Status: x; error=y", "X-Faultline-Reason: z"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			everywhere(t, wiretest.Answering(wiretest.OK), func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.post("/hook", "body", tt.sent...))
				resp, _ := sender.Answer("POST")
				require.Equal(t, 200, resp.StatusCode)
				require.Equal(t, []string{s.arrived("POST /hook", append(tt.want, via), "body")}, s.target.Requests())
				s.recorded(acknowledged())
			})
		})
	}
}

// TestAnswerFields: the sender gets the target's fields but for those of the connection, with Via, and nothing invented.
func TestAnswerFields(t *testing.T) {
	tests := []struct {
		name string
		sent []string
		want http.Header // besides Via and Content-Length
	}{
		{"none", nil, http.Header{}},
		{
			"hop-by-hop",
			[]string{"Connection: keep-alive", "Keep-Alive: timeout=5", "Proxy-Connection: x", "Upgrade: h2", "TE: x", "Proxy-Authenticate: Basic"},
			http.Header{},
		},
		{
			"nominated by Connection",
			[]string{"Connection: X-One,x-two", "Connection: X-Three", "X-One: 1", "X-Two: 2", "X-Three: 3", "X-Three: 4", "X-Four: 5"},
			http.Header{"X-Four": {"5"}},
		},
		{"Connection: close is the target's own", []string{"Connection: close"}, http.Header{}},
		{"nominated beside close", []string{"Connection: X-One, close, X-Two", "X-One: 1", "X-Two: 2", "X-Three: 3"}, http.Header{"X-Three": {"3"}}},
		{"Via grows", []string{"Via: 1.0 a, 1.1 b"}, http.Header{"Via": {"1.0 a, 1.1 b"}}},
		{"repeated, in order", []string{"Set-Cookie: b=2", "Set-Cookie: a=1", "Set-Cookie: b=2"}, http.Header{"Set-Cookie": {"b=2", "a=1", "b=2"}}},
		{"empty", []string{"X-Empty:", "X-Empty: "}, http.Header{"X-Empty": {"", ""}}},
		{"Date", []string{"Date: Tue, 15 Nov 1994 08:12:31 GMT"}, http.Header{"Date": {"Tue, 15 Nov 1994 08:12:31 GMT"}}},
		{"Content-Type", []string{"Content-Type: x/y"}, http.Header{"Content-Type": {"x/y"}}},
		{"Content-Type, empty", []string{"Content-Type:"}, http.Header{"Content-Type": {""}}},
		{"Content-Encoding", []string{"Content-Encoding: br", "Vary: Accept-Encoding"}, http.Header{"Content-Encoding": {"br"}, "Vary": {"Accept-Encoding"}}},
		{
			"end to end, though they look otherwise",
			[]string{"Server: x", "Retry-After: 7", "Age: 5", "ETag: W/\"x\"", "Location: /elsewhere", "Proxy-Status: x; error=y", "X-Faultline-Reason: z"},
			http.Header{
				"Server": {"x"}, "Retry-After": {"7"}, "Age": {"5"}, "Etag": {`W/"x"`}, "Location": {"/elsewhere"},
				"Proxy-Status": {"x; error=y"}, "X-Faultline-Reason": {"z"},
			},
		},
		{"long", []string{"X-Long: " + strings.Repeat("l", 900<<10)}, http.Header{"X-Long": {strings.Repeat("l", 900<<10)}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			script := wiretest.Answering("HTTP/1.1 200 OK\r\n" + lines(tt.sent) + "Content-Length: 6\r\n\r\n<html>")
			everywhere(t, script, func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.post("/hook", "body"))
				resp, body := sender.Answer("POST")
				want := tt.want.Clone()
				want["Content-Length"] = []string{"6"}
				want["Via"] = append(want["Via"], "1.1 faultline-test")
				require.Equal(t, want, resp.Header)
				require.False(t, resp.Close)
				require.Equal(t, "<html>", body)
				s.recorded(acknowledged())
				sender.Send(s.post("/hook", "body")) // whatever the target's Connection said, the sender's own goes on
				resp, _ = sender.Answer("POST")
				require.Equal(t, 200, resp.StatusCode)
			})
		})
	}
}

// TestPragma: no Cache-Control is made of it on the way to the sender; one that is there stays.
func TestPragma(t *testing.T) {
	for _, fields := range [][]string{{"Pragma: no-cache"}, {"Cache-Control: no-store", "Pragma: no-cache"}} {
		script := wiretest.Answering("HTTP/1.1 200 OK\r\n" + lines(fields) + "Content-Length: 0\r\n\r\n")
		everywhere(t, script, func(t *testing.T, s *scene) {
			sender := s.enter()
			sender.Send(s.post("/hook", "", append(fields, "Connection: close")...))
			got, _ := sender.Rest(wiretest.Patience)
			for _, message := range []string{got, s.target.Requests()[0]} {
				require.Equal(t, len(fields)-1, strings.Count(message, "Cache-Control"), message)
				require.Contains(t, message, "Pragma: no-cache\r\n")
			}
		})
	}
}

// TestCodedBodies: compressed bodies pass as they are both ways, asked for or not.
func TestCodedBodies(t *testing.T) {
	var coded bytes.Buffer
	w := gzip.NewWriter(&coded)
	_, err := w.Write([]byte(strings.Repeat("squeezed ", 1000)))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	gzipped := coded.String()
	for _, asked := range [][]string{nil, {"Accept-Encoding: gzip"}} {
		script := wiretest.Answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + itoa(len(gzipped)) + "\r\n\r\n" + gzipped)
		everywhere(t, script, func(t *testing.T, s *scene) {
			sender := s.enter()
			sender.Send(s.post("/hook", gzipped, append(asked, "Content-Encoding: gzip")...))
			resp, body := sender.Answer("POST")
			require.Equal(t, "gzip", resp.Header.Get("Content-Encoding"))
			require.Equal(t, gzipped, body)
			require.Equal(t, s.arrived("POST /hook", append(asked, "Content-Encoding: gzip", "Via: 1.1 faultline-test"), gzipped), s.target.Requests()[0])
		})
	}
}

// TestStatuses: whatever status a target has, the sender gets; a redirect is not followed.
func TestStatuses(t *testing.T) {
	for _, status := range []string{"200", "201", "202", "205", "299", "301", "302", "307", "400", "401", "404", "407", "410", "417", "418", "429", "500", "502", "503", "599", "600", "999"} {
		t.Run(status, func(t *testing.T) {
			script := thenOK("HTTP/1.1 " + status + " Said So\r\nLocation: http://elsewhere.test/\r\nContent-Length: 2\r\n\r\nno")
			everywhere(t, script, func(t *testing.T, s *scene) {
				sender := s.enter()
				sender.Send(s.post("/hook", "body"))
				resp, body := sender.Answer("POST")
				require.Equal(t, status, resp.Status[:3])
				require.Equal(t, "http://elsewhere.test/", resp.Header.Get("Location"))
				require.Equal(t, "no", body)
				require.Len(t, s.target.Requests(), 1)
				s.stillServes(sender)
			})
		})
	}
}
