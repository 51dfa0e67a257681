package configs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/configs"
	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

func TestNames(t *testing.T) {
	require.Equal(t, []string{
		"at-least-once", "bad-certificate", "closed-connections", "corrupted-answers", "cut-answers", "cut-tunnels", "flaky", "flapping", "gone", "hanging", "lost-acknowledgement", "nightly-maintenance", "odd-answers",
		"outage", "overloaded", "rate-limited", "slow", "slow-failures", "slow-link", "slow-success", "tampered-payloads", "throttled", "unreachable",
	}, configs.Names())
}

func TestSummary(t *testing.T) {
	require.Equal(t, "every endpoint is down for two minutes, then back", configs.Summary("outage"))
	require.Equal(t, "", configs.Summary("no-such-scenario"))
}

func TestReadUnknown(t *testing.T) {
	_, err := configs.Read("no-such-scenario")
	require.EqualError(t, err, `shipped scenario "no-such-scenario": open no-such-scenario.toml: file does not exist`)
}

// Each file has the same parts: its summary, its lesson in three steps, its name; and nothing that validate would complain of.
func TestEachIsValidAndExplained(t *testing.T) {
	schema := compileSchema(t)
	for _, name := range configs.Names() {
		t.Run(name, func(t *testing.T) {
			text, err := configs.Read(name)
			require.NoError(t, err)
			s, problems := scenario.Parse(name+".toml", text, configs.Files())
			require.Empty(t, problems)
			require.Empty(t, scenario.Warnings(s))
			require.NoError(t, schema.Validate(asJSON(t, text)))
			require.Equal(t, name, s.Name)
			require.LessOrEqual(t, len(configs.Summary(name)), 90)
			for _, part := range []string{"# What happens: ", "# A good sender: ", "# Look for: ", "jq -r"} {
				require.Contains(t, text, part)
			}
		})
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(scenario.JSONSchema()))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("faultline.schema.json", document))
	compiled, err := compiler.Compile("faultline.schema.json")
	require.NoError(t, err)
	return compiled
}

// asJSON is a scenario as an editor holds it against the schema.
func asJSON(t *testing.T, text string) any {
	t.Helper()
	var table map[string]any
	_, err := toml.Decode(text, &table)
	require.NoError(t, err)
	encoded, err := json.Marshal(table)
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	require.NoError(t, err)
	return value
}

// Every fault of the catalogue has a scenario that shows it.
func TestEachFaultIsShown(t *testing.T) {
	shown := map[string]bool{}
	for _, name := range configs.Names() {
		for _, rule := range parse(t, name).Rules {
			for _, kind := range rule.Faults {
				shown[kind.Kind] = true
			}
		}
	}
	for _, kind := range faults.Kinds() {
		require.True(t, shown[kind.Name], "no scenario in configs/ shows the fault %s", kind.Name)
	}
}

func parse(t *testing.T, name string) *scenario.Scenario {
	t.Helper()
	text, err := configs.Read(name)
	require.NoError(t, err)
	s, problems := scenario.Parse(name+".toml", text, configs.Files())
	require.Empty(t, problems)
	return s
}

