package scenario_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// Rules are read from top to bottom until one that fires has a terminal fault, pass, or last.
func TestReading(t *testing.T) {
	for _, test := range []struct {
		name    string
		rules   string
		fired   string
		matched string
		plan    string
	}{
		{"no rule", ``, "", "", "forward, relay"},
		{"the first terminal fault ends it", `
			[[rule]]
			name = "a"
			status = 500
			[[rule]]
			name = "b"
			reset = true`, "a", "a, b", "answer 500"},
		{"shaping faults add up", `
			[[rule]]
			name = "a"
			latency = "1s"
			[[rule]]
			name = "b"
			latency = "2s"
			[[rule]]
			name = "c"
			status = 503`, "a, b, c", "a, b, c", "wait 1s, wait 2s, answer 503"},
		{"pass ends it and does nothing", `
			[[rule]]
			name = "a"
			pass = true
			[[rule]]
			name = "b"
			status = 500`, "a", "a, b", "forward, relay"},
		{"pass keeps what fired before", `
			[[rule]]
			name = "a"
			latency = "1s"
			[[rule]]
			name = "b"
			pass = true
			[[rule]]
			name = "c"
			status = 500`, "a, b", "a, b, c", "wait 1s, forward, relay"},
		{"last ends it", `
			[[rule]]
			name = "a"
			latency = "1s"
			last = true
			[[rule]]
			name = "b"
			status = 500`, "a", "a, b", "wait 1s, forward, relay"},
		{"a rule that does not fire ends nothing", `
			[[rule]]
			name = "a"
			when.attempt = 2
			pass = true
			[[rule]]
			name = "b"
			status = 500`, "b", "a, b", "answer 500"},
		{"a rule that does not match counts nothing", `
			[[rule]]
			name = "a"
			match.path = "/other"
			status = 503
			[[rule]]
			name = "b"
			status = 500`, "b", "b", "answer 500"},
		{"enabled = false leaves a rule out", `
			[[rule]]
			name = "a"
			enabled = false
			status = 503
			[[rule]]
			name = "b"
			status = 500`, "b", "b", "answer 500"},
		{"deliver_first", `
			[[rule]]
			name = "a"
			deliver_first = true
			reset = true`, "a", "a", "deliver, reset"},
		{"a rule with two faults", `
			[[rule]]
			name = "a"
			latency = { delay = "1s", at = "response" }
			close = true
			deliver_first = true`, "a", "a", "deliver, wait 1s, finish"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := decide(parse(t, test.rules), post(), newCounts(), 0)
			require.Equal(t, test.fired, firedNames(d))
			require.Equal(t, test.matched, strings.Join(d.Matched, ", "))
			require.Equal(t, test.plan, said(d.Plan))
		})
	}
}

func TestFirings(t *testing.T) {
	s := parse(t, `
		[[rule]]
		name = "slow, then gone"
		latency = "1s"
		status = 410
	`)
	require.Equal(t, []scenario.Firing{{Rule: "slow, then gone", Faults: []string{"latency", "status"}}}, decide(s, post(), newCounts(), 0).Fired)

	s = parse(t, "[[rule]]\nname = \"p\"\npass = true")
	require.Equal(t, []scenario.Firing{{Rule: "p"}}, decide(s, post(), newCounts(), 0).Fired)
}

// nth and every count every attempt that the match holds for, whether or not the reading got there; times counts firings.
func TestCountsGoOnBelowATerminalFault(t *testing.T) {
	s, c := parse(t, `
		[[rule]]
		name = "first two"
		when.times = 2
		status = 503
		[[rule]]
		name = "third match"
		when.nth = 3
		status = 500
		[[rule]]
		name = "once"
		when.times = 1
		status = 502
	`), newCounts()
	var plans []string
	for range 5 {
		plans = append(plans, said(decide(s, post(), c, 0).Plan))
	}
	require.Equal(t, []string{"answer 503", "answer 503", "answer 500", "answer 502", "forward, relay"}, plans)
	require.Equal(t, map[string]uint64{"first two": 5, "third match": 5, "once": 5}, c.matched)
	require.Equal(t, map[string]uint64{"first two": 2, "third match": 1, "once": 1}, c.fired)
}

