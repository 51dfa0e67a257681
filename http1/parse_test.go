package http1

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// seen is what of a request its reader sees.
type seen struct {
	method, target, proto, host string
	url                         url.URL
	header, trailer             http.Header
	length                      int64
	codings                     []string
	closes                      bool
	announced                   http.Header
	body                        string
	broken                      bool // in its body, or behind
	why                         error
}

func see(r *http.Request) *seen {
	s := &seen{
		method: r.Method, target: r.RequestURI, proto: r.Proto, host: r.Host, url: *r.URL, header: r.Header, length: r.ContentLength,
		codings: r.TransferEncoding, closes: r.Close, announced: maps.Clone(r.Trailer),
	}
	body, err := io.ReadAll(r.Body)
	s.body, s.broken, s.trailer, s.why = string(body), err != nil, r.Trailer, err
	return s
}

// oneConn is a listener with one connection.
type oneConn struct {
	conns chan net.Conn
	over  chan struct{}
}

func (l oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.over:
		return nil, net.ErrClosed
	}
}
func (l oneConn) Close() error   { return nil }
func (l oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// byServer is what net/http's own server makes of the bytes, nil for nothing, and what it says itself then.
func byServer(t testing.TB, text string) (s *seen, refusal string) {
	t.Helper()
	l := oneConn{make(chan net.Conn, 1), make(chan struct{})}
	came := make(chan *seen, 1)
	server := &http.Server{DisableGeneralOptionsHandler: true, MaxHeaderBytes: 16 << 10, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s := see(r)
		select {
		case came <- s:
		default: // of what follows in the bytes
		}
		panic(http.ErrAbortHandler)
	})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	ours, theirs := net.Pipe()
	l.conns <- &ending{Conn: theirs, text: strings.NewReader(text)}
	answer, _ := io.ReadAll(ours) // how it ends is not looked at: the pipe may be closed with the request unread
	close(l.over)
	<-served
	select {
	case s = <-came:
	default:
	}
	return s, string(answer)
}

// ending reads a text, then its end.
type ending struct {
	net.Conn
	text *strings.Reader
}

func (e *ending) Read(p []byte) (int, error) { return e.text.Read(p) }

// byUs is what this package makes of them.
func byUs(text string) (*seen, error) {
	br := bufio.NewReader(strings.NewReader(strings.TrimLeft(text, "\r\n")))
	head, err := ReadHead(br, 20<<10, nil)
	if err != nil {
		return nil, err
	}
	r := new(http.Request)
	if _, err := Parse(r, head); err != nil {
		return nil, err
	}
	ended := 0
	var body Body
	body.Begin(r, br, func() { ended++ })
	r.Body = &body
	s := see(r)
	if want := !s.broken; body.Ended() != want || (ended == 1) != want {
		return nil, fmt.Errorf("a body that ended %d times", ended)
	}
	return s, nil
}

// requests are heads and bodies of all kinds, sound and unsound.
var requests = []string{
	"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n",
	"POST http://a.test:81/p?q=1#f HTTP/1.1\r\nHost: b.test\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab",
	"POST / HTTP/1.1\nHost: a\nContent-Length: 3\n\nabc",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3 \r\n\r\nabc",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nabc",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nContent-Length: 9\r\nTrailer: X-Sum, x-more\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\nOther: 2\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: ,\r\n\r\n0\r\nA : 1\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: 1\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\n", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: 1\n\n",
	"POST / HTTP/1.0\r\nContent-Length: 2\r\nConnection: Keep-Alive\r\n\r\nab",
	"GET / HTTP/1.0\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nTrailer: x\r\nExpect: 100-continue\r\n\r\n",
	"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
	"GET http://a.test HTTP/1.1\r\nHost: a\tb\r\n\r\n",
	"CONNECT a.test:443 HTTP/1.1\r\n\r\n", "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\nhello", "CONNECT /x HTTP/1.1\r\n\r\n", "CONNECT a%zz HTTP/1.1\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "* HTTP/1.1\r\n\r\n", "GET /\r\n\r\n", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
	"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", "GET x HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.10\r\nHost: a\r\n\r\n",
	"GET / http/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.2\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n", "GET / HTTP/1.1\r\n A: b\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c \r\n\td\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nA: b\x00\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nA: \xc3\xa9\r\na: 2 \r\nx-LOWER-case: z\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nA: b\rc\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nPragma: no-cache\r\nCache-Control: x\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nA: " + strings.Repeat("x", 9000) + "\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1;"+strings.Repeat("e", 50)+"\r\nx\r\n", 200) + "0\r\n\r\n",
}