// The lesson of each scenario fires as its header says.
func TestLessons(t *testing.T) {
	const untouched = "forward, relay"
	for _, test := range []struct {
		scenario string
		at       string // time of day of the attempt; the clock started at 00:00:00
		attempt  int    // also the number of the rule's match
		want     string
	}{
		{"at-least-once", "00:00:00", 1, "duplicate by 1, forward, relay"},
		{"at-least-once", "00:00:00", 2, "duplicate by 1, forward, relay"},

		{"closed-connections", "00:00:00", 1, untouched},
		{"closed-connections", "00:00:00", 2, untouched},
		{"closed-connections", "00:00:00", 3, "finish"},

		{"cut-answers", "00:00:00", 1, "deliver, begin the target's up to 50%, finish"},
		{"cut-answers", "00:00:00", 2, "deliver, begin the target's up to 50%, reset"},
		{"cut-answers", "00:00:00", 3, "deliver, begin the target's up to 1B, hold 30s, reset"},
		{"cut-answers", "00:00:00", 4, untouched},

		{"flapping", "00:00:00", 1, "answer 502"},
		{"flapping", "00:00:09", 1, "answer 502"},
		{"flapping", "00:00:10", 1, untouched},
		{"flapping", "00:00:29", 1, untouched},
		{"flapping", "00:00:30", 1, "answer 502"},
		{"flapping", "00:10:05", 1, "answer 502"},
		{"flapping", "00:10:15", 1, untouched},

		{"gone", "00:00:00", 1, "answer 410"},
		{"gone", "00:00:00", 2, "answer 410"},

		{"hanging", "00:00:00", 1, "hold 10m, reset"},
		{"hanging", "00:00:00", 2, untouched},

		{"lost-acknowledgement", "00:00:00", 1, "deliver, reset"},
		{"lost-acknowledgement", "00:00:00", 2, untouched},

		{"nightly-maintenance", "01:59:59", 1, untouched},
		{"nightly-maintenance", "02:00:00", 1, "answer 503, retry after 30m"},
		{"nightly-maintenance", "02:29:59", 7, "answer 503, retry after 30m"},
		{"nightly-maintenance", "02:30:00", 8, untouched},

		{"odd-answers", "00:00:00", 1, "raw, finish"},
		{"odd-answers", "00:00:00", 2, "answer 307"},
		{"odd-answers", "00:00:00", 3, "interim 103, forward, relay"},
		{"odd-answers", "00:00:00", 4, untouched},

		{"outage", "00:00:00", 1, "reset"},
		{"outage", "00:01:59", 5, "reset"},
		{"outage", "00:02:00", 6, untouched},

		{"rate-limited", "00:00:00", 1, "answer 429, retry after 5s"},
		{"rate-limited", "00:00:00", 2, "answer 429, retry after 5s"},
		{"rate-limited", "00:00:00", 3, untouched},

		{"slow-link", "00:00:00", 1, "up at 64KiB/s, down at 1B/s, forward, relay"},
		{"slow-link", "00:00:00", 2, "up at 64KiB/s, forward, relay"},

		{"slow-success", "00:00:00", 1, "forward, wait 1m, relay"},
		{"slow-success", "00:00:00", 2, untouched},

		{"tampered-payloads", "00:00:00", 1, "rewrite the request, forward, relay"},
		{"tampered-payloads", "00:00:00", 2, "rewrite the request, forward, relay"},
		{"tampered-payloads", "00:00:00", 3, untouched},
	} {
		t.Run(fmt.Sprintf("%s, attempt %d at %s", test.scenario, test.attempt, test.at), func(t *testing.T) {
			s := parse(t, test.scenario)

			plan := decide(s, "wh_1", test.attempt, counts{matched: uint64(test.attempt) - 1}, day(t, test.at), day(t, "00:00:00"))

			require.Equal(t, test.want, plan.String())
		})
	}
}

// slow-failures holds back what the target itself answers with a 5xx.
func TestSlowFailures(t *testing.T) {
	s, now := parse(t, "slow-failures"), scenario.Instant{Now: day(t, "00:00:00"), Start: day(t, "00:00:00")}
	for _, test := range []struct {
		status int
		want   string
	}{{200, "relay"}, {404, "relay"}, {500, "wait 10s, relay"}, {503, "wait 10s, relay"}} {
		subject := post("wh_1")
		before := s.Decide(subject, s.Matching(subject), counts{}, now)
		require.Equal(t, "forward, relay", before.Plan.String())
		subject.Moment, subject.Status = scenario.Response, test.status
		require.Equal(t, test.want, s.DecideAnswer(subject, s.Matching(subject), before, counts{}, now).Plan.String(), "status %d", test.status)
	}
}

// throttled lets ten attempts at a host pass at once, then two a second.
func TestThrottled(t *testing.T) {
	s, past := parse(t, "throttled"), remembering{kept: map[string][]time.Time{}}
	passed := map[string]int{}
	for i := range 60 {
		at := day(t, "00:00:00").Add(time.Duration(i/20) * time.Second)
		passed[at.Format(time.TimeOnly)+" "+past.decide(s, fmt.Sprintf("wh_%d", i), at).String()]++
	}
	require.Equal(t, map[string]int{
		"00:00:00 forward, relay": 10, "00:00:00 answer 429, retry at 00:00:00.5Z": 10,
		"00:00:01 forward, relay": 2, "00:00:01 answer 429, retry at 00:00:01.5Z": 18,
		"00:00:02 forward, relay": 2, "00:00:02 answer 429, retry at 00:00:02.5Z": 18,
	}, passed)
}

