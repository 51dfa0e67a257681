package matrix

import (
	"crypto/tls"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/faultline/faultline/e2e/harness"
	"github.com/faultline/faultline/internal/wiretest"
)

// raw is a target without faultline that fails by itself, at the path of a row's name as that row's truth says. At any other path it is healthy. It notes
// what it saw.
type raw struct {
	url string

	mu   sync.Mutex
	seen map[sent][]exchange
}

// sent names what a client sent to a path.
type sent struct {
	path   string
	client harness.Client
}

// newRaw starts one, over TLS if there is a certificate.
func newRaw(t testing.TB, rows []row, certificate *tls.Certificate) *raw {
	t.Helper()
	failing := map[string]row{}
	for _, row := range rows {
		failing[row.path()] = row
	}
	r := &raw{seen: map[sent][]exchange{}}
	script := func(c *wiretest.Conn) {
		for r.serve(t, c, failing) {
		}
	}
	if certificate == nil {
		r.url = "http://" + wiretest.Listen(t, script).Address()
	} else {
		r.url = "https://" + wiretest.ListenTLS(t, certificate, script).Address()
	}
	return r
}

// serve serves one request, and reports whether the connection is kept for another.
func (r *raw) serve(t testing.TB, c *wiretest.Conn, failing map[string]row) (kept bool) {
	if _, err := c.Reader().Peek(1); err != nil {
		return false // the client has closed a kept connection
	}
	request, err := http.ReadRequest(c.Reader())
	if err != nil {
		t.Errorf("reading a request at the failing target: %v", err)
		return false
	}
	// Who ended it is said as faultline has to say it that does the same: it was the proxy, unless nothing but the target's own answer was shown.
	truth, by := healthy(), "target"
	if row, fails := failing[request.URL.Path]; fails {
		truth = row.truth
		if !row.relays {
			by = "proxy"
		}
	}
	note := r.arrived(sent{request.URL.Path, harness.ClientOf(request.UserAgent())})
	saw := truth.carryOut(c, request, by)
	note(saw)
	return saw.End == "complete"
}

// arrived has a place for what will be seen of a request: they are kept in the order in which they came.
func (r *raw) arrived(at sent) (note func(exchange)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	place := len(r.seen[at])
	r.seen[at] = append(r.seen[at], exchange{})
	return func(saw exchange) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.seen[at][place] = saw
	}
}

// exchanges are those that a client had at a path, in the order in which they came.
func (r *raw) exchanges(at sent) []exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.seen[at])
}