// times = 5 fires five times, whatever the number of attempts, when counts move under the lock.
func TestTimes(t *testing.T) {
	s, c := parse(t, rule(`when.times = 5`)), newCounts()
	fired := 0
	for n := range 64 {
		subj := post(func(subj *scenario.Subject) { subj.Key = fmt.Sprintf("wh_%d", n) })
		fired += len(decide(s, subj, c, 0).Fired)
	}
	require.Equal(t, 5, fired)
}

// The same seed gives the same faults to the same deliveries, in whatever order they arrive, on whatever host and port.
func TestSameSeedSameDecisions(t *testing.T) {
	s := parse(t, `
		seed = 42
		[[rule]]
		name = "slow"
		when.chance = "30%"
		latency = { delay = "1s", jitter = "500ms" }
		[[rule]]
		name = "down for some"
		when.chance = "20%"
		when.chance_per = "delivery"
		status = 503
		[[rule]]
		name = "broken"
		when.chance = "20%"
		reset = true
	`)
	type one struct {
		key     string
		attempt int
	}
	var attempts []one
	for key := range 100 {
		for attempt := 1; attempt <= 4; attempt++ {
			attempts = append(attempts, one{fmt.Sprintf("wh_%d", key), attempt})
		}
	}
	run := func(shuffle *rand.Rand, host string, port int) map[one]string {
		c, plans := newCounts(), map[one]string{}
		for _, i := range shuffle.Perm(len(attempts)) {
			subj := post(func(subj *scenario.Subject) {
				subj.Key, subj.Attempt, subj.Host, subj.Port = attempts[i].key, attempts[i].attempt, host, port
			})
			plans[attempts[i]] = said(decide(s, subj, c, time.Duration(i)*time.Second).Plan)
		}
		return plans
	}
	want := run(rand.New(rand.NewPCG(1, 1)), "hooks.example.com", 80)
	require.Equal(t, want, run(rand.New(rand.NewPCG(2, 2)), "hooks.example.com", 80))
	require.Equal(t, want, run(rand.New(rand.NewPCG(3, 3)), "127.0.0.1", 9001))

	other := s.WithSeed(43)
	require.Equal(t, uint64(42), s.Seed)
	s = other
	require.NotEqual(t, want, run(rand.New(rand.NewPCG(1, 1)), "hooks.example.com", 80))
}

// What one draw covers.
func TestChancePer(t *testing.T) {
	text := func(per string) string {
		return "seed = 1\n[[rule]]\nname = \"r\"\nwhen.chance = 0.5\nwhen.chance_per = \"" + per + "\"\nstatus = 500"
	}
	// fired is which of n attempts fired, each made by change.
	fired := func(per string, change func(subj *scenario.Subject, n int)) string {
		s, c := parse(t, text(per)), newCounts()
		var b strings.Builder
		for n := range 64 {
			subj := post(func(subj *scenario.Subject) { change(subj, n) })
			b.WriteByte(" x"[len(decide(s, subj, c, 0).Fired)])
		}
		return b.String()
	}
	all := func(pattern string) bool { return pattern == strings.Repeat(pattern[:1], 64) }
	attempt := func(subj *scenario.Subject, n int) { subj.Attempt = n + 1 }
	delivery := func(subj *scenario.Subject, n int) { subj.Key = fmt.Sprint(n) }
	hosts := func(subj *scenario.Subject, n int) { subj.Host = fmt.Sprintf("h%d.test", n) }
	again := func(subj *scenario.Subject, n int) { subj.Acknowledged = uint64(n) }
	paths := func(subj *scenario.Subject, n int) { subj.Path = fmt.Sprintf("/%d", n) }

	require.False(t, all(fired("attempt", attempt)))
	require.False(t, all(fired("attempt", delivery)))
	require.False(t, all(fired("attempt", again)), "the same body again is a new delivery")
	require.False(t, all(fired("attempt", paths)), "one event at several endpoints is several deliveries")
	require.True(t, all(fired("attempt", hosts)))

	require.True(t, all(fired("delivery", attempt)))
	require.False(t, all(fired("delivery", delivery)))
	require.False(t, all(fired("delivery", again)))

	require.True(t, all(fired("host", attempt)))
	require.True(t, all(fired("host", delivery)))
	require.False(t, all(fired("host", hosts)))

	arrival := fired("arrival", delivery)
	require.False(t, all(arrival))
	require.Equal(t, arrival, fired("arrival", hosts), "only the number of the match counts")
}
