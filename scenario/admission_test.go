package scenario_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// What a rule that may let attempts through does to the reading, to the counts, and to what is said to have fired.
func TestRateLimitInTheReading(t *testing.T) {
	for _, test := range []struct {
		name  string
		rules string
		plans string // of attempts at one moment
		fired string // by rule
	}{
		{"one that lets through ends nothing and has not fired", `
			[[rule]]
			name = "a"
			rate_limit = 1
			[[rule]]
			name = "b"
			status = 500`, "answer 500 | answer 429 | answer 429", "b | a | a"},
		{"a rule that is not reached gives no token away", `
			[[rule]]
			name = "a"
			when.times = 2
			status = 500
			[[rule]]
			name = "b"
			rate_limit = 1`, "answer 500 | answer 500 | forward, relay | answer 429", "a | a |  | b"},
		{"nor does one whose when does not hold", `
			[[rule]]
			name = "a"
			when.nth = "3-"
			rate_limit = 1`, "forward, relay | forward, relay | forward, relay | answer 429", " |  |  | a"},
		{"times counts what was refused", `
			[[rule]]
			name = "a"
			when.times = 1
			rate_limit = 1`, "forward, relay | answer 429 | forward, relay", " | a | "},
		{"last ends the reading also where it lets through", `
			[[rule]]
			name = "a"
			last = true
			rate_limit = 1
			[[rule]]
			name = "b"
			status = 500`, "forward, relay | answer 429", " | a"},
		{"beside a shaping fault", `
			[[rule]]
			name = "a"
			latency = "1s"
			rate_limit = 1`, "wait 1s, forward, relay | wait 1s, answer 429", "a | a"},
		{"alternatives have a bucket each", `
			[[rule]]
			name = "a"
			one_of = [{ rate_limit = { limit = 1, code = 429 } }, { rate_limit = { limit = 1, code = 503 } }]`,
			"forward, relay | answer 503 | forward, relay | answer 503", " | a |  | a"},
		{"the target gets it first", `
			[[rule]]
			name = "a"
			deliver_first = true
			rate_limit = 1`, "forward, relay | deliver, answer 429", " | a"},
		{"deliver_first of one that lets through says nothing of the rules below", `
			[[rule]]
			name = "a"
			deliver_first = true
			rate_limit = 1
			[[rule]]
			name = "b"
			reset = true`, "reset | deliver, answer 429", "b | a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, c := parse(t, "seed = 4\n"+test.rules), newCounts()
			var plans, fired []string
			for n := range strings.Count(test.plans, "|") + 1 {
				d := decide(s, post(func(subj *scenario.Subject) { subj.Attempt = n + 1 }), c, 0)
				plans, fired = append(plans, said(d.Plan)), append(fired, firedNames(d))
			}
			require.Equal(t, test.plans, strings.Join(plans, " | "))
			require.Equal(t, test.fired, strings.Join(fired, " | "))
		})
	}
}

// The kinds that a firing names are those that the attempt has met.
func TestFiringOfARateLimit(t *testing.T) {
	s, c := parse(t, "[[rule]]\nname = \"r\"\nlatency = \"1s\"\nrate_limit = 1"), newCounts()
	require.Equal(t, []scenario.Firing{{Rule: "r", Faults: []string{"latency"}}}, decide(s, post(), c, 0).Fired)
	require.Equal(t, []scenario.Firing{{Rule: "r", Faults: []string{"latency", "rate_limit"}}}, decide(s, post(), c, 0).Fired)
}

// A decision moves nothing by itself: the same counts give the same decision.
func TestDecideTakesNoToken(t *testing.T) {
	s, c := parse(t, "[[rule]]\nname = \"r\"\nrate_limit = 1"), newCounts()
	subj := post()
	for range 3 {
		d := s.Decide(subj, s.Matching(subj), c, scenario.Instant{Now: noon, Start: noon})
		require.Equal(t, "forward, relay", said(d.Plan))
		require.Equal(t, []scenario.Kept{{Rule: "r", Name: "rate_limit host hooks.example.com", Ahead: []time.Time{noon.Add(time.Second)}}}, d.Kept)
	}
	require.Empty(t, c.kept)
}

// A rule that only may refuse does not hide those below it.
func TestWarningsOfRulesBelowARateLimit(t *testing.T) {
	below := "\n[[rule]]\nname = \"below\"\nstatus = 500"
	require.Empty(t, scenario.Warnings(parse(t, "delivery.match.host = \"a.test\"\n[[rule]]\nname = \"r\"\nrate_limit = 1"+below)))
	require.Len(t, scenario.Warnings(parse(t, "delivery.match.host = \"a.test\"\n[[rule]]\nname = \"r\"\nlast = true\nrate_limit = 1"+below)), 1)
}
