package harness

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/faultline/faultline/internal/wiretest"
)

// NewFailing starts a target that fails by itself, without faultline, and returns its URL: the truth that an injected fault imitates. It reads
// the whole request, then fails as its path says: /status, /latency, /hang, /reset, /close. See Refusing for a refused connection.
func NewFailing(t testing.TB) string {
	t.Helper()
	return "http://" + wiretest.Listen(t, failing(t)).Address()
}

// NewTLSFailing is NewFailing for https: it fails inside TLS.
func NewTLSFailing(t testing.TB, certificate tls.Certificate) string {
	t.Helper()
	return "https://" + wiretest.ListenTLS(t, &certificate, failing(t)).Address()
}

func failing(t testing.TB) func(*wiretest.Conn) {
	return func(c *wiretest.Conn) {
		text, err := c.ReadRequest()
		if err != nil {
			t.Errorf("reading a request at the failing target: %v", err)
			return
		}
		request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
		if err != nil {
			t.Errorf("parsing a request at the failing target: %v", err)
			return
		}
		if err := fail(c, request.URL.Path); err != nil {
			t.Errorf("failing as %s: %v", request.URL.Path, err)
		}
	}
}

func fail(c *wiretest.Conn, as string) error {
	switch as {
	case "/status":
		_, err := io.WriteString(c, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
		return errors.Join(err, untilGone(c)) // else it is closed with the answer unread
	case "/latency", "/hang":
		return untilGone(c) // the client's timeout is over before any answer
	case "/reset":
		c.Reset()
		return nil
	case "/close":
		return errors.Join(c.CloseWrite(), untilGone(c))
	default:
		return errors.New("no such behaviour")
	}
}

// untilGone waits for the client's FIN or RST; over TLS some send their FIN without a close_notify.
func untilGone(conn net.Conn) error {
	_, err := io.Copy(io.Discard, conn)
	if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
