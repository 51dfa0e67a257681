package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// What can be decided at a CONNECT, and what it comes to there.
func TestAtConnect(t *testing.T) {
	const host = "match.host = \"pay.example.com\"\n"
	for _, test := range []struct {
		name   string
		keys   string
		plan   string
		unseen int
	}{
		{"refuse", host + `refuse = true`, "reset", 0},
		{"refuse with a status", host + `refuse = { code = 502 }`, "answer 502", 0},
		{"latency", host + `latency = "1s"`, "wait 1s, forward, relay", 0},
		{"pass", host + `pass = true`, "forward, relay", 0},
		{"without a host", `refuse = true`, "reset", 0},
		{"by client and placement", "match.client = \"10.0.0.0/8\"\nmatch.placement = \"tunnel\"\nrefuse = true", "reset", 0},
		{"by time", host + "when.for = \"1m\"\nrefuse = true", "reset", 0},
		{"by a time that is over", host + "when.after = \"1m\"\nrefuse = true", "forward, relay", 0},
		{"by nth", host + "when.nth = 1\nrefuse = true", "reset", 0},
		{"by times", host + "when.times = 1\nrefuse = true", "reset", 0},
		{"by chance of the host", host + "when.chance = 1\nwhen.chance_per = \"host\"\nrefuse = true", "reset", 0},
		{"by chance of the arrival", host + "when.chance = 1\nwhen.chance_per = \"arrival\"\nrefuse = true", "reset", 0},

		{"by chance of the attempt", host + "when.chance = 1\nrefuse = true", "forward, relay", 1},
		{"by attempt", host + "when.attempt = 1\nrefuse = true", "forward, relay", 1},
		{"by age", host + "when.age = \"<1m\"\nrefuse = true", "forward, relay", 1},
		{"by path", host + "match.path = \"/x\"\nrefuse = true", "forward, relay", 1},
		{"by method", host + "match.method = \"POST\"\nrefuse = true", "forward, relay", 1},
		{"by body", host + "match.json.a = 1\nrefuse = true", "forward, relay", 1},
		{"status", host + `status = 503`, "forward, relay", 1},
		{"reset", host + `reset = true`, "forward, relay", 1},
		{"hang", host + `hang = true`, "forward, relay", 1},
		{"latency and status", host + "latency = \"1s\"\nstatus = 503", "forward, relay", 1},
		{"deliver first", host + "refuse = true\ndeliver_first = true", "forward, relay", 1},

		{"another host", "match.host = \"a.test\"\nstatus = 503", "forward, relay", 0},
		{"a pass that looks inside injects nothing", host + "match.path = \"/health\"\npass = true", "forward, relay", 0},
		{"disabled", host + "enabled = false\nstatus = 503", "forward, relay", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, c := parse(t, "[[rule]]\nname = \"r\"\n"+test.keys), newCounts()
			d := decide(s, connect("pay.example.com"), c, 0)
			require.Equal(t, test.plan, said(d.Plan))
			require.Equal(t, test.unseen, d.Unseen)
			if test.unseen > 0 {
				require.Empty(t, d.Matched, "what cannot be decided is not counted")
			}
		})
	}
}

// Where a connection is opened, each rule is decided at one moment, the CONNECT or the request, and counted at that alone.
func TestMomentsOfAnOpenedConnection(t *testing.T) {
	const host = "match.host = \"pay.example.com\"\n"
	const connects = "when.moment = \"connect\"\n"
	opened := func() *scenario.Subject {
		subj := connect("pay.example.com")
		subj.Placement = scenario.Intercept
		return subj
	}
	inside := func(change ...func(*scenario.Subject)) *scenario.Subject {
		return post(append(change, func(subj *scenario.Subject) {
			subj.Placement, subj.Scheme, subj.Host, subj.Port = scenario.Intercept, "https", "pay.example.com", 443
		})...)
	}
	tunnelled := func(subj *scenario.Subject) { subj.Tunnelled = true }
	const untouched = "forward, relay"
	for _, test := range []struct {
		name, rules string
		subject     *scenario.Subject
		plan        string
		miss        string // of the last rule
		matched     []string
	}{
		{"refuse at the CONNECT", host + "refuse = true", opened(), untouched, "it is decided when the request was read", nil},
		{"refuse at the request", host + "refuse = true", inside(), "reset", "", []string{"r"}},
		{"connect_timeout at the CONNECT", host + "connect_timeout = true", opened(), "hold, reset", "", []string{"r"}},
		{"connect_timeout at the request", host + "connect_timeout = true", inside(), untouched, "it was decided at the CONNECT", nil},
		{"connect_timeout where no CONNECT comes", "connect_timeout = true", post(), "hold, reset", "", []string{"r"}},
		{"tls at the CONNECT", host + "tls = \"expired\"", opened(), "present", "", []string{"r"}},
		{"tls where no CONNECT comes", "tls = \"expired\"", post(), untouched, "it is decided at a CONNECT alone", nil},
		{"refuse, bound to the CONNECT, there", connects + host + "refuse = true", opened(), "reset", "", []string{"r"}},
		{"refuse, bound to the CONNECT, at the request", connects + host + "refuse = true", inside(), untouched, "it was decided at the CONNECT", nil},
		{"refuse, bound to the CONNECT, where none comes", connects + "refuse = true", post(), untouched, "it is decided at a CONNECT alone", nil},
		{"latency, bound to the CONNECT", connects + "latency = \"1s\"", opened(), "wait 1s, forward, relay", "", []string{"r"}},
		{"by placement", connects + "match.placement = \"intercept\"\nrefuse = true", opened(), "reset", "", []string{"r"}},
		{"status", "status = 503", opened(), untouched, "it is decided when the request was read", nil},
		{"another host", connects + "match.host = \"a.test\"\nrefuse = true", opened(), untouched, "host pay.example.com:443 is not a.test", nil},

		{
			"a pass shields, and is counted at its request", "pass = true\n[[rule]]\nname = \"down\"\n" + connects + "refuse = true",
			opened(), untouched, `the reading ended at "r"`, []string{"down"},
		},
		{
			"a pass that looks inside shields nothing", "match.path = \"/health\"\npass = true\n[[rule]]\nname = \"down\"\n" + connects + "refuse = true",
			opened(), "reset", "", []string{"down"},
		},
		{
			"a pass that is not open shields nothing", "when.after = \"1h\"\npass = true\n[[rule]]\nname = \"down\"\n" + connects + "refuse = true",
			opened(), "reset", "", []string{"down"},
		},

		{"in what was to be a tunnel, refuse was decided", host + "refuse = true", inside(tunnelled), untouched, "it was decided at the CONNECT", nil},
		{"in what was to be a tunnel, status was not", host + "status = 503", inside(tunnelled), "answer 503", "", []string{"r"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := decide(parse(t, "[[rule]]\nname = \"r\"\n"+test.rules), test.subject, newCounts(), 0)
			require.Equal(t, test.plan, said(d.Plan))
			require.Equal(t, test.matched, d.Matched)
			require.Equal(t, test.miss, d.Readings[len(d.Readings)-1].Miss)
			require.Zero(t, d.Unseen)
		})
	}
}

// What is decided at the CONNECT does not hold a body back.
func TestConnectHoldsNoBody(t *testing.T) {
	s := parse(t, "[[rule]]\nname = \"r\"\nwhen.moment = \"connect\"\none_of = [{ refuse = true }, { latency = \"1s\" }]")
	subj := post(unheld(10))
	subj.Header = nil
	require.False(t, s.NeedsBody(subj))
}