// What net/http's server makes of a request is what is made of it here.
func TestParseAsTheServer(t *testing.T) {
	for _, text := range requests {
		t.Run(fmt.Sprintf("%.60q", text), func(t *testing.T) { asTheServer(t, text) })
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range requests {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, known := range []string{"%", "Pragma", "pragma", "\x00", "HTTP/2", "Upgrade", "upgrade"} { // below, and the two upgrades to HTTP/2
			if strings.Contains(text, known) {
				return
			}
		}
		if len(text) > 4000 || strings.HasPrefix(text, "\n") || strings.HasPrefix(text, "\r") { // limits differ, and empty lines before a request
			return
		}
		asTheServer(t, text)
	})
}

func asTheServer(t *testing.T, text string) {
	t.Helper()
	want, said := byServer(t, text)
	got, err := byUs(text)
	for _, judged := range []string{"HTTP/1.1 505 ", "HTTP/1.0 417 ", "HTTP/1.1 417 "} { // here by who asked, who knows the version and the Expect
		if strings.HasPrefix(said, judged) {
			return
		}
	}
	if want == nil {
		require.Error(t, err, said)
		var why *Malformed
		if errors.As(err, &why) {
			require.Regexp(t, fmt.Sprintf("^HTTP/1.1 (%d|501) ", why.Status), said, why.Text) // two things may be wrong
		}
		return
	}
	require.NoError(t, err)
	if got.why != nil && strings.Contains(got.why.Error(), "CRLF") { // where the server leaves an end of a line to the next request
		return
	}
	want.why, got.why = nil, nil
	for name, values := range want.trailer {
		if strings.ContainsAny(name, " \t") && values != nil { // RFC 9112 5.1
			require.True(t, got.broken, "a space before a colon")
			return
		}
	}
	require.Equal(t, want, got)
}

// Where net/http's server does otherwise, on purpose.
func TestParseUnlikeTheServer(t *testing.T) {
	t.Run("a % that begins no escape", func(t *testing.T) {
		for target, path := range map[string]string{"/%zz": "/%zz", "/a%": "/a%", "http://h/%4": "/%4", "/%%41%": "/%A%"} {
			text := "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"
			none, said := byServer(t, text)
			require.Nil(t, none)
			require.Contains(t, said, "400 Bad Request")
			got, err := byUs(text)
			require.NoError(t, err)
			require.Equal(t, target, got.target)
			require.Equal(t, path, got.url.Path)
		}
	})
	t.Run("no Cache-Control is invented", func(t *testing.T) {
		const text = "GET / HTTP/1.1\r\nHost: a\r\nPragma: no-cache\r\n\r\n"
		invented, _ := byServer(t, text)
		require.Contains(t, invented.header, "Cache-Control")
		got, err := byUs(text)
		require.NoError(t, err)
		require.Equal(t, http.Header{"Pragma": {"no-cache"}}, got.header)
	})
	t.Run("a long trailer", func(t *testing.T) {
		text := "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + strings.Repeat("x", 9000) + "\r\n\r\n"
		broken, _ := byServer(t, text)
		require.True(t, broken.broken)
		got, err := byUs(text)
		require.NoError(t, err)
		require.False(t, got.broken)
		require.Len(t, got.trailer.Get("X"), 9000)
	})
	t.Run("other versions are parsed", func(t *testing.T) {
		got, err := byUs("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
		require.NoError(t, err)
		require.Equal(t, "HTTP/2.0", got.proto)
	})
}

// What Request leaves out.
func TestHead(t *testing.T) {
	tests := []struct {
		name, fields string
		want         Head
	}{
		{"plain", "Content-Length: 1\r\n", Head{Host: "h"}},
		{"chunked", "transfer-ENCODING: chunked\r\n", Head{Host: "h", Coded: true}},
		{"both", "Content-Length: 1\r\nX: y\r\nTransfer-Encoding: chunked\r\n", Head{Host: "h", Coded: true, Misframed: true}},
		{"a 100 wanted", "Content-Length: 1\r\nExpect: 100-Continue\r\n", Head{Host: "h", Waits: true}},
		{"for nothing", "Expect: 100-continue\r\n", Head{Host: "h"}},
		{"longer names", "X-Transfer-Encoding: a\r\nContent-Length: 1\r\n", Head{Host: "h"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(new(http.Request), "POST http://a.test/ HTTP/1.1\r\nHost: h\r\n"+tt.fields+"\r\n")
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}
