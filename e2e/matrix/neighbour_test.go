package matrix

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// neighbour is a sender with a connection of its own, which it keeps as long as it lasts. It sends nothing twice.
type neighbour struct {
	at     place
	roots  *x509.CertPool
	conn   net.Conn // nil: not connected
	answer *bufio.Reader
	dialed int
}

// told is what an attempt came to.
type told struct {
	status    int
	body, err string
}

// attempt sends a name as its body, and in a field.
func (n *neighbour) attempt(url, name string) told {
	got, err := n.exchange(url, name)
	if err != nil {
		got.err = harness.NameOf(err)
		n.leave()
	}
	return got
}

func (n *neighbour) leave() {
	if n.conn != nil {
		_ = n.conn.Close() // it is of no use any more
		n.conn = nil
	}
}

func (n *neighbour) exchange(url, name string) (told, error) {
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(name))
	if err != nil {
		return told{}, err
	}
	request.Header.Set(nameField, name)
	if err := n.connect(request.URL.Host); err != nil {
		return told{}, err
	}
	if err := n.conn.SetDeadline(time.Now().Add(harness.Patience)); err != nil {
		return told{}, err
	}
	write := request.Write
	if n.at.proxy != "" && n.roots == nil {
		write = request.WriteProxy
	}
	if err := write(n.conn); err != nil {
		return told{}, err
	}
	return n.read(request)
}

// read reads an answer behind interim ones.
func (n *neighbour) read(request *http.Request) (told, error) {
	for {
		answer, err := http.ReadResponse(n.answer, request)
		if err != nil {
			return told{}, err
		}
		body, err := io.ReadAll(answer.Body)
		if answer.StatusCode >= 200 || err != nil {
			if answer.Close {
				n.leave()
			}
			return told{status: answer.StatusCode, body: string(body)}, err
		}
	}
}

// connect makes a connection if there is none.
func (n *neighbour) connect(host string) error {
	if n.conn != nil {
		return nil
	}
	address := host
	if n.at.proxy != "" {
		address = strings.TrimPrefix(n.at.proxy, "http://")
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	n.dialed++
	if n.conn, n.answer = conn, bufio.NewReader(conn); n.roots == nil {
		return nil
	}
	if n.at.proxy != "" {
		if _, err := fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", host, host); err != nil {
			return err
		}
		if _, err := http.ReadResponse(n.answer, &http.Request{Method: http.MethodConnect}); err != nil {
			return err
		}
	}
	secured := tls.Client(conn, &tls.Config{RootCAs: n.roots, ServerName: "127.0.0.1"})
	n.conn, n.answer = secured, bufio.NewReader(secured)
	return nil
}

// roots are the certificates of a file; nil without one.
func roots(t *testing.T, file string) *x509.CertPool {
	t.Helper()
	if file == "" {
		return nil
	}
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(content(t, file)))
	return pool
}
