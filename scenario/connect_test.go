package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"
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
