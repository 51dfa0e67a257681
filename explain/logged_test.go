package explain_test

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/explain"
)

// logOf is a log of these records; an error among them is one of reading.
func logOf(records ...any) explain.Log {
	return func() iter.Seq2[deliveries.Record, error] {
		return func(yield func(deliveries.Record, error) bool) {
			for _, r := range records {
				var more bool
				switch r := r.(type) {
				case error:
					more = yield(nil, r)
				case deliveries.Record:
					more = yield(r, nil)
				default:
					panic(fmt.Sprintf("a record of type %T", r))
				}
				if !more {
					return
				}
			}
		}
	}
}

// run is the line of a run that began at noon under a scenario whose hash begins with twelve zeros.
func run(text string, change ...func(*deliveries.Run)) *deliveries.Run {
	r := &deliveries.Run{Run: "run-1", Start: noon, Seed: 7, Scenario: deliveries.ScenarioText{Name: "test", Hash: "0000000000001234", Text: text}}
	for _, f := range change {
		f(r)
	}
	return r
}

// attempt is one of the delivery d1, so many seconds after noon, at which these rules fired.
func attempt(number, seconds int, fired ...string) *deliveries.Attempt {
	return &deliveries.Attempt{
		ID: fmt.Sprintf("d1-%d", number), Delivery: "d1", Attempt: number, Start: noon.Add(time.Duration(seconds) * time.Second), Run: "run-1",
		Scenario: "test@000000000000", Key: "wh_1", KeyFrom: "header:Webhook-Id", Endpoint: "http://hooks.test/x", Host: "hooks.test", URL: "http://hooks.test/x",
		Method: "POST", Placement: "forward", Client: "10.0.0.7:5000", Outcome: deliveries.Rejected, Rules: fired,
		Request: deliveries.Message{Bytes: 2, Body: "{}", Header: map[string][]string{"Webhook-Id": {"wh_1"}}},
	}
}

func with(a *deliveries.Attempt, change func(*deliveries.Attempt)) *deliveries.Attempt {
	change(a)
	return a
}

// other is an attempt of another delivery at the same endpoint.
func other(id string, seconds int, fired ...string) *deliveries.Attempt {
	return with(attempt(1, seconds, fired...), func(a *deliveries.Attempt) { a.ID, a.Delivery, a.Key = id, id, id })
}

