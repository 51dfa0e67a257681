package console

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// desk is a Control over one rule and two phases, that keeps what it was told.
type desk struct {
	revision Revision
	rule     Rule
	phase    string
	off      bool
	restarts int
	fails    error
}

func (d *desk) Scenario() Revision { return d.revision }

func (d *desk) Replace(text, ifTag string, restartClock bool) (Revision, error) {
	if d.fails != nil {
		return Revision{}, d.fails
	}
	if ifTag != "" && ifTag != d.revision.Tag {
		return Revision{}, ErrChanged
	}
	if restartClock {
		d.restarts++
	}
	d.revision = Revision{Name: "new", Text: text, Tag: "222222222222", Rules: 1, Restart: []string{"log"}}
	return d.revision, nil
}

func (d *desk) Rules() []Rule { return []Rule{d.rule} }

func (d *desk) Enable(rule string, enabled bool) bool {
	if rule != d.rule.Name {
		return false
	}
	d.rule.Enabled = enabled
	return true
}

func (d *desk) Phase() Phase {
	since := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	return Phase{Name: d.phase, Since: &since, Names: []string{"fine", "outage"}}
}

func (d *desk) Jump(phase string) bool {
	known := phase == "fine" || phase == "outage"
	if known {
		d.phase = phase
	}
	return known
}

func (d *desk) FaultsOn() bool       { return !d.off }
func (d *desk) SwitchFaults(on bool) { d.off = !on }

func newDesk() *desk {
	return &desk{
		revision: Revision{Name: "old", Text: "name = \"old\"\n", Tag: "111111111111"},
		rule:     Rule{Name: "first two fail", Enabled: true, Faults: []string{"status"}, Matched: 7, Fired: 2}, phase: "fine",
	}
}

// tell sends a request with a body.
func tell(t *testing.T, method, url, body string, header map[string]string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	r.Close = true
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return answer{resp.StatusCode, resp.Header, string(got)}
}

