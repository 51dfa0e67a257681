package scenario_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// Kinds of broken scenarios, one mistake each: the message names file, line, key, what was found and what is allowed, and its caret stands under the place.
func TestBrokenScenarios(t *testing.T) {
	const head = "name = \"x\"\n\n[delivery]\nmatch.host = \"hooks.example.com\"\n\n[[rule]]\nname = \"first\"\n" // what follows begins on line 8
	for _, test := range []struct {
		name string
		text string
		want string // all that is said
	}{
		{"a key that is none", head + `statsu = 503`, `
broken.toml:8: rule[0].statsu: unknown key` + ruleKeys + `
   8 | statsu = 503
     | ^^^^^^
  hint: did you mean "status"?`},
		{"a value of another type", head + `status = 503` + "\n" + `last = "yes"`, `
broken.toml:9: rule[0].last: not a boolean, got "yes", want true or false
   9 | last = "yes"
     |        ^^^^^`},
		{"a word that is none", "clock = \"now\"\n", `
broken.toml:1: clock: unknown value, got "now", want one of start, first_attempt
   1 | clock = "now"
     |         ^^^^^`},
		{"a duration without a unit", head + `latency = { delay = "800" }`, `
broken.toml:8: rule[0].latency.delay: not a duration, got "800", want a duration such as "30s" (units ms, s, m, h, d), or a table { from, to, over }
   8 | latency = { delay = "800" }
     |                     ^^^^^`},
		{"a share above one", head + "when.chance = 10\nstatus = 500", `
broken.toml:8: rule[0].when.chance: not a share, got 10, want a share from 0 to 1 such as 0.1, or "10%", or a table { from, to, over }
   8 | when.chance = 10
     |               ^^`},
		{"a size that is none", `limits.body = "1 MB"`, `
broken.toml:1: limits.body: not a size, got "1 MB", want a size such as "64KiB" (units B, KiB, MiB, GiB, kB, MB) or a number of bytes
   1 | limits.body = "1 MB"
     |               ^^^^^^`},
		{"a status that is none", head + `status = 99`, `
broken.toml:8: rule[0].status: out of range, got 99, want a whole number from 200 to 599
   8 | status = 99
     |          ^^`},
		{"a rule without a name", "[[rule]]\nstatus = 500", `
broken.toml:1: rule[0].name: is missing, want a string
   1 | [[rule]]
     |   ^^^^`},
		{"two rules of one name", head + "status = 500\n\n[[rule]]\nname = \"first\"\nreset = true", `
broken.toml:11: rule[1].name: two rules have this name, got "first", want a name of its own
  11 | name = "first"
     |        ^^^^^^^
  hint: the first is on line 7`},
		{"a rule without a fault", head + `when.attempt = 1`, `
broken.toml:6: rule[0]: rule without a fault, got a table with name, when, want a fault such as status = 503, or pass = true
   6 | [[rule]]
     |   ^^^^`},
		{"two terminal faults", head + "reset = true\nstatus = 500", `
broken.toml:8: rule[0].reset: is a second terminal fault beside status, got true, want one terminal fault
   8 | reset = true
     |         ^^^^
  hint: an attempt ends once: make it two rules`},
		{"a window that never opens", head + "when.from = 2026-11-24T10:00:00Z\nwhen.until = 2026-11-24T09:00:00Z\nstatus = 500", `
broken.toml:9: rule[0].when.until: the window never opens: it ends before it begins, got 2026-11-24T09:00:00Z, want a time after ` + "`from`" + `
   9 | when.until = 2026-11-24T09:00:00Z
     |              ^^^^^^^^^^^^^^^^^^^^`},
		{"a phase that never opens", "[[phase]]\nname = \"a\"\n[[phase]]\nname = \"b\"", `
broken.toml:1: phase[0].for: is missing: the phases below would never open, want a duration such as "5m"
   1 | [[phase]]
     |   ^^^^^
  hint: only the last phase may leave it out`},
		{"a phase that is not there", head + "when = { phase = \"outage\" }\nstatus = 500\n[[phase]]\nname = \"outrage\"", `
broken.toml:8: rule[0].when.phase: unknown phase, got "outage", want one of outrage
   8 | when = { phase = "outage" }
     |                  ^^^^^^^^
  hint: did you mean "outrage"?`},
		{"a time zone that is none", `timezone = "Europe/Bärlin"`, `
broken.toml:1: timezone: unknown time zone, got "Europe/Bärlin", want a time zone such as "Europe/Berlin" or "UTC"
   1 | timezone = "Europe/Bärlin"
     |            ^^^^^^^^^^^^^^^`},
		{"a rule that [delivery] leaves out", head + "match.method = [\"GET\", \"HEAD\"]\nstatus = 500", `
broken.toml:8: rule[0].match.method: can never hold: [delivery] leaves it out, got ["GET", "HEAD"], want one of POST, PUT, PATCH, DELETE
   8 | match.method = ["GET", "HEAD"]
     |                ^^^^^^^^^^^^^^^
  hint: delivery.match.method says which methods a webhook has`},
		{"a regular expression that is none", head + "match.body = \"(\"\nstatus = 500", `
broken.toml:8: rule[0].match.body: not a regular expression, got "(", want a regular expression (RE2)
   8 | match.body = "("
     |              ^^^
  hint: missing closing ): ` + "`(`"},
		{"a host with a scheme", "[delivery]\nmatch.host = [\n  \"a.test\",\n  \"https://b.test\",\n]", `
broken.toml:4: delivery.match.host[1]: not a host, got "https://b.test", want a glob of hosts such as "hooks.example.com", "*.partner.test" or "other.test:8443"
   4 |   "https://b.test",
     |   ^^^^^^^^^^^^^^^^
  hint: no scheme and no path: those are match.scheme and match.path`},
		{"a file outside of the folder", head + `status = { code = 500, body_file = "/etc/passwd" }`, `
broken.toml:8: rule[0].status.body_file: leaves the scenario's folder, got "/etc/passwd", want a file in the scenario's folder
   8 | status = { code = 500, body_file = "/etc/passwd" }
     |                                    ^^^^^^^^^^^^^`},
		{"a header that frames", head + `status = { code = 500, header = { Content-Length = "5" } }`, `
broken.toml:8: rule[0].status.header.Content-Length: is a framing field, which the proxy sets itself, got "Content-Length", want any other field
   8 | status = { code = 500, header = { Content-Length = "5" } }
     |                                   ^^^^^^^^^^^^^^
  hint: faults that break the framing are kinds of their own`},
		{"what is no TOML", "name = \"x\"\nseed = = 1", `
broken.toml:2: not TOML: expected value but found '=' instead
   2 | seed = = 1
     |        ^`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, problems := scenario.Parse("broken.toml", test.text, fstest.MapFS{})
			require.Len(t, problems, 1)
			require.Equal(t, test.want, "\n"+problems[0].Show(test.text))
		})
	}
}

