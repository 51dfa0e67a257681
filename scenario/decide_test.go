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

// What must be held back before it can be decided, by the head alone.
func TestNeedsBody(t *testing.T) {
	noKey := func(size int64) func(*scenario.Subject) {
		return func(subj *scenario.Subject) { subj.Header = nil; unheld(size)(subj) }
	}
	get := func(subj *scenario.Subject) { subj.Method = "GET"; noKey(5)(subj) }
	for _, test := range []struct {
		name   string
		text   string
		change func(*scenario.Subject)
		want   bool
	}{
		{"no rule", ``, noKey(5), false},
		{"a rule that asks for nothing", rule(``), noKey(5), false},
		{"path and header are in the head", rule("match.path = \"/**\"\nmatch.header.X = false"), noKey(5), false},
		{"json", rule(`match.json.a = 1`), unheld(5), true},
		{"body", rule(`match.body = "a"`), unheld(5), true},
		{"json of a rule for another host", rule("match.host = \"a.test\"\nmatch.json.a = 1"), unheld(5), false},
		{"json of a rule for another header", rule("match.header.X = \"y\"\nmatch.json.a = 1"), unheld(5), false},
		{"json of a disabled rule", rule("enabled = false\nmatch.json.a = 1"), unheld(5), false},
		{"size that is announced", rule(`match.size = ">1B"`), unheld(5), false},
		{"size that is not", rule(`match.size = ">1B"`), unheld(-1), true},
		{"json beside a size that fails", rule("match.size = \">9B\"\nmatch.json.a = 1"), unheld(5), false},
		{"attempt, key in the head", rule(`when.attempt = 1`), unheld(5), false},
		{"attempt, key is the body's", rule(`when.attempt = 1`), noKey(5), true},
		{"age", rule(`when.age = "<1m"`), noKey(5), true},
		{"chance by attempt", rule(`when.chance = 0.5`), noKey(5), true},
		{"chance by delivery", rule("when.chance = 0.5\nwhen.chance_per = \"delivery\""), noKey(5), true},
		{"chance by host", rule("when.chance = 0.5\nwhen.chance_per = \"host\""), noKey(5), false},
		{"chance by arrival", rule("when.chance = 0.5\nwhen.chance_per = \"arrival\""), noKey(5), false},
		{"nth, every, times", rule("when.nth = 1\nwhen.every = 2\nwhen.times = 3"), noKey(5), false},
		{"jitter", "[[rule]]\nname = \"r\"\nlatency = { delay = \"1s\", jitter = \"1s\" }", noKey(5), true},
		{"latency without jitter", "[[rule]]\nname = \"r\"\nlatency = \"1s\"", noKey(5), false},
		{"attempt of a rule for another path", rule("match.path = \"/x\"\nwhen.attempt = 1"), noKey(5), false},
		{"a key in the document", `delivery.key = "json:id"`, noKey(5), true},
		{"a key in the document behind one in the head", `delivery.key = ["header:Webhook-Id", "json:id"]`, unheld(5), false},
		{"a key in the document before one in the head", `delivery.key = ["json:id", "header:Webhook-Id"]`, unheld(5), true},
		{"a hash that leaves paths out", `delivery.ignore = "sent_at"`, noKey(5), true},
		{"a hash that leaves paths out, key in the head", `delivery.ignore = "sent_at"`, unheld(5), false},
		{"created in the document", `delivery.created = "json:at"`, unheld(5), true},
		{"what a webhook is stands in the body", `delivery.match.json.a = 1`, unheld(5), true},
		{"no webhook", "delivery.match.json.a = 1\n" + rule(`when.attempt = 1`), get, false},
		{"no webhook by its host", "delivery.match.host = \"a.test\"\n" + rule(`when.attempt = 1`), noKey(5), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, parse(t, test.text).NeedsBody(post(test.change)))
		})
	}
}

// What NeedsBody does not hold back is decided the same as if it had been held.
func TestUnheldIsDecidedAlike(t *testing.T) {
	for _, keys := range []string{``, `match.path = "/claims/*"`, `when.nth = 1`, `match.size = ">1B"`, "when.chance = 0.5\nwhen.chance_per = \"host\""} {
		s := parse(t, rule(keys))
		held := post()
		streamed := post(unheld(held.Size))
		require.False(t, s.NeedsBody(streamed))
		require.Equal(t, decide(s, held, newCounts(), 0), decide(s, streamed, newCounts(), 0), keys)
	}
}
