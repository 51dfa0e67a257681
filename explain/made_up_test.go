package explain_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/explain"
	"github.com/faultline/faultline/scenario"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func parse(t *testing.T, text string) *scenario.Scenario {
	t.Helper()
	s, problems := scenario.Parse("test.toml", text, fstest.MapFS{})
	require.Empty(t, problems)
	return s
}

// question is a delivery of one attempt, at noon.
func question(t *testing.T, url, body string) explain.Question {
	t.Helper()
	subject, err := explain.SubjectOf("post", url, map[string][]string{"Webhook-Id": {"wh_1"}}, []byte(body))
	require.NoError(t, err)
	return explain.Question{Subject: subject, Attempts: 1, Start: noon, At: noon}
}

// lines are what an account says: the moment, what each rule did, and the plan.
func lines(a *explain.Account) []string {
	var all []string
	for _, attempt := range a.Attempts {
		for _, m := range attempt.Moments {
			var rules []string
			for _, r := range m.Readings {
				word := r.Miss
				if r.Fired {
					word = "fires " + strings.Join(r.Faults, "+")
				}
				rules = append(rules, fmt.Sprintf("%s %s (%d, %d)", r.Rule, word, r.Nth, r.Before))
			}
			all = append(all, fmt.Sprintf("#%d %s: %s: %s", attempt.Number, m.At, strings.Join(rules, "; "), m.Plan))
		}
	}
	return all
}