func TestLogged(t *testing.T) {
	const twice = "[[rule]]\nname = \"a\"\nwhen.attempt = \"1-2\"\nstatus = 503\n[[rule]]\nname = \"b\"\nwhen.times = 2\nreset = true"
	const unknown = "the log does not hold this body, and rules ask for it: log.bodies = \"full\" keeps bodies"
	const claims = "[[rule]]\nname = \"a\"\nmatch.json.type = \"claim\"\nstatus = 500"
	for _, test := range []struct {
		name  string
		log   explain.Log
		id    string
		want  []string
		notes []string
	}{
		{"one attempt, with the counts as they were", logOf(run(twice), attempt(1, 1, "a"), other("d2", 2, "b"), attempt(2, 3, "a"), other("d3", 4, "b"), attempt(3, 5)), "d1-3",
			[]string{"#3 request: a attempt 3 is not 1-2 (5, 2); b it has fired 2 times (5, 2): forward, relay"}, nil},
		{"by the order in which they began", logOf(run(twice), attempt(3, 5, "b"), other("d2", 2), other("d3", 6)), "d1-3",
			[]string{"#3 request: a attempt 3 is not 1-2 (2, 0); b fires reset (2, 0): reset"}, nil},
		{"all of a delivery, by its key", logOf(run(twice), attempt(2, 3, "a"), attempt(1, 1, "a")), "wh_1", []string{
			"#1 request: a fires status (1, 0); b the reading ended at \"a\" (1, 0): answer 503",
			"#2 request: a fires status (2, 1); b the reading ended at \"a\" (2, 0): answer 503",
		}, nil},
		{"another run is another past", logOf(run(twice), other("d2", 1, "b"), other("d4", 1, "b"), run(twice, func(r *deliveries.Run) { r.Run = "run-2" }),
			with(attempt(3, 9, "b"), func(a *deliveries.Attempt) { a.Run = "run-2" })), "d1-3",
			[]string{"#3 request: a attempt 3 is not 1-2 (1, 0); b fires reset (1, 0): reset"}, nil},
		{"windows of the run's clock", logOf(run("[[rule]]\nname = \"a\"\nwhen.after = \"5s\"\nclose = true"), attempt(1, 4), attempt(2, 6, "a")), "d1", []string{
			"#1 request: a 4s after the clock's start is before 5s (1, 0): forward, relay", "#2 request: a fires close (2, 0): finish",
		}, nil},
		{"of a clock that starts with the first attempt", logOf(run("clock = \"first_attempt\"\n[[rule]]\nname = \"a\"\nwhen.for = \"5s\"\nclose = true"),
			other("d2", 100, "a"), attempt(1, 106)), "d1",
			[]string{"#1 request: a 6s after the clock's start is not before 5s (2, 1): forward, relay"}, nil},
		{"of another clock", logOf(run("[[rule]]\nname = \"a\"\nwhen.daily = \"02:00-03:00\"\nclose = true", func(r *deliveries.Run) { r.Now = noon.Add(-10 * time.Hour) }),
			attempt(1, 1, "a")), "d1", []string{"#1 request: a fires close (1, 0): finish"}, nil},
		{"age, from the delivery's first attempt", logOf(run("[[rule]]\nname = \"a\"\nwhen.age = \">3s\"\nclose = true"), attempt(1, 1), attempt(2, 5, "a")), "d1-2",
			[]string{"#2 request: a fires close (2, 0): finish"}, nil},
		{"times per window, by when it fired", logOf(run("[[rule]]\nname = \"a\"\nwhen = { for = \"5s\", repeat_every = \"10s\", times = { n = 1, per = \"window\" } }\nclose = true"),
			other("d2", 1, "a"), other("d3", 11, "a"), attempt(1, 12), attempt(2, 21, "a")), "d1", []string{
			"#1 request: a it has fired once in this window (3, 2): forward, relay", "#2 request: a fires close (4, 2): finish",
		}, nil},
		{"the target's answer", logOf(run("[[rule]]\nname = \"a\"\nmatch.response = 500\nclose = true"),
			with(attempt(1, 1, "a"), func(a *deliveries.Attempt) { a.Target = &deliveries.Target{Status: 500} })), "d1", []string{
			"#1 request: a it is decided by the target's answer (0, 0): forward, relay", "#1 response: a fires close (1, 0): hear out, finish",
		}, nil},
		{"a body that was logged", logOf(run(claims), with(attempt(1, 1, "a"), func(a *deliveries.Attempt) {
			a.Request.Body, a.Request.Bytes = `{"type":"claim"}`, 16
		})), "d1", []string{"#1 request: a fires status (1, 0): answer 500"}, nil},
		{"a body that was not", logOf(run(claims), with(attempt(1, 1, "a"), func(a *deliveries.Attempt) { a.Request.Body, a.Request.Bytes = nil, 16 })), "d1",
			[]string{"#1 request: a the body was not looked at (0, 0): forward, relay"},
			[]string{unknown, "attempt 1: the log says that a fired, decided again no rule fired"}},
		{"a part of a body", logOf(run(claims), with(attempt(1, 1), func(a *deliveries.Attempt) { a.Request.Body, a.Request.Bytes = `{"ty`, 16 })), "d1",
			[]string{"#1 request: a the body was not looked at (0, 0): forward, relay"}, []string{unknown}},
		{"a body that was not read to its end", logOf(run("[[rule]]\nname = \"a\"\nmatch.size = \">1MiB\"\nstatus = { code = 413, early = true }"),
			with(attempt(1, 1, "a"), func(a *deliveries.Attempt) { a.Request.Announced, a.Request.Body = 2<<20, nil })), "d1",
			[]string{"#1 request: a fires status (1, 0): answer 413"}, nil},
		{"what was decided at the CONNECT", logOf(run("[[rule]]\nname = \"a\"\nlatency = \"1s\"\n[[rule]]\nname = \"b\"\nstatus = 500"),
			with(attempt(1, 1, "b"), func(a *deliveries.Attempt) {
				a.Placement, a.Tunnelled, a.URL = "intercept", true, "https://hooks.test/x"
			})), "d1",
			[]string{"#1 request: a it was decided at the CONNECT (0, 0); b fires status (1, 0): answer 500"}, nil},
		{"a redacted value", logOf(run("[[rule]]\nname = \"a\"\nmatch.header.X-Token = \"x\"\nstatus = 500"), with(attempt(1, 1, "a"), func(a *deliveries.Attempt) {
			a.Request.Header = map[string][]string{"X-Token": {"sha256:2d711642"}}
		})), "d1", []string{"#1 request: a header X-Token is \"sha256:2d711642\", not x (0, 0): forward, relay"},
			[]string{"a value that a rule asks for is redacted in the log", "attempt 1: the log says that a fired, decided again no rule fired"}},
		{"a redacted key", logOf(run("[[rule]]\nname = \"a\"\nwhen.chance = 0\nstatus = 500"), with(attempt(1, 1), func(a *deliveries.Attempt) { a.Key = "sha256:2d711642" })), "d1",
			[]string{"#1 request: a the draw 0.9665 is not under 0% (1, 0): forward, relay"}, []string{"the key is redacted in the log: draws for it come out differently"}},
		{"what a rate limit had left", logOf(run("[[rule]]\nname = \"a\"\nrate_limit = { limit = 1, per = \"1s\" }"), other("d2", 1), attempt(1, 1, "a")), "d1",
			[]string{"#1 request: a its rate_limit let the attempt through (1, 0): forward, relay"}, []string{
				`what "a" had left by then is not in the log: it is taken to have had all`, "attempt 1: the log says that a fired, decided again no rule fired",
			}},
		{"a file of the scenario", logOf(run("[[rule]]\nname = \"a\"\nstatus = { code = 500, body_file = \"big.json\" }"), attempt(1, 1, "a")), "d1",
			[]string{"#1 request: a fires status (1, 0): answer 500"}, nil},
		{"lines that cannot be read", logOf(run(twice), &deliveries.BadLine{File: "000001.jsonl", Line: 2, Err: errors.New("torn")}, attempt(1, 1, "a")), "d1",
			[]string{"#1 request: a fires status (1, 0); b the reading ended at \"a\" (1, 0): answer 503"}, []string{"1 line of the log could not be read: counts may be too low"}},
		{"a reload between: counts go on where a rule is equal", logOf(run(twice), other("d2", 1, "b"), other("d3", 2, "b"),
			run("# changed\n"+strings.Replace(twice, "status = 503", "status = 500", 1), func(r *deliveries.Run) { r.Reload, r.Scenario.Hash = true, "111111111111" }),
			with(attempt(3, 5), func(a *deliveries.Attempt) { a.Scenario = "test@111111111111" })), "d1-3",
			[]string{"#3 request: a attempt 3 is not 1-2 (1, 0); b it has fired 2 times (3, 2): forward, relay"}, nil},
		{"a delivery in two runs", logOf(run(twice), attempt(1, 1, "a"), with(attempt(2, 9, "a"), func(a *deliveries.Attempt) { a.Run = "run-2" })), "d1",
			[]string{"#1 request: a fires status (1, 0); b the reading ended at \"a\" (1, 0): answer 503"},
			[]string{"1 other attempt of it was decided in another run, or under another scenario: ask for it by its own id"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			account, err := explain.Logged(test.log, test.id, nil)
			require.NoError(t, err)
			require.Equal(t, test.want, lines(account))
			require.Equal(t, test.notes, account.Notes)
		})
	}
}

