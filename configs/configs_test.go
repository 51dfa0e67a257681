package configs_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
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
		"at-least-once", "bad-certificate", "closed-connections", "corrupted-answers", "cut-answers", "cut-tunnels", "deploy", "expired-at-midnight",
		"first-two-fail", "flaky", "flapping", "getting-worse", "gone", "hanging", "lost-acknowledgement", "lost-on-the-third", "nightly-maintenance",
		"odd-answers", "one-tenant", "outage", "overloaded", "rate-limited", "slow", "slow-failures", "slow-link", "slow-success",
		"tampered-payloads", "throttled", "too-large", "two-endpoints", "unreachable",
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
			require.Equal(t, unnoticed[name], warned(s))
			require.NoError(t, schema.Validate(asJSON(t, text)))
			require.Equal(t, name, s.Name)
			require.LessOrEqual(t, len(configs.Summary(name)), 90)
			for _, part := range []string{"# What happens: ", "# A good sender: ", "# Look for: ", "jq -r"} {
				require.Contains(t, text, part)
			}
		})
	}
}

// unnoticed are the keys of faults that some clients do not notice, in scenarios whose lesson that is: the one thing of which a shipped scenario may warn.
var unnoticed = map[string][]string{"corrupted-answers": {"rule[0].corrupt", "rule[1].corrupt"}}

// warned are the keys that a scenario warns of.
func warned(s *scenario.Scenario) []string {
	var keys []string
	for _, w := range scenario.Warnings(s) {
		keys = append(keys, w.Key)
	}
	return keys
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
