package harness

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// Target is a real endpoint that keeps a list of what it was sent.
type Target struct {
	URL    string // http://127.0.0.1:PORT
	Host   string // 127.0.0.1:PORT
	answer http.Handler

	mu   sync.Mutex
	seen []Seen
}

// Seen is a request that a target got to its end.
type Seen struct {
	Method, Path, Query string
	Header              http.Header
	Bytes               int64
	SHA256              string
}

// NewTarget starts a target that answers as the handler says, after the request was read and listed; nil answers 200. The
// handler finds the body already read.
func NewTarget(t testing.TB, answer http.Handler) *Target {
	t.Helper()
	return newTarget(t, answer, nil)
}

// NewTLSTarget is NewTarget for https.
func NewTLSTarget(t testing.TB, answer http.Handler, certificate tls.Certificate) *Target {
	t.Helper()
	return newTarget(t, answer, &tls.Config{Certificates: []tls.Certificate{certificate}})
}

func newTarget(t testing.TB, answer http.Handler, config *tls.Config) *Target {
	t.Helper()
	if answer == nil {
		answer = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	}
	target := &Target{answer: answer}
	server := httptest.NewUnstartedServer(target)
	if config != nil {
		server.TLS = config
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	target.URL, target.Host = server.URL, server.Listener.Addr().String()
	return target
}

// ServeHTTP lists a request that came to its end, then answers it.
func (t *Target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sum := sha256.New()
	n, err := io.Copy(sum, r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // cut: not a request that the target got
	}
	t.mu.Lock()
	t.seen = append(t.seen, Seen{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone(),
		Bytes: n, SHA256: hex.EncodeToString(sum.Sum(nil)),
	})
	t.mu.Unlock()
	t.answer.ServeHTTP(w, r)
}

// Seen returns what the target got so far, in the order in which it came to its end.
func (t *Target) Seen() []Seen {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.seen)
}
