package scenario_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// ruleKeys are the keys of a rule, as a typo is told them.
var ruleKeys = ", want one of name, match, when, enabled, pass, last, deliver_first, one_of, " + strings.Join(kindNames(), ", ")

func kindNames() []string {
	var names []string
	for _, kind := range faults.Kinds() {
		names = append(names, kind.Name)
	}
	return names
}

const connectKnows = "known there are host, client, placement, nth, every, times, the time, and chance by host or arrival"

// problemsOf are the problems of a text, as a user reads them.
func problemsOf(text string) []string {
	s, problems := scenario.Parse("bad.toml", text, fstest.MapFS{"a.json": {Data: []byte("{}")}})
	if s != nil {
		return nil
	}
	var texts []string
	for _, p := range problems {
		texts = append(texts, strings.TrimPrefix(p.Error(), "bad.toml:"))
	}
	return texts
}

// What a user is told of a scenario that is none: file, line, key, what was found, what is allowed.
func TestProblems(t *testing.T) {
	const rule = "[[rule]]\nname = \"r\"\n" // the keys that follow begin on line 3
	for _, test := range []struct {
		name string
		text string
		want []string
	}{
		{"not TOML", "name = \"x\"\nseed = = 1", []string{`2: not TOML: expected value but found '=' instead`}},
		{"not closed", "name = \"x\nseed = 1", []string{`1: not TOML: strings cannot contain newlines`}},
		{"a mark of UTF-16", "\xff\xfeseed = 1", []string{`1: not TOML: it is not UTF-8, want a scenario`}},
		{"one key twice", "seed = 1\nseed = 2", []string{`2: not TOML: Key 'seed' has already been defined.`}},

		{"unknown key", "sede = 1", []string{"1: sede: unknown key, want one of name, seed, timezone, clock, phase, repeat_phases, delivery, rule, expect, proxy, log, tls, target, limits, gateway\n  hint: did you mean \"seed\"?"}},
		{"unknown table", "\n[delivry]\nkey = \"body\"", []string{"2: delivry: unknown key, want one of name, seed, timezone, clock, phase, repeat_phases, delivery, rule, expect, proxy, log, tls, target, limits, gateway\n  hint: did you mean \"delivery\"?"}},
		{"unknown fault", rule + "statsu = 503", []string{"3: rule[0].statsu: unknown key" + ruleKeys + "\n  hint: did you mean \"status\"?"}},
		{"a key of when", rule + "attempt = 1\nstatus = 500", []string{"3: rule[0].attempt: unknown key" + ruleKeys + "\n  hint: did you mean \"when.attempt\"?"}},
		{"a key of match", rule + "host = \"a.test\"\nstatus = 500", []string{"3: rule[0].host: unknown key" + ruleKeys + "\n  hint: did you mean \"match.host\"?"}},
		{"rule in one bracket", "[rule]\nname = \"r\"", []string{`1: rule: not a list of tables, got a table with name, want [[rule]] in two brackets`}},
		{"seed below 0", "seed = -1", []string{`1: seed: not a seed, got -1, want a whole number from 0`}},
		{"name is no string", "name = 5", []string{`1: name: not a string, got 5, want a string`}},
		{"no such time zone", `timezone = "Mars/Olympus"`, []string{
			`1: timezone: unknown time zone, got "Mars/Olympus", want a time zone such as "Europe/Berlin" or "UTC"`,
		}},
		{"time zone of this machine", `timezone = "Local"`, []string{`1: timezone: not a time zone, got "Local", want a time zone such as "Europe/Berlin" or "UTC"`}},
		{"clock", `clock = "now"`, []string{`1: clock: unknown value, got "now", want one of start, first_attempt`}},

		{"rule without a name", "[[rule]]\nstatus = 500", []string{`1: rule[0].name: is missing, want a string`}},
		{"rule with an empty name", "[[rule]]\nname = \"\"\nstatus = 500", []string{`2: rule[0].name: is empty, got "", want a name`}},
		{"two rules of one name", rule + "status = 500\n" + rule + "status = 501", []string{
			"5: rule[1].name: two rules have this name, got \"r\", want a name of its own\n  hint: the first is on line 2",
		}},
		{"rule without a fault", rule, []string{"1: rule[0]: rule without a fault, got a table with name, want a fault such as status = 503, or pass = true"}},
		{"rule that does not pass", rule + "pass = false", []string{
			"1: rule[0]: rule without a fault, got a table with name, pass, want a fault such as status = 503, or pass = true",
		}},
		{"two terminal faults", rule + "reset = true\nstatus = 500", []string{
			"3: rule[0].reset: is a second terminal fault beside status, got true, want one terminal fault\n  hint: an attempt ends once: make it two rules",
		}},
		{"pass and a fault", rule + "pass = true\nlatency = \"1s\"", []string{
			"3: rule[0].pass: leaves the attempt alone, and the rule has a fault, got true, want one of the two\n  hint: make it two rules",
		}},
		{"deliver_first without a terminal fault", rule + "deliver_first = true\nlatency = \"1s\"", []string{
			"3: rule[0].deliver_first: needs a terminal fault to show after the delivery, got true, want a fault such as reset = true",
		}},
		{"deliver_first and pass", rule + "deliver_first = true\npass = true", []string{`3: rule[0].deliver_first: says nothing beside pass, got true, want pass alone`}},
		{"GET rule", rule + "match.method = \"GET\"\nstatus = 500", []string{
			"3: rule[0].match.method: can never hold: [delivery] leaves it out, got \"GET\", want one of POST, PUT, PATCH, DELETE\n" +
				"  hint: delivery.match.method says which methods a webhook has",
		}},
		{"rule for another host", "delivery.match.host = [\"*.a.test\"]\n" + rule + "match.host = \"b.test\"\nstatus = 500", []string{
			"4: rule[0].match.host: can never hold: [delivery] leaves it out, got \"b.test\", want one of *.a.test\n" +
				"  hint: delivery.match.host says which hosts webhooks go to",
		}},

		{"bad duration", rule + "latency = \"5\"", []string{
			`3: rule[0].latency: not a duration, got "5", want a duration such as "30s" (units ms, s, m, h, d), or a table { from, to, over }`,
		}},
		{"for = 0", rule + "when.for = \"0s\"\nstatus = 500", []string{`3: rule[0].when.for: the window never opens, got "0s", want more than 0s`}},
		{"for beyond repeat_every", rule + "when = { for = \"2m\", repeat_every = \"1m\" }\nstatus = 500", []string{
			`3: rule[0].when.for: the window never closes: it is longer than repeat_every, got "2m", want at most repeat_every`,
		}},
		{"repeat_every alone", rule + "when.repeat_every = \"1m\"\nstatus = 500", []string{
			"3: rule[0].when.repeat_every: needs a `for`, got \"1m\"\n  hint: without it the window never closes, and cannot open again",
		}},
		{"until before from", rule + "when.from = 2026-11-24T10:00:00Z\nwhen.until = 2026-11-24T10:00:00Z\nstatus = 500", []string{
			"4: rule[0].when.until: the window never opens: it ends before it begins, got 2026-11-24T10:00:00Z, want a time after `from`",
		}},
		{"daily that does not come", rule + "when = { daily = \"02:00-03:00\", from = 2026-11-24T10:00:00Z, until = 2026-11-25T02:00:00Z }\nstatus = 500", []string{
			`3: rule[0].when.daily: the window never opens: that time does not come between ` + "`from` and `until`" + `, got "02:00-03:00", want a time between them`,
		}},
		{"days that do not come", rule + "when = { days = [\"mon\"], from = 2026-11-24T10:00:00Z, until = 2026-11-26T10:00:00Z }\nstatus = 500", []string{
			"3: rule[0].when.days: the window never opens: it is on none of them between `from` and `until`, got [\"mon\"], want a day between them",
		}},
		{"daily that does not come on that day", rule + "when = { daily = \"22:00-02:00\", days = [\"mon\"], from = 2026-11-24T02:00:00Z, until = 2026-11-29T22:00:00Z }\nstatus = 500", []string{
			"3: rule[0].when.days: the window never opens: it is on none of them between `from` and `until`, got [\"mon\"], want a day between them",
		}},
		{"daily in the hour that is left out", "timezone = \"Europe/Berlin\"\n" + rule + "when = { daily = \"02:00-03:00\", from = 2026-03-29, until = 2026-03-30 }\nstatus = 500", []string{
			`4: rule[0].when.daily: the window never opens: that time does not come between ` + "`from` and `until`" + `, got "02:00-03:00", want a time between them`,
		}},
		{"from is a string", rule + "when.from = \"2026-11-24\"\nstatus = 500", []string{
			`3: rule[0].when.from: not a date-time, got "2026-11-24", want a date-time such as 2026-11-24T02:00:00 or 2026-11-24T02:00:00Z` + "\n  hint: without the quotes it is one",
		}},
		{"daily of no length", rule + "when.daily = \"02:00-02:00\"\nstatus = 500", []string{
			"3: rule[0].when.daily: never opens: it ends when it begins, got \"02:00-02:00\", " +
				"want two times such as \"02:00-02:30\", with a time zone if need be: \"02:00-02:30 America/New_York\"\n" +
				"  hint: \"00:00-24:00\" is the whole day",
		}},
		{"daily that is none", rule + "when.daily = \"2:00-25:00\"\nstatus = 500", []string{
			`3: rule[0].when.daily: not a time of day, got "2:00-25:00", want two times such as "02:00-02:30", with a time zone if need be: "02:00-02:30 America/New_York"`,
		}},
		{"day", rule + "when.days = [\"mon\", \"Tuesday\"]\nstatus = 500", []string{
			`3: rule[0].when.days[1]: unknown value, got "Tuesday", want one of sun, mon, tue, wed, thu, fri, sat`,
		}},
		{"attempt 0", rule + "when.attempt = 0\nstatus = 500", []string{
			`3: rule[0].when.attempt: not a range, got 0, want a number from 1, a range such as "1-3" or "4-", or a list of them`,
		}},
		{"chance above 1", rule + "when.chance = 10\nstatus = 500", []string{
			`3: rule[0].when.chance: not a share, got 10, want a share from 0 to 1 such as 0.1, or "10%", or a table { from, to, over }`,
		}},
		{"chance_per without chance", rule + "when.chance_per = \"host\"\nstatus = 500", []string{
			`3: rule[0].when.chance_per: says what a chance covers that is not there, got "host"`,
		}},
		{"times = 0", rule + "when.times = 0\nstatus = 500", []string{`3: rule[0].when.times: out of range, got 0, want a whole number from 1`}},
		{"times per planet", rule + "when.times = { n = 5, per = \"planet\" }\nstatus = 500", []string{
			`3: rule[0].when.times.per: unknown value, got "planet", want one of window, phase`,
		}},
		{"times per window without one", rule + "when.times = { n = 5, per = \"window\" }\nstatus = 500", []string{
			`3: rule[0].when.times.per: the rule has no window, got "window", want a window, such as for and repeat_every, daily or phase`,
		}},
		{"times per phase without one", rule + "when.times = { n = 5, per = \"phase\" }\nstatus = 500", []string{
			`3: rule[0].when.times.per: there are no phases to count by, got "phase", want a [[phase]], or window`,
		}},
		{"times without n", rule + "when.times = { per = \"window\" }\nstatus = 500", []string{`3: rule[0].when.times.n: is missing, want a whole number from 1`}},

		{"phase in one bracket", "[phase]\nname = \"p\"", []string{`1: phase: not a list of tables, got a table with name, want [[phase]] in two brackets`}},
		{"phase without a name", "[[phase]]\nfor = \"5m\"", []string{`1: phase[0].name: is missing, want a string`}},
		{"phase with an empty name", "[[phase]]\nname = \"\"", []string{`2: phase[0].name: is empty, got "", want a name`}},
		{"two phases of one name", "[[phase]]\nname = \"p\"\nfor = \"5m\"\n[[phase]]\nname = \"p\"", []string{
			"5: phase[1].name: two phases have this name, got \"p\", want a name of its own\n  hint: the first is on line 2",
		}},
		{"phase that never opens", "[[phase]]\nname = \"p\"\nfor = \"0s\"", []string{`3: phase[0].for: the phase never opens, got "0s", want more than 0s`}},
		{"phase below one without an end", "[[phase]]\nname = \"p\"\n[[phase]]\nname = \"q\"", []string{
			"1: phase[0].for: is missing: the phases below would never open, want a duration such as \"5m\"\n  hint: only the last phase may leave it out",
		}},
		{"phases of centuries", "[[phase]]\nname = \"p\"\nfor = \"100000d\"\n[[phase]]\nname = \"q\"\nfor = \"100000d\"", []string{
			`6: phase[1].for: the phases together are longer than 292 years, got "100000d", want less`,
		}},
		{"phases that never repeat", "repeat_phases = true\n[[phase]]\nname = \"p\"", []string{
			"1: repeat_phases: the phases never start over: the last has no end, got true, want a `for` in the last phase, or false",
		}},
		{"no phases to repeat", "repeat_phases = true", []string{`1: repeat_phases: there is no phase to repeat, got true, want a [[phase]]`}},
		{"unknown phase", "[[phase]]\nname = \"outage\"\n" + rule + "when.phase = [\"outage\", \"outrage\"]\nstatus = 500", []string{
			"5: rule[0].when.phase[1]: unknown phase, got \"outrage\", want one of outage\n  hint: did you mean \"outage\"?",
		}},
		{"phase without phases", rule + "when.phase = \"outage\"\nstatus = 500", []string{
			`3: rule[0].when.phase: unknown phase, got "outage", want a [[phase]] of that name`,
		}},
		{"phase that is no text", rule + "when.phase = 2\nstatus = 500", []string{`3: rule[0].when.phase: not a string, got 2, want the name of a [[phase]]`}},

		{"a listener of a host", rule + "match.host = \"a.test\"\nwhen = { for = \"1m\", times = 2 }\nlatency = \"1s\"\nrefuse = { listener = true }", []string{
			"3: rule[0].match.host: the proxy's own listener closes for all targets and senders, before it knows any\n" +
				"  hint: a gateway's listener closes for its target: leave listener out",
			"4: rule[0].when.times: a listener is closed by time alone\n  hint: after, for, repeat_every, from, until, daily, days and phase are",
			"5: rule[0].latency: nothing can act behind a closed listener\n  hint: make it two rules",
		}},
		{"connect_timeout of a path", rule + "match.path = \"/x\"\nconnect_timeout = true", []string{
			"3: rule[0].match.path: only the request tells it, and connect_timeout is decided at the CONNECT, before it\n  hint: " + connectKnows,
		}},
		{"a silent listener of some attempts", rule + "when.every = 2\nconnect_timeout = { listener = true }", []string{
			"3: rule[0].when.every: a listener is closed by time alone\n  hint: after, for, repeat_every, from, until, daily, days and phase are",
		}},
		{"a listener by a draw", rule + "one_of = [{ refuse = { listener = true } }, { refuse = true }]", []string{
			"3: rule[0].one_of: a listener is closed by time alone, and not by a draw\n  hint: make it two rules",
		}},
		{"a listener after the delivery", rule + "deliver_first = true\nrefuse = { listener = true }", []string{
			"3: rule[0].deliver_first: nothing is delivered through a closed listener",
		}},
		{"tls of a path", rule + "match.path = \"/x\"\ntls = \"expired\"", []string{
			"3: rule[0].match.path: only the request tells it, and tls is decided at the CONNECT, before it\n  hint: " + connectKnows,
		}},
		{"tls or a status", rule + "one_of = [{ tls = \"expired\" }, { status = 500 }]", []string{
			"3: rule[0].one_of: status acts when the request was read, and tls has the rule decided at the CONNECT\n  hint: make it two rules",
		}},
		{"moment", rule + "when.moment = \"request\"\nrefuse = true", []string{`3: rule[0].when.moment: unknown value, got "request", want one of connect`}},
		{"what only the request knows, at connect", rule + "match = { path = \"/x\", host = \"a.test\" }\nwhen = { moment = \"connect\", attempt = 1, every = 2 }\n" +
			"deliver_first = true\nrefuse = true", []string{
			"3: rule[0].match.path: only the request tells it, and the CONNECT comes before it\n  hint: " + connectKnows,
			"4: rule[0].when.attempt: only the request tells it, and the CONNECT comes before it\n  hint: " + connectKnows,
			"5: rule[0].deliver_first: needs a request, and the CONNECT comes before it",
		}},
		{"chance of a request, at connect", rule + "when = { moment = \"connect\", chance = 0.5 }\nrefuse = true", []string{
			"3: rule[0].when.chance: is drawn for a request, and the CONNECT comes before it\n" +
				"  hint: chance_per = \"arrival\" draws for each CONNECT, \"host\" for all of a host alike",
		}},
		{"a fault of the request, at connect", rule + "when.moment = \"connect\"\none_of = [{ refuse = true }, { status = 500 }]", []string{
			"4: rule[0].one_of: status acts when the request was read, and when.moment has the rule decided at the CONNECT\n  hint: make it two rules",
		}},
		{"an equal age", rule + "when.age = \"2m\"\nstatus = 500", []string{
			`3: rule[0].when.age: not a comparison, got "2m", want a comparison such as "<2m" or ">=10s"`,
		}},

		{"bad regular expression", rule + "match.body = \"(\"\nstatus = 500", []string{
			"3: rule[0].match.body: not a regular expression, got \"(\", want a regular expression (RE2)\n  hint: missing closing ): `(`",
		}},
		{"bad path glob", rule + "match.path = \"/[a\"\nstatus = 500", []string{
			`3: rule[0].match.path: not a glob, got "/[a", want a glob of paths such as "/claims/*" or "/claims/**"`,
		}},
		{"path without slash", rule + "match.path = \"claims/*\"\nstatus = 500", []string{
			"3: rule[0].match.path: can never hold: a path begins with /, got \"claims/*\", want a glob of paths such as \"/claims/*\" or \"/claims/**\"\n" +
				"  hint: \"/claims/*\"",
		}},
		{"path with a query", rule + "match.path = \"/claims?x=1\"\nstatus = 500", []string{
			"3: rule[0].match.path: has a query, which is no part of the path, got \"/claims?x=1\", " +
				"want a glob of paths such as \"/claims/*\" or \"/claims/**\"\n  hint: match.query looks at the query",
		}},
		{"** within a segment", rule + "match.path = \"/claims**\"\nstatus = 500", []string{
			`3: rule[0].match.path: has a ** that does not stand alone between slashes, got "/claims**", want a glob of paths such as "/claims/*" or "/claims/**"`,
		}},
		{"host with a scheme", rule + "match.host = \"http://a.test\"\nstatus = 500", []string{
			"3: rule[0].match.host: not a host, got \"http://a.test\", want a glob of hosts such as \"hooks.example.com\", \"*.partner.test\" or \"other.test:8443\"\n" +
				"  hint: no scheme and no path: those are match.scheme and match.path",
		}},
		{"IPv6 without brackets", rule + "match.host = \"::1\"\nstatus = 500", []string{
			"3: rule[0].match.host: not a host, got \"::1\", want a glob of hosts such as \"hooks.example.com\", \"*.partner.test\" or \"other.test:8443\"\n" +
				"  hint: an IPv6 address stands in brackets: [::1]",
		}},
		{"no host", rule + "match.host = []\nstatus = 500", []string{
			"3: rule[0].match.host: is an empty list: nothing can hold, got [], want a glob of hosts such as \"hooks.example.com\", \"*.partner.test\" or \"other.test:8443\"\n  hint: leave it out, and anything does",
		}},
		{"clever JSON path", rule + "match.json.\"items.#.id\" = 1\nstatus = 500", []string{
			"3: rule[0].match.json.\"items.#.id\": is no JSON path, got \"items.#.id\", want names and indices such as a.b or items[0].id",
		}},
		{"a date for JSON", rule + "match.json.at = 2026-11-24\nstatus = 500", []string{
			`3: rule[0].match.json.at: not a value of JSON, got 2026-11-24T00:00:00Z, want a string, a number, true, false, or a list of them`,
		}},
		{"header true", rule + "match.header.X-A = true\nstatus = 500", []string{
			"3: rule[0].match.header.X-A: not a condition, got true, want a glob, a list of them, or false (absent)\n  hint: \"*\" holds for any value",
		}},
		{"header Host", rule + "match.header.Host = \"a\"\nstatus = 500", []string{
			"3: rule[0].match.header.Host: is not looked at here, got \"Host\", want match.host",
		}},
		{"client", rule + "match.client = \"10.0.0.0/33\"\nstatus = 500", []string{
			`3: rule[0].match.client: not an address, got "10.0.0.0/33", want an address or a CIDR such as "10.0.0.0/8"`,
		}},
		{"size", rule + "match.size = \">64K\"\nstatus = 500", []string{
			`3: rule[0].match.size: not a comparison of sizes, got ">64K", want a comparison such as ">64KiB" or "<=1MiB", or a number of bytes`,
		}},
		{"key of no source", `delivery.key = ["Webhook-Id"]`, []string{
			`1: delivery.key[0]: not a source, got "Webhook-Id", want "header:NAME", "query:NAME", "json:PATH" or "body"`,
		}},
		{"key in a clever path", `delivery.key = "json:a.*"`, []string{
			`1: delivery.key: not a JSON path, got "json:a.*", want names and indices such as json:a.b or json:items[0].id`,
		}},
		{"try in the body", `delivery.try = "body"`, []string{
			`1: delivery.try: not a source of this, got "body", want "header:NAME", "query:NAME" or "json:PATH"`,
		}},

		{"no answer", rule + "match.response = \"6xx\"\nreset = true", []string{
			`3: rule[0].match.response: not a status, got "6xx", want a status such as 503, a class such as "5xx", or a list of them`,
		}},
		{"no answer at all", rule + "match.response = []\nreset = true", []string{
			`3: rule[0].match.response: not a status, got [], want a status such as 503, a class such as "5xx", or a list of them`,
		}},
		{"an interim answer", rule + "match.response = [200, 103]\nreset = true", []string{
			`3: rule[0].match.response: can never hold: interim answers (1xx) are passed on as they come, got [200, 103], want a status from 200, or a class from "2xx"`,
		}},
		{"a webhook by its answer", "delivery.match.response = \"5xx\"", []string{
			"1: delivery.match.response: is not known when a request comes in, and then it must be known whether it is a webhook\n  hint: a rule's match asks for it",
		}},
		{"an answer in a tunnel", rule + "match.placement = \"tunnel\"\nmatch.response = \"5xx\"\nreset = true", []string{
			"4: rule[0].match.response: can never hold: there is no answer of a target to look at in a tunnel\n" +
				"  hint: match.placement with one of forward, intercept, gateway, receiver",
		}},
		{"deliver_first after the answer", rule + "match.response = \"5xx\"\ndeliver_first = true\nreset = true", []string{
			`4: rule[0].deliver_first: says nothing beside match.response: the target has got the request by then`,
		}},
		{"faults before the answer", rule + "match.response = \"5xx\"\nrate_limit = 1\nlatency = \"1s\"\ninformational = 103", []string{
			"4: rule[0].rate_limit: acts before the target has answered, and match.response asks for its answer\n  hint: make it two rules",
			"5: rule[0].latency: acts before the target has answered, and match.response asks for its answer\n  hint: at = \"response\"",
			"6: rule[0].informational: acts before the target has answered, and match.response asks for its answer\n  hint: make it two rules",
		}},
		{"a slow upload before the answer", rule + "match.response = \"5xx\"\nbandwidth = { up = \"1B/s\", down = \"1B/s\" }", []string{
			"4: rule[0].bandwidth: acts before the target has answered, and match.response asks for its answer\n  hint: leave up out, or make it two rules",
		}},
		{"capacity before the answer", rule + "match.response = \"5xx\"\ncapacity = true", []string{
			"4: rule[0].capacity: acts before the target has answered, and match.response asks for its answer\n  hint: make it two rules",
		}},
		{"alternatives before the answer", rule + "match.response = \"5xx\"\none_of = [{ reset = { at = \"request\" } }, { status = { code = 500, early = true } }, { hang = true }]", []string{
			"4: rule[0].one_of[0].reset: acts before the target has answered, and match.response asks for its answer\n  hint: at = \"head\", or \"body\"",
			"4: rule[0].one_of[1].status: acts before the target has answered, and match.response asks for its answer\n  hint: leave early out",
		}},
		{"body file outside of the folder", rule + "status = { code = 500, body_file = \"../a.json\" }", []string{
			`3: rule[0].status.body_file: leaves the scenario's folder, got "../a.json", want a file in the scenario's folder`,
		}},
		{"proxy address", `proxy.listen = "3128"`, []string{`1: proxy.listen: unknown value, got "3128", want host:port such as "127.0.0.1:3128"`}},
		{"log sync", `log.sync = "100ms"`, []string{`1: log.sync: unknown value, got "100ms", want "interval 100ms", "always" or "never"`}},
		{"limits", `limits.body = 0`, []string{`1: limits.body: too small, got 0, want at least 1B`}},

		{"all of them, by line", `name = "x"
[[rule]]
status = { code = 99 }
[delivery]
per = "planet"
[[rule]]
name = "b"
when = { attempt = 0, nope = 1 }
reset = false
`, []string{
			`2: rule[0].name: is missing, want a string`,
			`3: rule[0].status.code: out of range, got 99, want a whole number from 200 to 599`,
			`5: delivery.per: unknown value, got "planet", want one of endpoint, host, all`,
			`8: rule[1].when.attempt: not a range, got 0, want a number from 1, a range such as "1-3" or "4-", or a list of them`,
			`8: rule[1].when.nope: unknown key, want one of attempt, age, nth, every, chance, chance_per, times, moment, after, for, repeat_every, from, until, daily, days, phase`,
			`9: rule[1].reset: not a reset, got false, want true or a table`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) { require.Equal(t, test.want, problemsOf(test.text)) })
	}
}
