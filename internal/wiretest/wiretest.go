// Package wiretest has the peers of the proxy's tests: a sender and a target that talk raw bytes and see what the wire really shows, so that a
// test can tell a FIN from a RST and knows how much arrived. Test only.
package wiretest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Patience bounds every wait of a test: what has not come by then does not come.
const Patience = 10 * time.Second

// Ended is how the other side ended a connection.
type Ended string

// The ends of a connection.
const (
	FIN  Ended = "FIN"
	RST  Ended = "RST"
	Open Ended = "open" // nothing came until the patience was over
)

// Sender is a client that writes raw bytes.
type Sender struct {
	t    testing.TB
	Conn Stream
	tcp  *net.TCPConn
	r    *bufio.Reader
}

// Stream is a connection that can be closed in one direction: TCP, or TLS over it.
type Stream interface {
	net.Conn
	CloseWrite() error
}

func (s *Sender) use(c Stream) { s.Conn, s.r = c, bufio.NewReader(c) }

// Dial connects to address. The connection is closed with the test.
func Dial(t testing.TB, address string) *Sender {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, Patience)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() }) // it may be closed already
	s := &Sender{t: t, tcp: conn.(*net.TCPConn)}
	s.use(s.tcp)
	return s
}

// Send writes text as it is.
func (s *Sender) Send(text string) {
	s.t.Helper()
	_, err := io.WriteString(s.Conn, text)
	require.NoError(s.t, err)
}

// Answer reads one whole answer to a request of this method.
func (s *Sender) Answer(method string) (*http.Response, string) {
	s.t.Helper()
	require.NoError(s.t, s.Conn.SetReadDeadline(time.Now().Add(Patience)))
	resp, err := http.ReadResponse(s.r, &http.Request{Method: method})
	require.NoError(s.t, err)
	if method == http.MethodConnect && resp.StatusCode == http.StatusOK {
		return resp, "" // what follows is the tunnel's
	}
	body, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return resp, string(body)
}

// Rest reads until the other side ends the connection, at most for the patience given, and says how it ended.
func (s *Sender) Rest(patience time.Duration) (string, Ended) {
	s.t.Helper()
	return rest(s.t, s.Conn, s.r, patience)
}

// Rest is a Sender's, of a target's connection.
func (c *Conn) Rest(patience time.Duration) (string, Ended) {
	return rest(c.target.t, c.Stream, c.r, patience)
}

func rest(t testing.TB, conn net.Conn, r io.Reader, patience time.Duration) (string, Ended) {
	t.Helper()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(patience)))
	var got bytes.Buffer
	_, err := io.Copy(&got, r)
	var netErr net.Error
	switch {
	case err == nil:
		return got.String(), FIN
	case errors.Is(err, syscall.ECONNRESET):
		return got.String(), RST
	case errors.As(err, &netErr) && netErr.Timeout():
		return got.String(), Open
	default:
		require.NoError(t, err)
		return "", Open
	}
}

// Target is a server whose every connection is played by a script.
type Target struct {
	t        testing.TB
	listener *net.TCPListener
	script   func(*Conn)
	mu       sync.Mutex
	requests []string // heads and bodies as they came
	conns    int
	running  sync.WaitGroup
}

// Conn is one connection to a Target.
type Conn struct {
	Stream
	TCPConn *net.TCPConn // beneath
	Number  int          // from 1
	r       *bufio.Reader
	target  *Target
}

func (c *Conn) wrap(s Stream) { c.Stream, c.r = s, bufio.NewReader(s) }

// Listen starts a target. It ends with the test.
func Listen(t testing.TB, script func(*Conn)) *Target {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	target := &Target{t: t, listener: l.(*net.TCPListener), script: script}
	target.running.Go(target.accept)
	t.Cleanup(func() {
		require.NoError(t, l.Close())
		target.running.Wait()
	})
	return target
}

func (t *Target) accept() {
	for {
		conn, err := t.listener.AcceptTCP()
		if err != nil {
			return // closed with the test
		}
		t.mu.Lock()
		t.conns++
		c := &Conn{TCPConn: conn, Number: t.conns, target: t}
		c.wrap(conn)
		t.mu.Unlock()
		t.running.Go(func() {
			defer func() { _ = conn.Close() }() // the script may have closed it
			t.script(c)
		})
	}
}

// Address is host:port.
func (t *Target) Address() string { return t.listener.Addr().String() }

// Requests are the requests that came whole or in part, as they stood on the wire.
func (t *Target) Requests() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.requests...)
}

// Connections is how many connections came.
func (t *Target) Connections() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.conns
}

// ReadRequest reads one request, byte for byte, whatever its target is, and keeps it. It returns the error of a request that is cut, with what came.
func (c *Conn) ReadRequest() (string, error) {
	line, err := c.r.ReadString('\n')
	raw := bytes.NewBufferString(line)
	if err == nil {
		err = readRest(line, io.TeeReader(oneByte{c.r}, raw))
	}
	if raw.Len() > 0 {
		c.target.mu.Lock()
		c.target.requests = append(c.target.requests, raw.String())
		c.target.mu.Unlock()
	}
	return raw.String(), err
}

// readRest reads what follows the first line of a request.
func readRest(line string, from io.Reader) error {
	if words := strings.Fields(line); len(words) == 3 {
		line = words[0] + " / " + words[2] + "\r\n" // net/http takes fewer targets
	}
	r, err := http.ReadRequest(bufio.NewReader(io.MultiReader(strings.NewReader(line), from)))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, r.Body)
	return err
}

// oneByte keeps a reader above from taking more than it needs.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	return o.r.Read(p[:1])
}

// Reset closes with a RST.
func (c *Conn) Reset() {
	_ = c.TCPConn.SetLinger(0) // an error means that the connection is closed already
	_ = c.TCPConn.Close()
}

// Answering is a script that answers every request with the same bytes.
func Answering(answer string) func(*Conn) {
	return func(c *Conn) {
		for {
			if _, err := c.ReadRequest(); err != nil {
				return
			}
			if _, err := io.WriteString(c, answer); err != nil {
				return
			}
		}
	}
}

// OK is a small answer that acknowledges.
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// Post is a request to a target as a sender writes it to a proxy, with extra header lines.
func Post(target, path, body string, header ...string) string {
	var b strings.Builder
	b.WriteString("POST http://" + target + path + " HTTP/1.1\r\nHost: " + target + "\r\nContent-Type: application/json\r\n")
	for _, line := range header {
		b.WriteString(line + "\r\n")
	}
	b.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	return b.String()
}

// Reader reads what the proxy sends, for tests that take it piece by piece.
func (s *Sender) Reader() *bufio.Reader { return s.r }

// Reader reads what the proxy sends, past what ReadRequest has taken.
func (c *Conn) Reader() *bufio.Reader { return c.r }

// Reset closes with a RST.
func (s *Sender) Reset() {
	require.NoError(s.t, s.tcp.SetLinger(0))
	require.NoError(s.t, s.tcp.Close())
}
