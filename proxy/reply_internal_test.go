package proxy

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/http1"
	"github.com/faultline/faultline/scenario"
)

// TestReplyAsTheServer: what a handler answers is on the wire as net/http's own server has it, byte for byte but for the date and the order of fields.
func TestReplyAsTheServer(t *testing.T) {
	fields := func(pairs ...string) func(http.Header) {
		return func(h http.Header) {
			for i := 0; i < len(pairs); i += 2 {
				h.Add(pairs[i], pairs[i+1])
			}
		}
	}
	tests := []struct {
		name   string
		give   func(http.Header)
		status int
		parts  []string // each of them flushed
		after  func(http.Header)
	}{
		{name: "counted", give: fields("Content-Length", "4", "Content-Type", "a/b", "X-B", "2", "X-A", "1", "X-B", "3"), status: 200, parts: []string{"bo", "dy"}},
		{name: "in chunks", give: fields("Content-Type", "a/b"), status: 503, parts: []string{"bo", "dy and more"}},
		{name: "with a trailer", give: fields("Content-Type", "a/b", "Trailer", "X-Sum, X-None"), status: 200, parts: []string{"body"}, after: fields("X-Sum", "1", "Other", "2")},
		{name: "with a trailer that was not announced", give: fields("Content-Type", "a/b"), status: 200, parts: []string{"body"}, after: fields(http.TrailerPrefix+"X-Sum", "1")},
		{name: "empty", give: fields("Content-Length", "0"), status: 200},
		{name: "nothing given", give: fields()},
		{name: "no content", give: fields("X-A", "1"), status: 204},
		{name: "not modified", give: fields("Etag", "x"), status: 304},
		{name: "closing", give: fields("Content-Length", "2", "Content-Type", "a/b", "Connection", "close"), status: 200, parts: []string{"ok"}},
		{name: "a status that nobody knows", give: fields("Content-Length", "0"), status: 799},
		{name: "a line end in a value", give: fields("Content-Length", "0", "X-A", " a\r\nX-B: c "), status: 200},
		{name: "a name that is none", give: fields("Content-Length", "0", "X A", "1"), status: 200},
	}
	requests := map[string]string{
		"1.1": "POST / HTTP/1.1\r\nHost: a\r\n\r\n", "1.1, close": "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HEAD": "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
		"1.0": "POST / HTTP/1.0\r\n\r\n", "1.0, kept": "POST / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	}
	for _, tt := range tests {
		for version, request := range requests {
			t.Run(tt.name+"/"+version, func(t *testing.T) {
				answer := func(w http.ResponseWriter) {
					tt.give(w.Header())
					if tt.status != 0 {
						w.WriteHeader(tt.status)
					}
					for _, part := range tt.parts {
						_, _ = io.WriteString(w, part)            // to a HEAD it goes nowhere
						_ = http.NewResponseController(w).Flush() // the other end reads
					}
					if tt.after != nil {
						tt.after(w.Header())
					}
				}
				wantText, wantKept := answeredByServer(t, request, answer)
				text, kept := answeredByReply(t, request, answer)
				require.Equal(t, undated(wantText), undated(text))
				require.Equal(t, wantKept, kept, "the connection is kept")
			})
		}
	}
}

// undated leaves the date out, and puts the fields into one order: a server's own ones may be behind the others or among them.
func undated(text string) string {
	head, body, _ := strings.Cut(text, "\r\n\r\n")
	lines := strings.Split(regexp.MustCompile(`\r\nDate: [^\r]+ GMT`).ReplaceAllString(head, ""), "\r\n")
	slices.Sort(lines[1:])
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

const second = "POST /second HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

// answeredByServer has net/http's server answer a request, and says whether a second one was answered.
func answeredByServer(t *testing.T, request string, answer func(http.ResponseWriter)) (text string, kept bool) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/second" {
			w.WriteHeader(298)
			return
		}
		answer(w)
	})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	_, err = io.WriteString(conn, request+second)
	require.NoError(t, err)
	all, _ := io.ReadAll(conn) // it may be closed with the second unread
	require.NoError(t, server.Close())
	require.ErrorIs(t, <-served, http.ErrServerClosed)
	first, _, kept := strings.Cut(string(all), "HTTP/1.1 298 ")
	return first, kept
}

// answeredByReply has a reply answer it, and says whether there may be a second one.
func answeredByReply(t *testing.T, request string, answer func(http.ResponseWriter)) (text string, kept bool) {
	s := New(Config{Log: slog.New(slog.DiscardHandler)}, scenario.Empty())
	defer s.Shutdown(t.Context())
	theirs, ours := net.Pipe()
	c := &senderConn{Conn: ours, br: bufio.NewReader(strings.NewReader(request)), atEnd: func() {}}
	head, err := http1.ReadHead(c.br, 1000, nil)
	require.NoError(t, err)
	r := new(http.Request)
	c.head, err = http1.Parse(r, head)
	require.NoError(t, err)
	w := newReply(s, c, r)
	done := make(chan bool)
	go func() {
		answer(w)
		kept := w.finish()
		_ = ours.Close()
		done <- kept
	}()
	all, err := io.ReadAll(theirs)
	require.NoError(t, err)
	return string(all), <-done
}
