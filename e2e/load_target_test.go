package e2e

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// loadTarget sends every body back. Its connections end by themselves after some answers, unless it is patient.
type loadTarget struct {
	address string
	patient bool
	tls     *tls.Config // nil: none

	mu    sync.Mutex
	seen  map[string][sha256.Size]byte
	twice []string
	bytes int64
	cut   int // connections that it closed when a request had begun
}

func newLoadTarget(t *testing.T, patient bool, config *tls.Config) *loadTarget {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	target := &loadTarget{address: listener.Addr().String(), patient: patient, tls: config, seen: map[string][sha256.Size]byte{}}
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
	if l.tls != nil {
		conn = tls.Server(conn, l.tls)
	}
	defer conn.Close() // in the middle of whatever the sender does
	r := bufio.NewReader(conn)
	for left := 1 + random.IntN(50); l.patient || left > 0; left-- {
		if err := l.answer(conn, r); err != nil {
			if !errors.Is(err, io.EOF) {
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
	if _, err := r.Peek(1); isEnd(err) {
		return io.EOF // between two requests
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
