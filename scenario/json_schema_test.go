package scenario_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// compileSchema is the schema as an editor reads it, which is also checked against that of draft 4.
func compileSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(scenario.JSONSchema()))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("faultline.schema.json", document))
	compiled, err := compiler.Compile("faultline.schema.json")
	require.NoError(t, err)
	return compiled
}

// accepts holds a text against the schema; its dates are texts there.
func accepts(t testing.TB, compiled *jsonschema.Schema, text string) error {
	t.Helper()
	var table map[string]any
	_, err := toml.Decode(text, &table)
	require.NoError(t, err)
	encoded, err := json.Marshal(table)
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	require.NoError(t, err)
	return compiled.Validate(value)
}

// everything is a scenario in which each way of writing a value stands once.
const everything = `
name = "everything"
seed = 42
timezone = "Europe/Berlin"
clock = "first_attempt"
repeat_phases = true
[[phase]]
name = "calm"
for = "1h30m"
[delivery]
match = { host = ["a.test", "*.b.test:8443"], method = "POST", scheme = "http", client = ["10.0.0.0/8", "::1"], placement = ["forward", "gateway"] }
key = ["header:Webhook-Id", "query:id", "json:a.b", ["json:type", "body"], "body"]
per = "host"
ignore = ["sent_at", "a.items[0]"]
success = [200, "3xx"]
try = "header:X-Try"
created = "json:created"
forget_after = "1d"
[[rule]]
name = "one"
enabled = false
match.header = { X-A = "x", X-B = ["y*", false] }
match.query.tenant = false
match.json = { type = "a", n = 1, f = 1.5, b = true, none = false, deep.er = ["x", 2] }
match.body = ["a+", "b"]
match.size = [">64KiB", 10]
when = { attempt = [1, "2-3", "5-"], age = "<2m", nth = 3, every = 2, times = { n = 3, per = "window" }, phase = ["calm"], after = "1s", for = "10s", repeat_every = "1m", chance = { from = 0, to = "60%", over = "10m" }, chance_per = "host" }
latency = { delay = { from = "0s", to = "1.5s", over = "1m" }, jitter = "1s", at = "response" }
bandwidth = { up = "64KiB/s", down = "1B/s" }
rewrite = { on = "response", set_header = { X-D = "a", X-E = ["b", "c"] }, remove_header = "X-F", json_set = { a.b = 1, c = [{ d = false }] }, json_remove = ["e[0]"], template = "x" }
duplicate = { copies = 3, apart = "1s" }
corrupt = { json = true }
status = { code = 503, header = { X-C = ["a", "b"] }, retry_after = "30s", retry_after_as = "date", early = true, body = "x" }
[[rule]]
name = "two"
when = { from = 2026-11-24, until = 2027-11-24T10:00:00+01:00, daily = "23:00-01:00:30 America/New_York", days = ["mon", "fri"], chance = 0.5, times = 2 }
one_of = [{ weight = 3, status = 500 }, { reset = true }, { truncate = "50%" }, { truncate = 10 }, { hang = { for = "1m" } }]
deliver_first = true
[[rule]]
name = "three"
when.days = "sat"
latency = "1s"
last = true
[[rule]]
name = "four"
pass = true
[expect]
policy = "svix"
delivered = "100%"
max_attempts = 6
retry_after = { cap = "24h" }
never_retry = [410, "4xx", "broken"]
timeout = "15s-30s"
backoff = { schedule = ["5s", "5m"], repeats = true, slack = "1s" }
untouched = { delivered = 1 }
[proxy]
listen = "127.0.0.1:0"
allow = "*.test"
clients = ["10.0.0.0/8"]
[log]
segment = "1MiB"
keep = 20000000
redact = "X-A"
[tls]
intercept = ["auto", "a.test"]
[target]
timeout = "10s"
[limits]
body = 1024
[[gateway]]
listen = "127.0.0.1:9001"
target = "http://a.test"
`

