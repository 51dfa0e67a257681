package matrix

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
	"github.com/faultline/faultline/internal/wiretest"
)

// placement is where the attempts come in.
type placement string

// The placements, as the log names them.
const (
	forward   placement = "forward"   // HTTP_PROXY
	tunnel    placement = "tunnel"    // HTTPS_PROXY, the CONNECT passed through
	intercept placement = "intercept" // HTTPS_PROXY, the CONNECT opened with our CA
	gateway   placement = "gateway"   // the client calls faultline as if it were the target
	listener  placement = "listener"  // HTTP_PROXY, and it is the proxy's own listener that fails
)

func placements() []placement { return []placement{forward, tunnel, intercept, gateway, listener} }

// secure reports whether the clients speak TLS there.
func (p placement) secure() bool { return p == tunnel || p == intercept }

// place is how clients get to the rows.
type place struct {
	proxy string // "": none
	ca    string // "": no https
	base  func(row) string
}

// stage is what the matrix runs on: targets that fail by themselves, and faultline before healthy ones.
type stage struct {
	rawPlain, rawSecure *raw
	direct, directTLS   place
	faultline           *harness.Faultline
	shared              targets
	own                 map[string]targets // of the rows with a door
	places              map[placement]place
}

// targets are healthy ones, each for the attempts of one placement.
type targets map[placement]*harness.Target

func newTargets(t *testing.T, answer http.HandlerFunc, certificate *tls.Certificate) targets {
	return targets{
		forward: harness.NewTarget(t, answer), gateway: harness.NewTarget(t, answer),
		tunnel: harness.NewTLSTarget(t, answer, *certificate), intercept: harness.NewTLSTarget(t, answer, *certificate),
	}
}

// answerHealthily is what faultline's targets do.
func answerHealthily(w http.ResponseWriter, _ *http.Request) {
	w.Header()["Content-Type"] = []string{"application/json"}
	_, _ = io.WriteString(w, ten) // a client that has left shows in its result
}

// base is the URL of the target as clients name it there: CONNECTs to this machine's address are opened, those to its name are passed through.
func (s targets) base(in placement) string {
	if in == tunnel {
		return strings.Replace(s[in].URL, "127.0.0.1", "localhost", 1)
	}
	return s[in].URL
}

// hosts are the targets as rules name them.
func (s targets) hosts() []string {
	var all []string
	for _, in := range []placement{forward, tunnel, intercept, gateway} {
		_, host, _ := strings.Cut(s.base(in), "://")
		all = append(all, host)
	}
	return all
}

func newStage(t *testing.T, rows []row, answer http.HandlerFunc) *stage {
	t.Helper()
	authority := wiretest.NewAuthority(t)
	certificate := sound(t, authority)
	s := &stage{rawPlain: newRaw(t, rows, nil), rawSecure: newRaw(t, rows, certificate), own: map[string]targets{}, places: map[placement]place{}}
	s.shared = newTargets(t, answer, certificate)
	doors := map[string]string{}
	for _, row := range rows {
		if row.door != nil {
			doors[row.name], s.own[row.name] = row.door(t, authority), newTargets(t, orElse(row.target, answer), certificate)
		}
	}
	ca, caDir := filepath.Join(t.TempDir(), "trusted.pem"), t.TempDir()
	require.NoError(t, os.WriteFile(ca, authority.PEM(), 0o644))
	s.direct = place{base: func(r row) string { return orDoor("http", doors, r, s.rawPlain.url) }}
	s.directTLS = place{ca: ca, base: func(r row) string { return orDoor("https", doors, r, s.rawSecure.url) }}
	gateways := s.start(t, rows, caDir, ca)
	both := filepath.Join(t.TempDir(), "both.pem")
	require.NoError(t, os.WriteFile(both, slices.Concat(content(t, filepath.Join(caDir, "ca.pem")), authority.PEM()), 0o644))
	for _, in := range []placement{forward, tunnel, intercept} {
		at := place{proxy: s.faultline.URL, base: func(r row) string { return s.of(r).base(in) }}
		if in.secure() {
			at.ca = both
		}
		s.places[in] = at
	}
	s.places[gateway] = place{base: func(r row) string { return gateways[s.of(r)[gateway]] }}
	return s
}

// alone is the place of a row whose proxy fails: a faultline with no rule but that one, before a healthy target.
func alone(t *testing.T, r row) place {
	t.Helper()
	failing := harness.Start(t, harness.Options{Binary: binary, Scenario: fmt.Sprintf("[[rule]]\nname = %q\n%s\n", r.name, r.fault)})
	target := harness.NewTarget(t, http.HandlerFunc(answerHealthily))
	t.Cleanup(func() { require.Empty(t, target.Seen(), "what the target got of %s", r.name) })
	return place{proxy: failing.URL, base: func(row) string { return target.URL }}
}

func orElse(answer, otherwise http.HandlerFunc) http.HandlerFunc {
	if answer == nil {
		return otherwise
	}
	return answer
}

func orDoor(scheme string, doors map[string]string, r row, otherwise string) string {
	if at, has := doors[r.name]; has {
		return scheme + "://" + at
	}
	return otherwise
}

func content(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return text
}

// of are the targets of a row.
func (s *stage) of(r row) targets {
	if own, has := s.own[r.name]; has {
		return own
	}
	return s.shared
}

// start starts faultline before the healthy targets, and gives the gateway of each.
func (s *stage) start(t *testing.T, rows []row, caDir, targetCA string) map[*harness.Target]string {
	t.Helper()
	var behind []*harness.Target
	var flags []string
	for _, all := range append(slices.Collect(maps.Values(s.own)), s.shared) {
		behind = append(behind, all[gateway])
		flags = append(flags, "--gateway", "127.0.0.1:0="+all[gateway].URL)
	}
	s.faultline = harness.Start(t, harness.Options{Binary: binary, Scenario: s.scenario(rows, caDir, targetCA), Flags: flags})
	gateways := map[*harness.Target]string{}
	for i, target := range behind {
		gateways[target] = s.faultline.Gateways[i]
	}
	return gateways
}

// scenario has the rule of every row.
func (s *stage) scenario(rows []row, caDir, targetCA string) string {
	var b strings.Builder
	b.WriteString("seed = 1\n[delivery]\nmatch.host = [\"127.0.0.1\", \"localhost\"]\nmatch.method = \"*\"\n")
	fmt.Fprintf(&b, "[tls]\nintercept = \"127.0.0.1\"\nca_dir = %q\n[target]\nca_file = %q\n", caDir, targetCA)
	for _, row := range rows {
		if !row.is(listener) {
			b.WriteString(row.rule(s.of(row).hosts()))
		}
	}
	return b.String()
}

// prime uses up what rules let pass, by an attempt of no client: it has been taken in when it is in the log, or when nothing has come of it for a while.
func (s *stage) prime(t *testing.T, rows []row) {
	t.Helper()
	client := http.Client{Transport: harness.GoTransport(t, s.faultline.URL, "")}
	defer client.CloseIdleConnections()
	for _, row := range rows {
		if !row.primed {
			continue
		}
		while, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		request, err := http.NewRequestWithContext(while, http.MethodPost, s.places[forward].base(row)+row.path()+primer, strings.NewReader("{}"))
		require.NoError(t, err)
		request.Header.Set("User-Agent", "primer")
		answer, err := client.Do(request)
		if !errors.Is(err, context.DeadlineExceeded) {
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, answer.StatusCode, row.name)
			require.NoError(t, answer.Body.Close())
		}
		cancel()
	}
}
