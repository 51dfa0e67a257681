package e2e

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// way is how senders get to a target.
type way struct {
	address string // of the proxy, the gateway, or the target itself
	prefix  string // of a request's target: http://HOST through a proxy
	host    string
	connect bool        // a CONNECT for host comes first
	tls     *tls.Config // nil: none
}

// loadSender sends attempts over one connection, one after the other, and never sends one twice. Like any client it looks whether the connection was
// closed before it uses it again; unlike net/http it hides nothing.
type loadSender struct {
	way    way
	random *rand.ChaCha8
	tcp    *net.TCPConn // nil: not connected
	conn   net.Conn     // tcp, or TLS over it
	answer *bufio.Reader

	acknowledged map[string][sha256.Size]byte // the body of each attempt by its id
	bytes        int64                        // of those bodies
	idleCloses   []string                     // attempts that met the end of a reused connection, without a byte of answer
	failures     []string                     // anything else
}

// load sends attempts, from 64 senders at once, and returns the senders.
func load(attempts int, way way) []*loadSender {
	const senders = 64
	all := make([]*loadSender, senders)
	var running sync.WaitGroup
	for n := range all {
		s := &loadSender{way: way, random: rand.NewChaCha8([32]byte{byte(n)}), acknowledged: map[string][sha256.Size]byte{}}
		all[n] = s
		share := attempts / senders
		if n < attempts%senders {
			share++
		}
		running.Go(func() {
			for i := range share {
				if err := s.attempt(fmt.Sprintf("%d-%d", n, i)); err != nil {
					s.failures = append(s.failures, err.Error())
				}
			}
			s.close()
		})
	}
	running.Wait()
	return all
}

const loadPatience = 60 * time.Second // for one attempt

// attempt sends one, with a body of its own that the target is to send back.
func (s *loadSender) attempt(id string) error {
	reused, err := s.connect()
	if err != nil {
		s.close()
		return fmt.Errorf("connecting for %s: %w", id, err)
	}
	body := make([]byte, s.random.Uint64()%2048)
	s.random.Read(body) // never fails
	if _, err := s.conn.Write(s.request(id, body)); err != nil {
		return s.failed(id, reused, err)
	}
	if _, err := s.answer.Peek(1); err != nil {
		return s.failed(id, reused, err)
	}
	answer, err := http.ReadResponse(s.answer, &http.Request{Method: http.MethodPost})
	if err != nil {
		s.close()
		return fmt.Errorf("head of the answer to %s: %w", id, err)
	}
	echo, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 || answer.Close || !bytes.Equal(echo, body) {
		s.close()
		return fmt.Errorf("answer to %s: status %d, Connection: close %v, %d bytes, %d of them right, error %w",
			id, answer.StatusCode, answer.Close, len(echo), common(echo, body), err)
	}
	s.acknowledged[id] = sha256.Sum256(body)
	s.bytes += int64(len(body))
	return nil
}

// request is the text of an attempt. Every eighth body or so is chunked.
func (s *loadSender) request(id string, body []byte) []byte {
	text := fmt.Appendf(nil, "POST %s/load HTTP/1.1\r\nHost: %s\r\nWebhook-Id: %s\r\n", s.way.prefix, s.way.host, id)
	if s.random.Uint64()%8 > 0 || len(body) == 0 {
		return append(fmt.Appendf(text, "Content-Length: %d\r\n\r\n", len(body)), body...)
	}
	text = fmt.Appendf(text, "Transfer-Encoding: chunked\r\n\r\n%x\r\n", len(body))
	return append(append(text, body...), "\r\n0\r\n\r\n"...)
}

// failed: a reused connection may always turn out to be closed. Who the attempt belonged to decides what to do then; here it counts as met.
func (s *loadSender) failed(id string, reused bool, err error) error {
	s.close()
	if reused && isEnd(err) {
		s.idleCloses = append(s.idleCloses, id)
		return nil
	}
	return fmt.Errorf("no answer to %s, reused connection %v: %w", id, reused, err)
}

// isEnd tells whether a connection has ended, in any way.
func isEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.ErrUnexpectedEOF) // over TLS: without a close_notify
}

// connect gives the connection another use, or makes one.
func (s *loadSender) connect() (reused bool, err error) {
	if s.tcp != nil && s.answer.Buffered() == 0 && quiet(s.tcp) {
		return true, s.tcp.SetDeadline(time.Now().Add(loadPatience))
	}
	s.close()
	conn, err := net.Dial("tcp", s.way.address)
	if err != nil {
		return false, err
	}
	s.tcp, s.conn = conn.(*net.TCPConn), conn
	if err := s.tcp.SetDeadline(time.Now().Add(loadPatience)); err != nil {
		return false, err
	}
	if s.way.connect {
		if err := s.connectThrough(); err != nil {
			return false, err
		}
	}
	if s.way.tls != nil {
		s.conn = tls.Client(s.tcp, s.way.tls)
	}
	s.answer = bufio.NewReader(s.conn)
	return false, nil
}

func (s *loadSender) connectThrough() error {
	if _, err := fmt.Fprintf(s.tcp, "CONNECT %[1]s HTTP/1.1\r\nHost: %[1]s\r\n\r\n", s.way.host); err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReader(s.tcp), &http.Request{Method: http.MethodConnect})
	if err != nil {
		return err
	}
	if answer.StatusCode != 200 {
		return fmt.Errorf("CONNECT was answered %d", answer.StatusCode)
	}
	return nil
}

func (s *loadSender) close() {
	if s.tcp != nil {
		_ = s.conn.Close() // that the other side has closed it is the usual reason
		s.tcp = nil
	}
}

// quiet looks, without waiting, whether a connection is open and has nothing to read.
func quiet(conn *net.TCPConn) bool {
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	open := false
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		open = errors.Is(err, syscall.EAGAIN)
		return true
	})
	return err == nil && open
}

// common is how many bytes two texts begin with together.
func common(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// requireNoneFailed: whatever happened to an attempt, it was acknowledged or met an idle close.
func requireNoneFailed(t *testing.T, senders []*loadSender) {
	t.Helper()
	var failures []string
	for _, s := range senders {
		failures = append(failures, s.failures...)
	}
	require.Empty(t, failures[:min(len(failures), 10)], "%d failures, the first of them", len(failures))
}

// requireSameAtTarget: the target got each acknowledged attempt once, with the very bytes that were sent, and no other one twice.
func requireSameAtTarget(t *testing.T, senders []*loadSender, target *loadTarget) {
	t.Helper()
	got, twice := target.got()
	require.Empty(t, twice, "ids of attempts that the target got twice")
	for _, s := range senders {
		for id, want := range s.acknowledged {
			if got[id] != want { // require's own comparison takes most of the test's time
				require.Equal(t, want, got[id], "SHA-256 of the body of %s", id)
			}
		}
	}
}

// met counts what the senders met.
func met(senders []*loadSender) (acknowledged, idleCloses int, sent int64) {
	for _, s := range senders {
		acknowledged += len(s.acknowledged)
		idleCloses += len(s.idleCloses)
		sent += s.bytes
	}
	return acknowledged, idleCloses, sent
}