// decided is an attempt of a log that numbers its decisions: this was the one when the request was read, a millisecond after its start.
func decided(a *deliveries.Attempt, revision int, order ...uint64) *deliveries.Attempt {
	a.Revision = revision
	for _, n := range order {
		a.Decided = append(a.Decided, deliveries.Ruling{Order: n, MS: 1})
	}
	return a
}

// changed is a line about what an operator has changed, so many seconds after noon.
func changed(order uint64, seconds int, what deliveries.What, change func(*deliveries.Change)) *deliveries.Change {
	c := &deliveries.Change{Run: "run-1", Order: order, Start: noon.Add(time.Duration(seconds) * time.Second), What: what}
	change(c)
	return c
}

// What operators have changed is in the log, and its place among the decisions, too.
func TestLoggedChanges(t *testing.T) {
	const twice = "[[rule]]\nname = \"a\"\nwhen.times = 1\nstatus = 503\n[[rule]]\nname = \"b\"\nreset = true"
	const phases = "[[phase]]\nname = \"calm\"\nfor = \"1h\"\n[[phase]]\nname = \"storm\"\n[[rule]]\nname = \"a\"\n" +
		"when = { phase = \"storm\", times = { n = 1, per = \"phase\" } }\nclose = true"
	const firstMinute = "[[rule]]\nname = \"a\"\nwhen.for = \"1m\"\nclose = true"
	leftOut := func(order uint64, revision, seconds int, rule string) *deliveries.Change {
		return changed(order, seconds, deliveries.ChangedRule, func(c *deliveries.Change) { c.Revision, c.Rule, c.On = revision, rule, new(bool) })
	}
	stormy := func(a *deliveries.Attempt) { a.Phase = "storm" }
	for _, test := range []struct {
		name  string
		log   explain.Log
		id    string
		want  []string
		notes []string
	}{
		{"a rule is left out: it neither fires nor counts", logOf(run(twice), leftOut(1, 2, 1, "a"), decided(other("d2", 2, "b"), 2, 2), decided(attempt(1, 3, "b"), 2, 3)), "d1",
			[]string{"#1 request: a it is not enabled (0, 0); b fires reset (2, 1): reset"}, nil},
		{"an attempt that was under way keeps it", logOf(run(twice), leftOut(1, 2, 1, "a"), decided(attempt(1, 0, "a"), 1, 2)), "d1",
			[]string{"#1 request: a fires status (1, 0); b the reading ended at \"a\" (1, 0): answer 503"}, nil},
		{"what was decided later does not count, though it began earlier", logOf(run(twice), decided(other("d2", 1, "b"), 1, 2), decided(attempt(1, 2, "a"), 1, 1)), "d1",
			[]string{"#1 request: a fires status (1, 0); b the reading ended at \"a\" (1, 0): answer 503"}, nil},
		{"a jump, and one back", logOf(run(phases), changed(1, 5, deliveries.ChangedPhase, func(c *deliveries.Change) { c.Phase = "storm" }),
			with(decided(other("d2", 6, "a"), 1, 2), stormy), changed(3, 7, deliveries.ChangedPhase, func(c *deliveries.Change) { c.Phase = "storm" }),
			with(decided(attempt(1, 8, "a"), 1, 4), stormy), with(decided(attempt(2, 9), 1, 5), stormy),
			changed(6, 10, deliveries.ChangedPhase, func(c *deliveries.Change) { c.Phase = "calm" }), with(decided(attempt(3, 11), 1, 7), func(a *deliveries.Attempt) { a.Phase = "calm" })), "d1",
			[]string{
				"#1 request: a fires close (2, 1): finish", "#2 request: a it has fired once in this phase (3, 2): forward, relay",
				"#3 request: a phase calm is not storm (4, 2): forward, relay",
			}, nil},
		{"the clock anew", logOf(run(firstMinute), changed(1, 100, deliveries.ChangedClock, func(*deliveries.Change) {}), decided(attempt(1, 159, "a"), 1, 2)), "d1",
			[]string{"#1 request: a fires close (1, 0): finish"}, nil},
		{"the clock anew, with the next attempt", logOf(run("clock = \"first_attempt\"\n"+firstMinute), decided(other("d2", 1, "a"), 1, 1),
			changed(2, 100, deliveries.ChangedClock, func(*deliveries.Change) {}), decided(attempt(1, 200, "a"), 1, 3), decided(attempt(2, 261), 1, 4)), "d1",
			[]string{"#1 request: a fires close (2, 1): finish", "#2 request: a 1m1s after the clock's start is not before 1m (3, 2): forward, relay"}, nil},
		{"faults off: nothing counts", logOf(run(twice), changed(1, 1, deliveries.ChangedFaults, func(c *deliveries.Change) { c.On = new(bool) }), decided(attempt(1, 2), 1),
			decided(attempt(2, 3, "a"), 1, 3)), "d1",
			[]string{"#1 request: a faults were off (0, 0); b faults were off (0, 0): forward, relay", "#2 request: a fires status (1, 0); b the reading ended at \"a\" (1, 0): answer 503"},
			[]string{"the log lacks 1 decision that came before it, or has them not yet: counts may be too low"}},
		{"what a rate limit had left", logOf(run("[[rule]]\nname = \"a\"\nrate_limit = { limit = 1, per = \"1m\" }"), decided(attempt(1, 40, "a"), 1, 2), decided(other("d2", 10), 1, 1),
			decided(attempt(2, 69, "a"), 1, 3), decided(attempt(3, 71), 1, 4), decided(attempt(4, 72, "a"), 1, 5)), "d1",
			[]string{
				"#1 request: a fires rate_limit (2, 0): answer 429, retry at 12:01:10.001Z", "#2 request: a fires rate_limit (3, 1): answer 429, retry at 12:01:10.001Z",
				"#3 request: a its rate_limit let the attempt through (4, 2): forward, relay", "#4 request: a fires rate_limit (5, 2): answer 429, retry at 12:02:11.001Z",
			}, nil},
		{"what a rate limit had left, where a record is not what it would be", logOf(run("[[rule]]\nname = \"a\"\nrate_limit = { limit = 1, per = \"1m\" }"), decided(other("d2", 10, "a"), 1, 1),
			decided(attempt(1, 69, "a"), 1, 2)), "d1",
			[]string{"#1 request: a its rate_limit let the attempt through (2, 1): forward, relay"}, []string{
				`what "a" had left by then is not in the log: it is taken to have had all`, "attempt 1: the log says that a fired, decided again no rule fired",
			}},
		{"a change that was removed with its segment", logOf(run("[[rule]]\nname = \"b\"\nreset = true"), decided(attempt(1, 3, "b"), 2, 9)), "d1",
			[]string{"#1 request: b fires reset (1, 0): reset"}, []string{"what an operator has changed before is not in the log any more"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			account, err := explain.Logged(test.log, test.id, nil)
			require.NoError(t, err)
			require.Equal(t, test.want, lines(account))
			require.Equal(t, test.notes, account.Notes)
		})
	}
}