func TestMadeUp(t *testing.T) {
	const twice = `
		[[rule]]
		name = "a"
		when.attempt = "1-2"
		status = 503
		[[rule]]
		name = "b"
		when.times = 1
		reset = true
	`
	for _, test := range []struct {
		name   string
		text   string
		url    string
		change func(*explain.Question)
		want   []string
		notes  []string
	}{
		{"attempt by attempt, counted", twice, "http://hooks.test/x", func(q *explain.Question) { q.Attempts = 4 }, []string{
			"#1 request: a fires status (1, 0); b the reading ended at \"a\" (1, 0): answer 503",
			"#2 request: a fires status (2, 1); b the reading ended at \"a\" (2, 0): answer 503",
			"#3 request: a attempt 3 is not 1-2 (3, 2); b fires reset (3, 0): reset",
			"#4 request: a attempt 4 is not 1-2 (4, 2); b it has fired once (4, 1): forward, relay",
		}, nil},
		{"at a time, some time apart", "[[rule]]\nname = \"a\"\nwhen = { age = \">5s\", for = \"30s\", repeat_every = \"1m\" }\nclose = true", "http://hooks.test/x",
			func(q *explain.Question) { q.Attempts, q.At, q.Gap = 3, noon.Add(50*time.Second), 20*time.Second }, []string{
				"#1 request: a age 0s is not >5s (1, 0): forward, relay",
				"#2 request: a fires close (2, 0): finish",
				"#3 request: a 30s into an interval of 1m is not before 30s (3, 1): forward, relay",
			}, nil},
		{"what remembers is remembered", "[[rule]]\nname = \"a\"\nrate_limit = { limit = 1, per = \"1s\" }", "http://hooks.test/x",
			func(q *explain.Question) { q.Attempts, q.Gap = 3, 600*time.Millisecond }, []string{
				"#1 request: a its rate_limit let the attempt through (1, 0): forward, relay",
				"#2 request: a fires rate_limit (2, 0): answer 429, retry at 12:00:01Z",
				"#3 request: a its rate_limit let the attempt through (3, 1): forward, relay",
			}, nil},
		{"the body is looked at", "[[rule]]\nname = \"a\"\nmatch.json.type = \"claim\"\nstatus = 500", "http://hooks.test/x", func(q *explain.Question) {}, []string{
			"#1 request: a json type is \"order\", not claim (0, 0): forward, relay",
		}, nil},
		{"a body beyond the limit", "limits.body = 4\n[[rule]]\nname = \"a\"\nmatch.body = \"x\"\nstatus = 500", "http://hooks.test/x", func(q *explain.Question) {}, []string{
			"#1 request: a the body is larger than limits.body (0, 0): forward, relay",
		}, nil},
		{"no webhook", "delivery.match.host = \"other.test\"\n" + twice, "http://hooks.test/x", func(q *explain.Question) {}, nil, []string{
			"it is no webhook, and passes untouched: host hooks.test:80 is not other.test",
		}},
		{"a method of no webhook", twice, "http://hooks.test/x", func(q *explain.Question) { q.Subject.Method = "GET" }, nil, []string{
			"it is no webhook, and passes untouched: method GET is not POST, PUT, PATCH, DELETE",
		}},
		{"draws without a seed", "[[rule]]\nname = \"a\"\nwhen.chance = 1\nstatus = 500", "http://hooks.test/x", func(q *explain.Question) {}, []string{
			"#1 request: a fires status (1, 0): answer 500",
		}, []string{"the scenario has no seed: these draws are made with 0, a run draws another"}},
		{"a tunnel", "[[rule]]\nname = \"a\"\nstatus = 500\n[[rule]]\nname = \"b\"\nlatency = \"1s\"", "https://hooks.test/x", func(q *explain.Question) {}, []string{
			"#1 connect: a it needs to look inside the tunnel (0, 0); b fires latency (1, 0): wait 1s, forward, relay",
		}, []string{"the CONNECT to hooks.test is passed through, and nothing in it is seen: 1 rule needs to look inside; tls.intercept = \"auto\" opens it, or --intercept"}},
		{"an opened CONNECT", "tls.intercept = \"auto\"\n[[rule]]\nname = \"a\"\nstatus = 500", "https://hooks.test/x", func(q *explain.Question) {}, []string{
			"#1 connect: a it is decided when the request was read (0, 0): forward, relay",
			"#1 request: a fires status (1, 0): answer 500",
		}, nil},
		{"a CONNECT that ends it", "[[rule]]\nname = \"a\"\nrefuse = true", "https://hooks.test/x", func(q *explain.Question) {}, []string{
			"#1 connect: a fires refuse (1, 0): reset",
		}, nil},
		{"a certificate", "[[rule]]\nname = \"a\"\ntls = \"expired\"", "https://hooks.test/x", func(q *explain.Question) {}, []string{
			"#1 connect: a fires tls (1, 0): present expired",
			"#1 request: a it was decided at the CONNECT (0, 0): forward, relay",
		}, []string{"a sender that takes the certificate goes on as shown"}},
		{"a CONNECT to no webhook", "delivery.match.host = \"other.test\"\n" + twice, "https://hooks.test/x", func(q *explain.Question) {}, nil, []string{
			"it leads to no webhook, and passes untouched: host hooks.test:443 is not other.test",
		}},
		{"a gateway of an https target", "[[rule]]\nname = \"a\"\nstatus = 500", "https://hooks.test/x",
			func(q *explain.Question) { q.Subject.Placement = scenario.Gateway }, []string{"#1 request: a fires status (1, 0): answer 500"}, nil},
		{"the target's answer", "[[rule]]\nname = \"a\"\nmatch.response = \"5xx\"\nlatency = { delay = \"1s\", at = \"response\" }", "http://hooks.test/x",
			func(q *explain.Question) { q.Status = 503 }, []string{
				"#1 request: a it is decided by the target's answer (0, 0): forward, relay",
				"#1 response: a fires latency (1, 0): wait 1s, relay",
			}, nil},
		{"another answer", "[[rule]]\nname = \"a\"\nmatch.response = \"5xx\"\nclose = true", "http://hooks.test/x",
			func(q *explain.Question) { q.Status = 200 }, []string{"#1 request: a it is decided by the target's answer (0, 0): forward, relay"}, nil},
		{"an answer that is not known", "[[rule]]\nname = \"a\"\nmatch.response = \"5xx\"\nclose = true", "http://hooks.test/x", func(q *explain.Question) {}, []string{
			"#1 request: a it is decided by the target's answer (0, 0): forward, relay",
		}, []string{"rules ask for the target's own answer, which is not known: --answer 503 says what it is taken to be"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := question(t, test.url, `{"type":"order"}`)
			test.change(&q)
			account := explain.MadeUp(parse(t, test.text), q)
			require.Equal(t, test.want, lines(account))
			require.Equal(t, test.notes, account.Notes)
		})
	}
}

func TestSubjectOf(t *testing.T) {
	for _, test := range []struct {
		url, endpoint, query string
	}{
		{"http://Hooks.test", "http://hooks.test/", ""},
		{"https://hooks.test:8443/a%2Fb?x=1", "https://hooks.test:8443/a%2Fb", "x=1"},
		{"https://[::1]/a", "https://[::1]/a", ""},
		{"http://hooks.test:80/a", "http://hooks.test/a", ""},
	} {
		subject, err := explain.SubjectOf("post", test.url, nil, nil)
		require.NoError(t, err)
		require.Equal(t, "POST", subject.Method)
		require.Equal(t, test.endpoint, scenario.Endpoint(&subject))
		require.Equal(t, test.query, subject.RawQuery)
	}
	_, err := explain.SubjectOf("POST", "http://a b", nil, nil)
	require.Error(t, err)
}