// A text that is no TOML is shown where it ceases to be some: at the last character of a line that ended too early, at the key that is there again.
func TestNotTOML(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a table that is not closed", "[delivery\nper = \"host\"", "x.toml:1: not TOML: expected '.' or ']' to end table name, but got '\\n' instead\n   1 | [delivery\n     |         ^"},
		{"a list of tables that is not closed", "a = 1\n[[rule]\n", "x.toml:2: not TOML: expected end of table array name delimiter ']', but got '\\n' instead\n   2 | [[rule]\n     |       ^"},
		{"a text that is not closed", "a = \"x\r\nb = 1\r\n", "x.toml:1: not TOML: strings cannot contain newlines\n   1 | a = \"x\n     |      ^"},
		{"a text that is not closed, behind a mark", "\ufeffa = \"x\nb = 1", "x.toml:1: not TOML: strings cannot contain newlines\n   1 | a = \"x\n     |      ^"},
		{"a key twice", "seed = 1\n# here\nseed = 2", "x.toml:3: not TOML: Key 'seed' has already been defined.\n   3 | seed = 2\n     | ^^^^"},
		{"an end too early", "a = [1,\n2\n\n", "x.toml:2: not TOML: expected a comma (',') or array terminator (']'), but got end of file\n   2 | 2\n     | ^"},
		{"another coding", "a = 1 # \xfc\n", "x.toml:1: not TOML: invalid UTF-8 byte: 0xfc\n   1 | a = 1 # \ufffd\n     |         ^"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, problems := scenario.Parse("x.toml", test.text, fstest.MapFS{})
			require.Len(t, problems, 1)
			require.Equal(t, test.want, problems[0].Show(test.text))
		})
	}
}
