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

	"github.com/faultline/faultline/ca"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
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
		t.giveUp(err)
		return
	}
	if t.faulted() && inner.cut == nil {
		t.record(deliveries.Complete, nil)
	}
	t.s.conns.remove(t.conn) // the new one stands for it
	t.s.farewells.forget(t.conn)
	t.s.admit(inner)
}

// present: 200, then a handshake with a certificate that has a flaw. A sender that takes it is served, like any on an opened connection.
func (t *tunnel) present(step faults.Present) {
	flawed, flaw := t.s.cfg.Flawed, flawOf(step.Flaw)
	t.certificate = func(host string) (*tls.Certificate, error) { return flawed(host, flaw) }
	t.intercept()
}

// flawOf is how the CA calls a flaw.
func flawOf(flaw faults.Flaw) ca.Flaw {
	switch flaw {
	case faults.Expired:
		return ca.Expired
	case faults.WrongHost:
		return ca.WrongHost
	case faults.Untrusted:
		return ca.Untrusted
	case faults.SelfSigned:
		return ca.SelfSigned
	default:
		panic("proxy: no certificate with the flaw " + string(flaw))
	}
}

// giveUp ends a connection that could not be opened: it failed, or a rule has cut it.
func (t *tunnel) giveUp(err error) {
	if t.severing != nil && t.severing.giveUp() {
		_ = t.severing.Close() // as the rule says; an error means that the sender is gone
	} else {
		t.record(t.endUnopened(err), err)
	}
	_ = t.conn.Close() // a failed handshake has told the sender why
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
	way := newSlowConn(earlyConn{t.conn.tcp, rest(t.early, t.conn.tcp)}, t.up, t.down)
	if t.broken != nil {
		t.severing = t.sever(way, *t.broken)
		way = t.severing
	}
	buffered := bufio.NewReader(way)
	first, err := buffered.Peek(1)
	if err != nil {
		return nil, fmt.Errorf("wait for the first byte: %w", err)
	}
	var conn net.Conn = earlyConn{way, rest(buffered, way)}
	came := entrance{placement: scenario.Intercept, scheme: "http", authority: t.authority()}
	if first[0] == tlsHandshakeRecord {
		var said hello
		certificate := t.certificate
		if certificate == nil {
			certificate = t.s.cfg.Leaf
		}
		secured := tls.Server(conn, tlsConfig(certificate, t.host, &said))
		if err := secured.HandshakeContext(t.r.Context()); err != nil && said.shown {
			// OpenSSL says why in a record that Go cannot read.
			return nil, fmt.Errorf("TLS handshake: broken off by the sender when it saw the certificate: %w", err)
		} else if err != nil {
			return nil, fmt.Errorf("TLS handshake: %w", err)
		}
		conn, came.scheme, came.sni, came.exchanges = secured, "https", secured.ConnectionState().ServerName, said.exchanges
	}
	if err := t.conn.SetDeadline(time.Time{}); err != nil {
		return nil, fmt.Errorf("lift the bound: %w", err)
	}
	inner := t.s.newSenderConn(conn, t.conn.tcp, came, t.conn.door)
	inner.tunnelled, inner.cut = !t.opened, t.severing
	if inner.cut != nil {
		inner.cut.onCut(inner.saidFarewell)
	}
	return inner, nil
}

// earlyConn reads first what came together with the CONNECT.
type earlyConn struct {
	net.Conn
	rest io.Reader
}

func (c earlyConn) Read(p []byte) (int, error) { return c.rest.Read(p) }

// rest reads what a seized connection's buffer still holds, then the connection itself, which the kernel may copy from.
func rest(buffered *bufio.Reader, conn io.Reader) io.Reader {
	early, err := buffered.Peek(buffered.Buffered())
	if err != nil || len(early) == 0 {
		return conn // Peek of what is buffered never fails
	}
	return io.MultiReader(bytes.NewReader(early), conn)
}