// overloaded serves four at once, lets twenty wait, and turns the others away.
func TestOverloaded(t *testing.T) {
	s, past := parse(t, "overloaded"), remembering{kept: map[string][]time.Time{}}
	seen := map[string]int{}
	for i := range 30 {
		seen[past.decide(s, fmt.Sprintf("wh_%d", i), day(t, "00:00:00")).String()]++
	}
	require.Equal(t, map[string]int{
		"wait 200ms, forward, relay": 4, "wait 400ms, forward, relay": 4, "wait 600ms, forward, relay": 4, "wait 800ms, forward, relay": 4,
		"wait 1s, forward, relay": 4, "wait 1s200ms, forward, relay": 4, "answer 503": 6,
	}, seen)
}

// What acts at a CONNECT, before there is a request, fires as its header says.
func TestConnectLessons(t *testing.T) {
	const untouched = "forward, relay"
	for _, test := range []struct {
		scenario string
		at       string // time of day; the clock started at 00:00:00
		want     string
	}{
		{"bad-certificate", "00:00:00", "present expired"},
		{"bad-certificate", "00:01:00", "alert"},
		{"bad-certificate", "00:02:00", untouched},

		{"cut-tunnels", "00:00:00", "forward, cut after 6000B as reset"},
	} {
		t.Run(test.scenario+" at "+test.at, func(t *testing.T) {
			s := parse(t, test.scenario)
			subject := &scenario.Subject{
				Moment: scenario.Connect, Placement: scenario.Tunnel, Client: netip.MustParseAddr("127.0.0.1"),
				Scheme: "https", Host: "hooks.example.com", Port: 443, Size: -1,
			}

			plan := s.Decide(subject, s.Matching(subject), counts{matched: 2}, scenario.Instant{Now: day(t, test.at), Start: day(t, "00:00:00")}).Plan

			require.Equal(t, test.want, plan.String())
		})
	}
}

// unreachable closes the proxy's own listener, and lets no rule act on an attempt.
func TestUnreachable(t *testing.T) {
	s := parse(t, "unreachable")
	for at, want := range map[string]faults.Door{
		"00:00:00": faults.DoorRefusing, "00:00:59": faults.DoorRefusing, "00:01:00": faults.DoorSilent, "00:01:59": faults.DoorSilent, "00:02:00": faults.DoorOpen,
	} {
		door, _ := s.DoorAt(&scenario.Subject{Placement: scenario.Forward}, scenario.Instant{Now: day(t, at), Start: day(t, "00:00:00")})
		require.Equal(t, want, door.State, "at %s", at)
		require.Equal(t, "forward, relay", decide(s, "wh_1", 1, counts{}, day(t, at), day(t, "00:00:00")).String())
	}
}

// slow draws the delay of each attempt: between two and four seconds, before the target, and nothing else.
func TestSlow(t *testing.T) {
	s := parse(t, "slow")
	for i := range 100 {
		plan := decide(s, fmt.Sprintf("wh_%d", i), 1, counts{}, day(t, "00:00:00"), day(t, "00:00:00"))

		wait, isWait := plan.Steps[0].(faults.Wait)
		require.True(t, isWait, "first step of %s", plan.String())
		require.GreaterOrEqual(t, wait.For, 2*time.Second)
		require.LessOrEqual(t, wait.For, 4*time.Second)
		require.Equal(t, []faults.Step{faults.Forward{}, faults.Relay{}}, plan.Steps[1:])
	}
}

