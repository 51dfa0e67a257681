package e2e

import (
	"bufio"
	"bytes"
	"crypto/sha256"
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

// loadSender sends attempts over one connection, one after the other, and never sends one twice. Like any client it looks whether the connection was
// closed before it uses it again; unlike net/http it hides nothing.
type loadSender struct {
	dial   string // the proxy, or the target itself
	prefix string // of the request's target: http://HOST through a proxy
	host   string
	random *rand.ChaCha8
	conn   *net.TCPConn
	answer *bufio.Reader

	acknowledged map[string][sha256.Size]byte // the body of each attempt by its id
	bytes        int64                        // of those bodies
	idleCloses   []string                     // attempts that met the end of a reused connection, without a byte of answer
	failures     []string                     // anything else
}

// load sends attempts, from 64 senders at once, and returns the senders.
func load(t *testing.T, attempts int, dial, prefix, host string) []*loadSender {
	t.Helper()
	const senders = 64
	all := make([]*loadSender, senders)
	var running sync.WaitGroup
	for n := range all {
		s := &loadSender{
			dial: dial, prefix: prefix, host: host, random: rand.NewChaCha8([32]byte{byte(n)}), acknowledged: map[string][sha256.Size]byte{},
		}
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
	text := fmt.Appendf(nil, "POST %s/load HTTP/1.1\r\nHost: %s\r\nWebhook-Id: %s\r\n", s.prefix, s.host, id)
	if s.random.Uint64()%8 > 0 || len(body) == 0 {
		return append(fmt.Appendf(text, "Content-Length: %d\r\n\r\n", len(body)), body...)
	}
	text = fmt.Appendf(text, "Transfer-Encoding: chunked\r\n\r\n%x\r\n", len(body))
	return append(append(text, body...), "\r\n0\r\n\r\n"...)
}

// failed: a reused connection may always turn out to be closed. Who the attempt belonged to decides what to do then; here it counts as met.
func (s *loadSender) failed(id string, reused bool, err error) error {
	s.close()
	if reused && (errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)) {
		s.idleCloses = append(s.idleCloses, id)
		return nil
	}
	return fmt.Errorf("no answer to %s, reused connection %v: %w", id, reused, err)
}

// connect gives the connection another use, or makes one.
func (s *loadSender) connect() (reused bool, err error) {
	if s.conn != nil && s.answer.Buffered() == 0 && quiet(s.conn) {
		return true, s.conn.SetDeadline(time.Now().Add(loadPatience))
	}
	s.close()
	conn, err := net.Dial("tcp", s.dial)
	if err != nil {
		return false, err
	}
	s.conn = conn.(*net.TCPConn)
	s.answer = bufio.NewReader(conn)
	return false, conn.SetDeadline(time.Now().Add(loadPatience))
}

func (s *loadSender) close() {
	if s.conn != nil {
		_ = s.conn.Close() // that the other side has closed it is the usual reason
		s.conn = nil
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

// loadTarget sends every body back. Its connections end by themselves after some answers, unless it is patient.
type loadTarget struct {
	address string
	patient bool

	mu    sync.Mutex
	seen  map[string][sha256.Size]byte
	twice []string
	bytes int64
	cut   int // connections that it closed when a request had begun
}

func newLoadTarget(t *testing.T, patient bool) *loadTarget {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	target := &loadTarget{address: listener.Addr().String(), patient: patient, seen: map[string][sha256.Size]byte{}}
	var running sync.WaitGroup
	running.Go(func() {
		for n := uint64(0); ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return // closed below
			}
			running.Go(func() { target.serve(t, conn, rand.New(rand.NewPCG(n, 1))) })
		}
	})
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		running.Wait()
	})
	return target
}

// serve answers until the sender closes the connection, or, when the target is not patient, 1 to 50 times.
func (l *loadTarget) serve(t *testing.T, conn net.Conn, random *rand.Rand) {
	defer conn.Close() // in the middle of whatever the sender does
	r := bufio.NewReader(conn)
	for left := 1 + random.IntN(50); l.patient || left > 0; left-- {
		if err := l.answer(conn, r); err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("at the target: %v", err)
			}
			return
		}
	}
	l.end(t, conn, r, random.IntN(3), time.Duration(random.IntN(2000))*time.Microsecond)
}

// end comes before the next request, with its beginning, or a moment later, whether or not it has begun by then.
func (l *loadTarget) end(t *testing.T, conn net.Conn, r *bufio.Reader, how int, moment time.Duration) {
	switch how {
	case 0:
	case 1:
		if _, err := r.Peek(1); err == nil {
			l.mu.Lock()
			l.cut++
			l.mu.Unlock()
		}
	case 2:
		if err := conn.SetReadDeadline(time.Now().Add(moment)); err != nil {
			t.Errorf("at the target: %v", err)
		}
		_, _ = r.Peek(1) // either is fine
	}
}

func (l *loadTarget) answer(conn net.Conn, r *bufio.Reader) error {
	if _, err := r.Peek(1); err != nil {
		return err // between two requests
	}
	request, err := http.ReadRequest(r)
	if err != nil {
		return fmt.Errorf("reading a head: %w", err)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return fmt.Errorf("reading a body: %w", err)
	}
	l.note(request.Header.Get("Webhook-Id"), body)
	_, err = conn.Write(append(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", len(body)), body...))
	return err
}

func (l *loadTarget) note(id string, body []byte) {
	sum := sha256.Sum256(body)
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.seen[id]; known {
		l.twice = append(l.twice, id)
	}
	l.seen[id] = sum
	l.bytes += int64(len(body))
}

func (l *loadTarget) got() (seen map[string][sha256.Size]byte, twice []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen, l.twice
}