// A phase that somebody has jumped to is believed.
func TestLoggedAfterAJump(t *testing.T) {
	const phases = "[[phase]]\nname = \"calm\"\nfor = \"1h\"\n[[phase]]\nname = \"storm\"\n[[rule]]\nname = \"a\"\nwhen.phase = \"storm\"\nclose = true"
	account, err := explain.Logged(logOf(run(phases), with(attempt(1, 1, "a"), func(a *deliveries.Attempt) { a.Phase = "storm" })), "d1", nil)
	require.NoError(t, err)
	require.Equal(t, []string{"#1 request: a fires close (1, 0): finish"}, lines(account))
	require.Equal(t, []string{`phase "storm" was on, as somebody has jumped; since when is not in the log`}, account.Notes)
}

// The same body again, after an acknowledgement, is another delivery, and draws anew.
func TestLoggedBodies(t *testing.T) {
	const half = "[[rule]]\nname = \"a\"\nwhen.chance = 0.5\nclose = true"
	body := func(delivery string, seconds int, outcome deliveries.Outcome) *deliveries.Attempt {
		return with(attempt(1, seconds), func(a *deliveries.Attempt) {
			a.ID, a.Delivery, a.Key, a.KeyFrom, a.Outcome = delivery+"-1", delivery, "44136f", "body", outcome
		})
	}
	draw := func(id string, records ...any) string {
		account, err := explain.Logged(logOf(append([]any{run(half)}, records...)...), id, nil)
		require.NoError(t, err)
		return account.Attempts[0].Moments[0].Readings[0].Miss
	}
	acknowledged, again := body("d1", 1, deliveries.Acknowledged), body("d2", 2, deliveries.Rejected)
	first := draw("d1-1", acknowledged, again)
	second := draw("d2-1", acknowledged, again)
	require.NotEqual(t, first, second)
	require.Equal(t, first, draw("d2-1", body("d1", 1, deliveries.Rejected), again), "nothing was acknowledged before")
	require.Equal(t, first, draw("d2-1", acknowledged, &deliveries.Amend{ID: "d1-1", Outcome: deliveries.Broken}, again), "its last bytes never came")
}

