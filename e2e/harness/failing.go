package harness

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/faultline/faultline/internal/wiretest"
)

// NewFailing starts a target that fails by itself, without faultline, and returns its URL: the truth that an injected fault imitates. It reads
// the whole request, then fails as its path says: /status, /latency, /hang, /reset, /close, or one of the odd
// answers below. wiretest.RefusingPort is for a refused connection.
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
		return answerOddly(c, as)
	}
}

// headOf is the head of an answer of ten bytes, with further header lines.
func headOf(lines ...string) string {
	return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + strings.Join(append(lines, "\r\n"), "\r\n")
}

// answerOddly answers with what breaks off, or is no sound answer.
func answerOddly(c *wiretest.Conn, as string) error {
	const ten = "Content-Length: 10"
	many := make([]string, 300)
	for i := range many {
		many[i] = fmt.Sprintf("X-Many-%03d: x", i)
	}
	answers := map[string]string{
		"/truncate":        headOf("Transfer-Encoding: chunked") + "5\r\n01234\r\n",
		"/truncate-length": headOf(ten) + "01234",
		"/reset-body":      headOf(ten) + "01234",
		"/stall":           headOf(ten) + "01234",
		"/stall-head":      headOf(ten),
		"/garbage":         "\x00\x01 this is no answer\r\n\r\n",
		"/chunk":           headOf("Transfer-Encoding: chunked") + "xyz\r\n0123456789\r\n0\r\n\r\n",
		"/gzip":            headOf("Content-Encoding: gzip", ten) + "0123456789",
		"/huge_header":     headOf("X-Huge: "+strings.Repeat("x", 130_000), ten) + "0123456789",
		"/many_headers":    headOf(append(many, ten)...) + "0123456789",
		"/loop":            "HTTP/1.1 307 Temporary Redirect\r\nLocation: /loop\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		"/early-hints":     "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
	}
	answer, known := answers[as]
	if !known {
		return errors.New("no such behaviour")
	}
	if _, err := io.WriteString(c, answer); err != nil {
		return err
	}
	switch as {
	case "/truncate", "/truncate-length", "/garbage", "/chunk", "/loop":
		return errors.Join(c.CloseWrite(), untilGone(c))
	case "/reset-body":
		c.Reset()
		return nil
	default:
		return untilGone(c)
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