func TestAPI(t *testing.T) {
	const rule = "/api/v1/rules/first%20two%20fail"
	tests := []struct {
		name, method, path, body string
		header                   map[string]string
		status                   int
		want                     string // the body, or of a problem its detail
	}{
		{"scenario", "GET", "/api/v1/scenario", "", nil, 200, "name = \"old\"\n"},
		{"replace", "PUT", "/api/v1/scenario", "name = \"new\"", map[string]string{"Content-Type": "application/toml"}, 200,
			`{"hash":"222222222222","name":"new","restart_needed":["log"],"rules":1}`},
		{"replace what is in force", "PUT", "/api/v1/scenario", "", map[string]string{"If-Match": `"111111111111"`}, 200,
			`{"hash":"222222222222","name":"new","restart_needed":["log"],"rules":1}`},
		{"replace whatever is in force", "PUT", "/api/v1/scenario", "", map[string]string{"If-Match": "*"}, 200,
			`{"hash":"222222222222","name":"new","restart_needed":["log"],"rules":1}`},
		{"replace what is not in force", "PUT", "/api/v1/scenario", "", map[string]string{"If-Match": `"000000000000"`}, 412,
			`another scenario is in force: its ETag is "111111111111"`},
		{"a tag without quotes", "PUT", "/api/v1/scenario", "", map[string]string{"If-Match": "111111111111"}, 400, `If-Match "111111111111": want one ETag in quotes, or *`},
		{"JSON for TOML", "PUT", "/api/v1/scenario", "{}", map[string]string{"Content-Type": "application/json"}, 415, "a scenario is application/toml"},
		{"endless text", "PUT", "/api/v1/scenario", strings.Repeat("#", maxText+1), nil, 413, "read the request: http: request body too large"},
		{"deleting it", "DELETE", "/api/v1/scenario", "", nil, 405, `method "DELETE", want GET or HEAD or PUT`},
		{"rules", "GET", "/api/v1/rules", "", nil, 200, `{"rules":[{"name":"first two fail","enabled":true,"faults":["status"],"matched":7,"fired":2}]}`},
		{"rule", "GET", rule, "", nil, 200, `{"name":"first two fail","enabled":true,"faults":["status"],"matched":7,"fired":2}`},
		{"no such rule", "GET", "/api/v1/rules/x", "", nil, 404, `no rule "x"`},
		{"leave a rule out", "PATCH", rule, `{"enabled": false}`, nil, 200, `{"name":"first two fail","enabled":false,"faults":["status"],"matched":7,"fired":2}`},
		{"leave no rule out", "PATCH", "/api/v1/rules/x", `{"enabled": false}`, nil, 404, `no rule "x"`},
		{"change nothing", "PATCH", rule, `{}`, nil, 400, `want {"enabled": true} or {"enabled": false}`},
		{"change a count", "PATCH", rule, `{"fired": 0}`, nil, 400, `read the request: unknown field "fired", want {"enabled": true} or {"enabled": false}`},
		{"no JSON", "PATCH", rule, `enabled`, nil, 400, `read the request: invalid character 'e' looking for beginning of value, want {"enabled": true} or {"enabled": false}`},
		{"a text for a switch", "PATCH", rule, `{"enabled": "no"}`, nil, 400, `read the request: enabled is a JSON string, want {"enabled": true} or {"enabled": false}`},
		{"phase", "GET", "/api/v1/phase", "", nil, 200, `{"phase":"fine","since":"2026-11-24T02:00:00Z","phases":["fine","outage"]}`},
		{"jump", "POST", "/api/v1/phase", `{"phase":"outage"}`, map[string]string{"Content-Type": "application/json; charset=utf-8"}, 200,
			`{"phase":"outage","since":"2026-11-24T02:00:00Z","phases":["fine","outage"]}`},
		{"jump nowhere", "POST", "/api/v1/phase", `{"phase":"x"}`, nil, 404, `no phase "x", there are fine, outage`},
		{"jump by nothing", "POST", "/api/v1/phase", ``, nil, 400, `read the request: it is empty, want {"phase": "NAME"}`},
		{"jump by a list", "POST", "/api/v1/phase", `["outage"]`, nil, 400, `read the request: it is a JSON array, want {"phase": "NAME"}`},
		{"restart it perhaps", "PUT", "/api/v1/scenario?restart_clock=yes", "x", nil, 400, `restart_clock "yes", want true or false`},
		{"jump to nothing", "POST", "/api/v1/phase", `{}`, nil, 400, `want {"phase": "NAME"}`},
		{"faults", "GET", "/api/v1/faults", "", nil, 200, `{"enabled":true}`},
		{"faults off", "DELETE", "/api/v1/faults", "", nil, 200, `{"enabled":false}`},
		{"faults on", "POST", "/api/v1/faults", "", nil, 200, `{"enabled":true}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			address := serve(t, NewMetrics(Config{Control: newDesk()}))
			got := tell(t, test.method, "http://"+address+test.path, test.body, test.header)
			require.Equal(t, test.status, got.status, got.body)
			if test.status < 300 {
				require.Equal(t, strings.TrimSuffix(test.want, "\n"), strings.TrimSuffix(got.body, "\n"))
				return
			}
			require.Equal(t, "application/problem+json", got.header.Get("Content-Type"))
			var p problem
			require.NoError(t, json.Unmarshal([]byte(got.body), &p))
			require.Equal(t, test.want, p.Detail)
		})
	}
}

// TestAPITags: the tag of an answer is that of the text in force; the clock starts anew only when asked.
func TestAPITags(t *testing.T) {
	d := newDesk()
	address := serve(t, NewMetrics(Config{Control: d}))
	require.Equal(t, `"111111111111"`, ask(t, "GET", "http://"+address+"/api/v1/scenario", nil).header.Get("ETag"))
	require.Equal(t, `"222222222222"`, tell(t, "PUT", "http://"+address+"/api/v1/scenario", "x", nil).header.Get("ETag"))
	require.Zero(t, d.restarts)
	tell(t, "PUT", "http://"+address+"/api/v1/scenario?restart_clock=true", "x", nil)
	require.Equal(t, 1, d.restarts)
}

// TestAPIInvalid: every problem of a text is told.
func TestAPIInvalid(t *testing.T) {
	d := newDesk()
	d.fails = Invalid{"s.toml:1: a: unknown key", "s.toml:2: b: unknown key"}
	got := tell(t, "PUT", "http://"+serve(t, NewMetrics(Config{Control: d}))+"/api/v1/scenario", "a = 1\nb = 1\n", nil)
	require.Equal(t, 422, got.status)
	require.JSONEq(t, `{"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"the scenario has problems",
		"problems":["s.toml:1: a: unknown key","s.toml:2: b: unknown key"]}`, got.body)
}

// TestAPIToken: with a token nothing is changed without it, and everything is shown.
func TestAPIToken(t *testing.T) {
	tests := []struct {
		name, method, authorization string
		status                      int
	}{
		{"look", "GET", "", 200},
		{"change without", "DELETE", "", 401},
		{"change with another", "DELETE", "Bearer x", 401},
		{"change with a part", "DELETE", "Bearer tok", 401},
		{"change with another scheme", "DELETE", "Basic token", 401},
		{"change", "DELETE", "bearer token", 200},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk()
			address := serve(t, NewMetrics(Config{Control: d, Token: "token"}))
			header := map[string]string{}
			if test.authorization != "" {
				header["Authorization"] = test.authorization
			}
			got := tell(t, test.method, "http://"+address+"/api/v1/faults", "", header)
			require.Equal(t, test.status, got.status)
			require.Equal(t, test.method == "DELETE" && test.status == 200, d.off)
			if test.status == 401 {
				require.Equal(t, `Bearer realm="faultline"`, got.header.Get("WWW-Authenticate"))
			}
		})
	}
}

// TestAPIFromElsewhere: a page of another origin changes nothing.
func TestAPIFromElsewhere(t *testing.T) {
	d := newDesk()
	address := serve(t, NewMetrics(Config{Control: d}))
	got := tell(t, "DELETE", "http://"+address+"/api/v1/faults", "", map[string]string{"Origin": "http://evil.test"})
	require.Equal(t, 403, got.status)
	require.False(t, d.off)
}