// flaky gives each failure its share, and the same ones to the same deliveries, whatever the order.
func TestFlaky(t *testing.T) {
	const deliveries = 4000
	s := parse(t, "flaky")
	seen := map[string]int{}
	first := map[string]string{}
	for i := range deliveries {
		key := fmt.Sprintf("wh_%d", i)
		first[key] = decide(s, key, 1, counts{}, day(t, "00:00:00"), day(t, "00:00:00")).String()
		last := first[key][strings.LastIndex(first[key], " ")+1:]
		seen[last]++
		if strings.HasPrefix(first[key], "wait") {
			seen["wait"]++
		}
	}

	require.InEpsilon(t, 0.10*deliveries, seen["wait"], 0.2)
	require.InEpsilon(t, 0.10*deliveries, seen["500"], 0.2)
	require.InEpsilon(t, 0.90*0.05*deliveries, seen["reset"], 0.3)
	require.InEpsilon(t, 0.90*0.95*0.05*deliveries, seen["finish"], 0.3)
	for _, i := range []int{3999, 17, 2048} {
		key := fmt.Sprintf("wh_%d", i)
		require.Equal(t, first[key], decide(parse(t, "flaky"), key, 1, counts{matched: 99}, day(t, "23:00:00"), day(t, "00:00:00")).String())
	}
}

// corrupted-answers gives each damage its share, one at a time, and leaves the target's part as it is.
func TestCorruptedAnswers(t *testing.T) {
	const deliveries = 4000
	s := parse(t, "corrupted-answers")
	seen := map[string]int{}
	for i := range deliveries {
		seen[decide(s, fmt.Sprintf("wh_%d", i), 1, counts{}, day(t, "00:00:00"), day(t, "00:00:00")).String()]++
	}
	require.Len(t, seen, 3)
	require.InEpsilon(t, 0.20*deliveries, seen["forward, break its JSON, relay"], 0.2)
	require.InEpsilon(t, 0.80*0.10*deliveries, seen["forward, corrupt 5, relay"], 0.2)
	require.NotZero(t, seen["forward, relay"])
}

// Only webhooks are touched: what else a worker sends passes.
func TestOtherTrafficIsNoWebhook(t *testing.T) {
	for _, name := range configs.Names() {
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			subject := post("wh_1")
			subject.Method = method
			require.False(t, parse(t, name).Webhook(subject), "%s in %s", method, name)
		}
		require.True(t, parse(t, name).Webhook(post("wh_1")), "POST in %s", name)
	}
}

// post is a delivery as a sender posts it.
func post(key string) *scenario.Subject {
	return &scenario.Subject{
		Moment: scenario.Request, Placement: scenario.Forward, Client: netip.MustParseAddr("127.0.0.1"),
		Method: "POST", Scheme: "http", Host: "hooks.example.com", Port: 80, Path: "/claims/7",
		Header: map[string][]string{"Webhook-Id": {key}},
		Body:   []byte(`{}`), BodyHeld: true, BodyWhole: true, Size: 2,
	}
}

// decide asks the scenario what is done to one attempt of a delivery.
func decide(s *scenario.Scenario, key string, attempt int, past counts, now, start time.Time) faults.Plan {
	subject := post(key)
	subject.Key, subject.Attempt = key, attempt
	return s.Decide(subject, s.Matching(subject), past, scenario.Instant{Now: now, Start: start}).Plan
}

// counts is a past in which every rule has matched so often, and never fired.
type counts struct{ matched uint64 }

func (c counts) Matched(string) uint64          { return c.matched }
func (c counts) Fired(string, time.Time) uint64 { return 0 }

func (c counts) Ahead(string, string) []time.Time { return nil }

// remembering is a past in which rules keep what they have to remember.
type remembering struct {
	counts
	kept map[string][]time.Time
}

func (r remembering) Ahead(rule, name string) []time.Time { return r.kept[rule+": "+name] }

// decide asks the scenario what is done to the first attempt of a delivery, and keeps what its rules remember of it.
func (r remembering) decide(s *scenario.Scenario, key string, now time.Time) faults.Plan {
	subject := post(key)
	subject.Key, subject.Attempt = key, 1
	d := s.Decide(subject, s.Matching(subject), r, scenario.Instant{Now: now, Start: now})
	for _, k := range d.Kept {
		r.kept[k.Rule+": "+k.Name] = k.Ahead
	}
	return d.Plan
}

func day(t *testing.T, clock string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateTime, "2026-11-24 "+clock)
	require.NoError(t, err)
	return at
}