// Another scenario may be tried on what was logged; it is decided with the run's seed unless it has one.
func TestLoggedUnderAnotherScenario(t *testing.T) {
	log := logOf(run("[[rule]]\nname = \"a\"\nstatus = 500"), attempt(1, 1, "a"))
	account, err := explain.Logged(log, "d1", parse(t, "[[rule]]\nname = \"mine\"\nclose = true"))
	require.NoError(t, err)
	require.Equal(t, []string{"#1 request: mine fires close (1, 0): finish"}, lines(account))
	require.Equal(t, uint64(7), account.Scenario.Seed)
	account, err = explain.Logged(log, "d1", parse(t, "seed = 9"))
	require.NoError(t, err)
	require.Equal(t, uint64(9), account.Scenario.Seed)
}

func TestLoggedErrors(t *testing.T) {
	torn := errors.New("disk on fire")
	for _, test := range []struct {
		name string
		log  explain.Log
		id   string
		want string
	}{
		{"unknown", logOf(run(""), attempt(1, 1)), "nobody", `the log has no attempt, delivery or key "nobody"`},
		{"a key of two deliveries", logOf(run(""), attempt(1, 1), with(attempt(1, 1), func(a *deliveries.Attempt) { a.Delivery, a.Endpoint = "d2", "http://b.test/" })), "wh_1",
			`the key "wh_1" is that of 2 deliveries; name one of them: d1 (http://hooks.test/x), d2 (http://b.test/)`},
		{"a log without its run", logOf(attempt(1, 1)), "d1", `the log does not hold the scenario test@000000000000; name its file`},
		{"no scenario", logOf(run(""), with(attempt(1, 1), func(a *deliveries.Attempt) { a.Scenario = "" })), "d1", "it was decided without a scenario: nothing was injected"},
		{"a scenario of another version", logOf(run("sede = 1"), attempt(1, 1)), "d1", "read the scenario in the log: test.toml:1: sede: unknown key"},
		{"a log that cannot be read", logOf(torn), "d1", `look for "d1": disk on fire`},
		{"an address that is none", logOf(run("name = \"x\""), with(attempt(1, 1), func(a *deliveries.Attempt) { a.URL = "http://a b/" })), "d1-1",
			`attempt d1-1: parse "http://a b/": invalid character " " in host name`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := explain.Logged(test.log, test.id, nil)
			require.ErrorContains(t, err, test.want)
		})
	}
}
