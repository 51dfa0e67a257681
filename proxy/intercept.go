package proxy

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
)

// firstByteWait is how long a sender has, after its CONNECT was answered, to say whether it speaks TLS, and to finish its handshake.
const firstByteWait = 10 * time.Second

// tlsHandshakeRecord is the first byte of a ClientHello (RFC 8446 5.1); anything else is clear HTTP.
const tlsHandshakeRecord = 0x16

// intercept opens a CONNECT with a certificate of ours: what comes through it is served like what comes in clear.
func (t *tunnel) intercept() {
	if err := t.accept(); err != nil {
		t.record(deliveries.Silence, err)
		_ = t.conn.Close() // the sender is gone
		return
	}
	// The drain does not wait for a sender that has said nothing yet.
	stop := context.AfterFunc(t.s.draining, t.conn.reset)
	defer stop()
	inner, err := t.open()
	if err != nil {
		t.s.cfg.Log.Info("intercepted connection not opened", "host", t.address(), "error", err)
		t.record(t.endUnopened(err), err)
		_ = t.conn.Close() // a failed handshake has told the sender why
		return
	}
	if t.faulted() {
		t.record(deliveries.Complete, nil)
	}
	t.s.conns.remove(t.conn) // the new one stands for it
	if idle := t.s.conns.add(inner); idle != nil {
		_ = idle.Close() // it makes room; an error means that it is closed already
	}
	if !t.s.opened.hand(inner) {
		_ = inner.Close() // the server has ended
	}
}

// endUnopened is how a connection that could not be opened ends for its sender: it has left, or it is told why and closed.
func (t *tunnel) endUnopened(err error) deliveries.End {
	switch {
	case t.s.draining.Err() != nil:
		return deliveries.Reset
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return deliveries.Silence
	default:
		return deliveries.Fin
	}
}

// open looks whether the sender speaks TLS, and makes the connection on which its requests come.
func (t *tunnel) open() (*senderConn, error) {
	if err := t.conn.SetDeadline(time.Now().Add(firstByteWait)); err != nil {
		return nil, fmt.Errorf("bound the wait for the first byte: %w", err)
	}
	first, err := t.early.Peek(1)
	if err != nil {
		return nil, fmt.Errorf("wait for the first byte: %w", err)
	}
	var conn net.Conn = earlyConn{t.conn.tcp, rest(t.early, t.conn.tcp)}
	came := entrance{placement: scenario.Intercept, scheme: "http", authority: t.authority()}
	if first[0] == tlsHandshakeRecord {
		secured := tls.Server(conn, t.s.tlsFor(t.host))
		if err := secured.HandshakeContext(t.r.Context()); err != nil {
			return nil, fmt.Errorf("TLS handshake: %w", err)
		}
		conn, came.scheme, came.sni = secured, "https", secured.ConnectionState().ServerName
	}
	if err := t.conn.SetDeadline(time.Time{}); err != nil {
		return nil, fmt.Errorf("lift the bound: %w", err)
	}
	return newSenderConn(conn, t.conn.tcp, came, &t.s.conns), nil
}

// tlsFor is how we answer a handshake for a host: a certificate for the name that the sender asks for, else for the host of its CONNECT; http/1.1 only.
func (s *Server) tlsFor(host string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			name := host
			if hello.ServerName != "" {
				name = hello.ServerName
			}
			return s.cfg.Leaf(name)
		},
	}
}

// earlyConn reads first what came together with the CONNECT.
type earlyConn struct {
	*net.TCPConn
	rest io.Reader
}

func (c earlyConn) Read(p []byte) (int, error) { return c.rest.Read(p) }

// rest reads what a seized connection's buffer still holds, then the connection itself: the server's own reader would take an end for the request's, and
// cancel it.
func rest(buffered *bufio.Reader, conn io.Reader) io.Reader {
	early, err := buffered.Peek(buffered.Buffered())
	if err != nil || len(early) == 0 {
		return conn // Peek of what is buffered never fails
	}
	return io.MultiReader(bytes.NewReader(early), conn)
}
