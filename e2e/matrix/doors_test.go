package matrix

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
	"github.com/faultline/faultline/internal/wiretest"
)

// door is an address at which a connection fails by itself, before there is a request. It gives host:port.
type door func(t testing.TB, authority *wiretest.Authority) string

// refusing is a port at which nobody listens.
func refusing(t testing.TB, _ *wiretest.Authority) string { return wiretest.RefusingPort(t) }

// silent is a port at which no SYN is answered.
func silent(t testing.TB, _ *wiretest.Authority) string { return wiretest.SilentPort(t) }

// shows is a healthy target whose certificate is not.
func shows(flawed func(t testing.TB, authority *wiretest.Authority) *tls.Certificate) door {
	return func(t testing.TB, authority *wiretest.Authority) string {
		return wiretest.ListenTLS(t, flawed(t, authority), wiretest.Answering(healthy().says)).Address()
	}
}

func expired(t testing.TB, authority *wiretest.Authority) *tls.Certificate {
	return leaf(t, authority, "127.0.0.1", func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
	})
}

func forAnother(t testing.TB, authority *wiretest.Authority) *tls.Certificate {
	return leaf(t, authority, "other.test")
}

func bySomebody(t testing.TB, _ *wiretest.Authority) *tls.Certificate {
	return leaf(t, wiretest.NewAuthority(t), "127.0.0.1")
}

func byItself(t testing.TB, _ *wiretest.Authority) *tls.Certificate {
	certificate, _ := harness.NewCertificate(t)
	return &certificate
}

// sound is for both of the names that the matrix has for this machine.
func sound(t testing.TB, authority *wiretest.Authority) *tls.Certificate {
	return leaf(t, authority, "127.0.0.1", func(c *x509.Certificate) { c.DNSNames = []string{"localhost"} })
}

func leaf(t testing.TB, authority *wiretest.Authority, host string, change ...func(*x509.Certificate)) *tls.Certificate {
	t.Helper()
	certificate, err := authority.Leaf(host, change...)
	require.NoError(t, err)
	return certificate
}

// afterHello is a port at which the client's first record is read, and then something else than a handshake follows.
func afterHello(follows func(c *wiretest.Conn)) door {
	return func(t testing.TB, _ *wiretest.Authority) string {
		return wiretest.Listen(t, func(c *wiretest.Conn) {
			if _, err := readRecord(c); err == nil {
				follows(c)
			}
		}).Address()
	}
}

// readRecord reads one TLS record (RFC 8446 5.1).
func readRecord(c net.Conn) ([]byte, error) {
	var header [5]byte
	if _, err := io.ReadFull(c, header[:]); err != nil {
		return nil, err
	}
	rest := make([]byte, int(header[3])<<8|int(header[4]))
	_, err := io.ReadFull(c, rest)
	return rest, err
}

// alerts sends handshake_failure, fatal, and ends.
func alerts(c *wiretest.Conn) {
	// A client that has left gets none.
	_, _ = c.Write([]byte{21, 3, 3, 0, 2, 2, 40})
	_ = c.CloseWrite()
	untilGone(c)
}

// cut is a healthy target, given so much of what it says over TLS, or so much time; then its connection breaks.
func cut(answer http.HandlerFunc, bytes int, after time.Duration, breaks func(*net.TCPConn)) door {
	return func(t testing.TB, authority *wiretest.Authority) string {
		server := httptest.NewUnstartedServer(answer)
		server.Listener = cutting{server.Listener, bytes, after, breaks}
		server.TLS = &tls.Config{Certificates: []tls.Certificate{*sound(t, authority)}}
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that break off
		server.StartTLS()
		t.Cleanup(server.Close)
		return server.Listener.Addr().String()
	}
}

// cutting has all its connections cut.
type cutting struct {
	net.Listener
	bytes  int
	after  time.Duration
	breaks func(*net.TCPConn)
}

func (l cutting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &cutConn{TCPConn: conn.(*net.TCPConn), left: l.bytes, breaks: l.breaks}
	if l.after > 0 {
		time.AfterFunc(l.after, c.fall)
	}
	return c, nil
}

// cutConn lets so many bytes out. Afterwards nothing of its owner's shows, not even that it closes.
type cutConn struct {
	*net.TCPConn
	left   int
	breaks func(*net.TCPConn)
	fallen atomic.Bool
}

func (c *cutConn) fall() {
	if !c.fallen.Swap(true) {
		c.breaks(c.TCPConn)
	}
}

func (c *cutConn) Write(p []byte) (int, error) {
	if c.fallen.Load() {
		return 0, net.ErrClosed
	}
	n, err := c.TCPConn.Write(p[:min(len(p), c.left)])
	if c.left -= n; c.left > 0 || err != nil {
		return n, err
	}
	c.fall()
	return n, net.ErrClosed
}

func (c *cutConn) Close() error {
	if c.fallen.Load() {
		return nil
	}
	return c.TCPConn.Close()
}

// The ways in which a connection breaks. A RST waits until what was said has arrived, which it would overtake.
func severed(c *net.TCPConn) {
	time.AfterFunc(20*time.Millisecond, func() {
		_ = c.SetLinger(0) // an error means that the client has left, here and below
		_ = c.Close()
	})
}

func shut(c *net.TCPConn) {
	_ = c.CloseWrite()
	untilGone(c)
}

func stalled(c *net.TCPConn) { untilGone(c) }

// large is an answer that does not fit into what cut lets through; never is one that does not come.
func large(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", strconv.Itoa(largeBody))
	_, _ = io.WriteString(w, strings.Repeat("x", largeBody)) // the client does not get it all
}

const largeBody = 64 << 10

func never(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // else the server does not see that the client leaves
	<-r.Context().Done()
}