// What the reader takes the schema takes.
func TestJSONSchemaTakesEveryValue(t *testing.T) {
	parse(t, everything)
	require.NoError(t, accepts(t, compileSchema(t), everything))
	require.NoError(t, accepts(t, compileSchema(t), ""))
}

// What an editor points out while a scenario is written.
func TestJSONSchemaRefuses(t *testing.T) {
	const rule = "[[rule]]\nname = \"r\"\n"
	compiled := compileSchema(t)
	for _, test := range []struct{ name, text, want string }{
		{"unknown key", `sede = 1`, "additional properties 'sede' not allowed"},
		{"unknown fault", rule + `statsu = 503`, "additional properties 'statsu' not allowed"},
		{"rule without a name", "[[rule]]\nstatus = 500", "missing property 'name'"},
		{"fault without what it needs", rule + `latency = { jitter = "1s" }`, "missing property 'delay'"},
		{"wrong word", `clock = "now"`, "value must be one of 'start', 'first_attempt'"},
		{"wrong type", rule + "status = 500\nlast = \"yes\"", "got string, want boolean"},
		{"bad duration", `[[phase]]` + "\nname = \"p\"\nfor = \"5\"", "'5' does not match pattern"},
		{"too small", rule + `when.every = 0`, "minimum: got 0, want 1"},
		{"too large", rule + `refuse = { code = 505 }`, "maximum: got 505, want 504"},
		{"an alternative's key", rule + `one_of = [{ wait = 1, reset = true }]`, "additional properties 'wait' not allowed"},
		{"rule in one bracket", "[rule]\nname = \"r\"", "got object, want array"},
		{"hour", rule + "status = 500\nwhen.daily = \"25:00-26:00\"", "'25:00-26:00' does not match pattern"},
		{"URL for a host", rule + "status = 500\nmatch.host = \"http://a.test\"", "'http://a.test' does not match pattern"},
		{"path without a slash", rule + "status = 500\nmatch.path = \"claims\"", "'claims' does not match pattern"},
		{"size", rule + "status = 500\nmatch.size = \"big\"", "'big' does not match pattern"},
		{"address", rule + "status = 500\nmatch.client = \"worker-1\"", "'worker-1' does not match pattern"},
		{"empty list", rule + "status = 500\nmatch.host = []", "minItems: got 0, want 1"},
		{"empty name", "[[rule]]\nname = \"\"\nstatus = 500", "minLength: got 0, want 1"},
		{"rule without a fault", rule + "when.attempt = 1", "missing property 'status'"},
		{"pass = false for a fault", rule + "pass = false", "value must be true"},
		{"pass and a fault", rule + "pass = true\nstatus = 500", "'not' failed"},
		{"two terminal faults", rule + "status = 500\nreset = true", "'not' failed"},
		{"alternative without a fault", rule + "one_of = [{ weight = 2 }]", "missing property 'status'"},
		{"day", rule + `when.days = ["Monday"]`, "value must be one of 'sun'"},
	} {
		t.Run(test.name, func(t *testing.T) { require.ErrorContains(t, accepts(t, compiled, test.text), test.want) })
	}
}

// Descriptions and defaults are those of the reference.
func TestJSONSchemaExplains(t *testing.T) {
	var whole struct {
		Schema     string `json:"$schema"`
		Properties map[string]struct {
			Description string
			Properties  map[string]map[string]any
		}
		Definitions map[string]map[string]any
	}
	require.NoError(t, json.Unmarshal(scenario.JSONSchema(), &whole))
	require.Equal(t, "http://json-schema.org/draft-04/schema#", whole.Schema)
	forget := whole.Properties["delivery"].Properties["forget_after"]
	require.Equal(t, "7d", forget["default"])
	require.Equal(t, "a delivery without attempts for so long is forgotten\n\na duration such as \"30s\" (units ms, s, m, h, d)", forget["description"])
	require.Contains(t, whole.Definitions["refuse"]["description"], "The endpoint cannot be reached.")
}
