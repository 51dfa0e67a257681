package scenario_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// warningsOf are the warnings of a text, without the file.
func warningsOf(t *testing.T, text string) []string {
	t.Helper()
	var texts []string
	for _, p := range scenario.Warnings(parse(t, text)) {
		texts = append(texts, strings.TrimPrefix(p.Error(), "test.toml:"))
	}
	return texts
}

// A rule below one that leaves nothing to it: as wide or wider in match and when, and the end of the reading.
func TestShadowedRules(t *testing.T) {
	for _, test := range []struct {
		name         string
		above, below string
		shadowed     bool
	}{
		{"the same", `match.path = "/a"`, `match.path = "/a"`, true},
		{"wider in nothing", ``, `match.path = "/a"`, true},
		{"narrower", `match.path = "/a"`, ``, false},
		{"another path", `match.path = "/a"`, `match.path = "/b"`, false},
		{"all below a path", `match.path = "/a/**"`, `match.path = ["/a/*/x", "/a", "/a/b/**"]`, true},
		{"a path beside it", `match.path = "/a/**"`, `match.path = "/ab/x"`, false},
		{"a glob that a path is in", `match.path = "/a/*"`, `match.path = "/a/b"`, true},
		{"one of several paths is not in it", `match.path = "/a/*"`, `match.path = ["/a/b", "/c"]`, false},
		{"host", `match.host = "*.a.test"`, `match.host = ["x.a.test", "*.b.a.test"]`, true},
		{"host with a port", `match.host = "*.a.test"`, `match.host = "x.a.test:8443"`, true},
		{"a port of it", `match.host = "x.a.test:8443"`, `match.host = "x.a.test"`, false},
		{"the hosts that [delivery] leaves", `match.host = "*.a.test"`, `match.path = "/a"`, true},
		{"methods that [delivery] leaves", `match.method = ["POST", "PUT", "PATCH", "DELETE"]`, ``, true},
		{"a method", `match.method = "POST"`, ``, false},
		{"a glob of methods", `match.method = "P*"`, `match.method = ["PUT", "POST"]`, true},
		{"scheme", `match.scheme = "http"`, `match.scheme = ["http", "https"]`, false},
		{"placement", `match.placement = ["forward", "gateway"]`, `match.placement = "forward"`, true},
		{"client", `match.client = "10.0.0.0/8"`, `match.client = "10.1.2.0/24"`, true},
		{"a wider client", `match.client = "10.1.2.0/24"`, `match.client = "10.0.0.0/8"`, false},
		{"size", `match.size = ">1KiB"`, `match.size = [">2KiB", ">=1025"]`, true},
		{"another size", `match.size = ">1KiB"`, `match.size = ">=1024"`, false},
		{"header", `match.header.X-A = "a*"`, `match.header = { X-A = ["ab", "a*"], X-B = "b" }`, true},
		{"another header", `match.header.X-A = "a*"`, `match.header.X-B = "ab"`, false},
		{"a header that may be absent", `match.header.X-A = "a*"`, `match.header.X-A = ["ab", false]`, false},
		{"query", `match.query.t = ["a", "b"]`, `match.query.t = "b"`, true},
		{"json", `match.json.t = ["a", 1]`, `match.json = { t = 1, u = 2 }`, true},
		{"another value", `match.json.t = "a"`, `match.json.t = "b"`, false},
		{"body", `match.body = "a"`, `match.body = "a"`, true},
		{"another body", `match.body = "a"`, `match.body = "ab"`, false},
		{"by the target's answer", `match.response = "5xx"`, `match.response = [500, 503]`, true},
		{"by another answer", `match.response = "5xx"`, `match.response = "4xx"`, false},
		{"at another moment", `match.path = "/a"`, "match.path = \"/a\"\nmatch.response = 500", false},

		{"paths of stars", `match.path = "/a/*"`, `match.path = "/a/b*"`, true},
		{"paths of stars, segment by segment", `match.path = "/a/**/z"`, `match.path = ["/a/z", "/a/*/c*/z", "/a/**/y/z"]`, true},
		{"paths that cross more", `match.path = "/a/*"`, `match.path = "/a/**"`, false},
		{"paths of other lengths", `match.path = "/a/*/c"`, `match.path = "/a/*"`, false},
		{"a JSON glob", `match.json.type = "claim.*"`, `match.json.type = ["claim.paid", "claim.o*"]`, true},
		{"any JSON value", `match.json.type = "*"`, `match.json.type = ["a", 1, 2.5, true]`, true},
		{"JSON that may be absent", `match.json.type = "*"`, `match.json.type = false`, false},
		{"JSON numbers and texts", `match.json.n = "1*"`, `match.json.n = 1`, false},

		{"attempt", `when.attempt = "1-3"`, `when.attempt = [1, "2-3"]`, true},
		{"attempts of several spans", `when.attempt = [1, "2-3"]`, `when.attempt = "1-3"`, true},
		{"another attempt", `when.attempt = "1-3"`, `when.attempt = "3-4"`, false},
		{"any attempt", `when.attempt = "1-3"`, ``, false},
		{"age", `when.age = ">1m"`, `when.age = ">=2m"`, true},
		{"chance", `when.chance = 0.5`, `when.chance = 0.5`, false},
		{"a sure chance", `when.chance = 1`, `when.chance = 0.5`, true},
		{"times", `when.times = 3`, `when.times = 3`, false},
		{"nth", `when.nth = 1`, `when.nth = 1`, false},
		{"window", `when = { after = "1m", for = "1m" }`, `when = { after = "1m", for = "1m", attempt = 1 }`, true},
		{"another window", `when = { after = "1m", for = "1m" }`, `when = { after = "1m", for = "2m" }`, false},
		{"a later window", `when.after = "1m"`, `when = { after = "2m", for = "1m", repeat_every = "5m" }`, true},
		{"a window within", `when = { after = "1m", for = "5m" }`, `when = { after = "2m", for = "4m" }`, true},
		{"a window that ends later", `when = { after = "1m", for = "5m" }`, `when = { after = "2m", for = "5m" }`, false},
		{"a window that comes again", `when = { after = "1m", for = "5m" }`, `when = { after = "2m", for = "1m", repeat_every = "5m" }`, false},
		{"no window", `when.after = "1m"`, ``, false},
		{"hours within", `when.daily = "22:00-04:00"`, `when.daily = "23:30-01:00"`, true},
		{"hours over the end", `when.daily = "22:00-04:00"`, `when.daily = "03:30-04:30"`, false},
		{"hours of another zone", `when.daily = "22:00-04:00"`, `when.daily = "23:30-01:00 Europe/Berlin"`, false},
		{"the whole day", `when.daily = "00:00-24:00"`, `when.daily = "23:30-01:00"`, true},
		{"hours and days within", `when = { daily = "08:00-12:00", days = ["mon", "tue"] }`, `when = { daily = "09:00-10:00", days = "mon" }`, true},
		{"nights of days", `when = { daily = "22:00-04:00", days = ["mon", "tue"] }`, `when = { daily = "01:00-02:00", days = "tue" }`, false},
		{"daily", `when.daily = "02:00-03:00"`, `when = { daily = "02:00-03:00", days = ["mon"] }`, true},
		{"days", `when.days = ["mon", "tue"]`, `when.days = "tue"`, true},
		{"days of other hours", `when.days = ["mon", "tue"]`, `when = { daily = "23:00-01:00", days = ["tue"] }`, false},
		{"dates", `when.from = 2026-01-01`, `when = { from = 2026-02-01, until = 2026-03-01 }`, true},
		{"earlier dates", `when.from = 2026-02-01`, `when.from = 2026-01-01`, false},
		{"phase", `when.phase = ["p", "q"]`, `when.phase = "q"`, true},
		{"another phase", `when.phase = "p"`, `when.phase = ["p", "q"]`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := "delivery.match.host = [\"x.a.test\", \"y.b.a.test\"]\n[[phase]]\nname = \"p\"\nfor = \"1m\"\n[[phase]]\nname = \"q\"\n" +
				"[[rule]]\nname = \"above\"\nstatus = 500\n" + test.above + "\n[[rule]]\nname = \"below\"\nclose = true\n" + test.below
			shadowed := strings.Contains(strings.Join(warningsOf(t, text), "\n"), `can never fire: the rule "above" above it`)
			require.Equal(t, test.shadowed, shadowed)
		})
	}
}

// Rules above may leave nothing together; and one that waits for the target's answer may never see one.
func TestShadowsOfSeveral(t *testing.T) {
	const hosts = "delivery.match.host = \"a.test\"\n"
	rule := func(name, keys string) string { return fmt.Sprintf("[[rule]]\nname = %q\n%s\n", name, keys) }
	const together = "can never fire: the rules \"a\" and \"b\" above it fire at every attempt that it would, and end the reading\n  hint: move it up"
	const silenced = "can never fire: the rule \"a\" fires wherever this one would, and ends the reading before the target has answered\n" +
		"  hint: match.response is asked for attempts that no terminal fault and no pass has met"
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"each at its attempts", rule("a", "when.attempt = \"1-2\"\nstatus = 500") + rule("b", "when.attempt = \"3-\"\npass = true") + rule("c", "close = true"),
			[]string{"10: rule[2]: " + together}},
		{"of the attempts that it wants", rule("a", "when.attempt = 1\nstatus = 500") + rule("b", "when.attempt = [2, 3]\npass = true") + rule("c", "when.attempt = \"1-3\"\nclose = true"),
			[]string{"10: rule[2]: " + together}},
		{"one attempt is left", rule("a", "when.attempt = \"1-2\"\nstatus = 500") + rule("b", "when.attempt = \"4-\"\npass = true") + rule("c", "close = true"), nil},
		{"one only slows down", rule("a", "when.attempt = \"1-2\"\nstatus = 500") + rule("b", "when.attempt = \"3-\"\nlatency = \"1s\"") + rule("c", "close = true"), nil},

		{"no answer comes", rule("a", "match.path = \"/**\"\nstatus = 500") + rule("b", "match.path = \"/x\"\nmatch.response = 200\nclose = true"), []string{"6: rule[1]: " + silenced}},
		{"no answer comes, for what stands below", rule("b", "match.path = \"/x\"\nmatch.response = 200\nclose = true") + rule("a", "match.path = \"/**\"\nstatus = 500"), []string{"2: rule[0]: " + silenced}},
		{"the answer passes", rule("a", "match.path = \"/**\"\npass = true") + rule("b", "match.response = 200\nmatch.path = \"/x\"\nclose = true"), []string{"6: rule[1]: " + silenced}},
		{"the last one", rule("a", "match.path = \"/**\"\nlatency = \"1s\"\nlast = true") + rule("b", "match.path = \"/x\"\nmatch.response = 200\nclose = true"), []string{"7: rule[1]: " + silenced}},
		{"not the last one, below", rule("b", "match.path = \"/x\"\nmatch.response = 200\nclose = true") + rule("a", "match.path = \"/**\"\nlatency = \"1s\"\nlast = true"), nil},
		{"in a window, which ends before the answer", rule("a", "match.path = \"/**\"\nwhen.for = \"1m\"\nstatus = 500") + rule("b", "match.path = \"/x\"\nwhen.for = \"1m\"\nmatch.response = 200\nclose = true"), nil},
		{"a CONNECT that is refused", rule("a", "refuse = true") + rule("b", "match.path = \"/x\"\nmatch.response = 200\nclose = true"), nil},
	} {
		t.Run(test.name, func(t *testing.T) { require.Equal(t, test.want, warningsOf(t, hosts+test.text)) })
	}
}

// What ends the reading only now and then shadows nothing; nor does what is decided at another moment.
func TestRulesThatShadowNothing(t *testing.T) {
	for _, above := range []string{
		`latency = "1s"`, `rate_limit = { limit = 1, per = "1s" }`, `one_of = [{ status = 500 }, { latency = "1s" }]`, "enabled = false\nstatus = 500", `tls = "expired"`,
		"when.moment = \"connect\"\nrefuse = true",
	} {
		text := "delivery.match.host = \"a.test\"\n[[rule]]\nname = \"above\"\n" + above + "\n[[rule]]\nname = \"below\"\nclose = true\n"
		require.Empty(t, warningsOf(t, text), above)
	}
	// A status is decided when the request was read: in a tunnel the CONNECT is still refused.
	require.Empty(t, warningsOf(t, "delivery.match.host = \"a.test\"\n[[rule]]\nname = \"above\"\nstatus = 500\n[[rule]]\nname = \"below\"\nrefuse = true"))
	require.NotEmpty(t, warningsOf(t, "delivery.match.host = \"a.test\"\n[[rule]]\nname = \"above\"\npass = true\n[[rule]]\nname = \"below\"\nlatency = \"1s\""))
}

// A warning of a shadow is never wrong: where the rule below would fire alone, the one above it has fired.
func TestShadowsAreReal(t *testing.T) {
	pick := func(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }
	some := func(r *rand.Rand, of ...string) string { return strings.Repeat(pick(r, of...), max(0, r.IntN(6)-4)) } // mostly none
	conditions := func(r *rand.Rand) string {
		return strings.Join([]string{
			some(r, `match.host = "*.test"`, `match.host = ["a.test", "b.test:8080"]`, `match.host = "*a*:80*"`),
			some(r, `match.path = "/x/**"`, `match.path = "/x/*"`, `match.path = ["/x/y", "/*"]`, `match.path = "/**/y*"`, `match.path = "/*/y*/**"`),
			some(r, `match.json.a = "a*"`, `match.json.a = ["ab", "a*b"]`, `match.json.a = "*"`, `match.json.a = [1, true]`, `match.json.a = false`),
			some(r, `match.method = "P*"`, `match.method = "POST"`),
			some(r, `match.header.X-A = "a*"`, `match.header.X-A = [false, "ab"]`, `match.header.X-A = "ab"`),
			some(r, `match.client = "10.0.0.0/8"`, `match.client = "10.0.0.7"`),
			some(r, `match.size = ">1"`, `match.size = "<=2"`, `match.size = 2`),
			some(r, `when.attempt = "1-2"`, `when.attempt = [1, 3]`, `when.attempt = 1`),
			some(r, `when.for = "10s"`, `when.after = "5s"`, "when.after = \"4s\"\nwhen.for = \"8s\"", "when.for = \"3s\"\nwhen.repeat_every = \"6s\""),
			some(r, `when.days = ["mon", "tue"]`, `when.days = "tue"`),
			some(r, `when.daily = "11:59-12:01"`, `when.daily = "12:00:05-12:00:15"`, `when.daily = "22:00-12:00:10"`, `when.daily = "12:00:03-04:00"`),
			some(r, `match.response = "2xx"`, `match.response = 200`),
		}, "\n") + "\n"
	}
	random, shadows, silenced := rand.New(rand.NewPCG(1, 2)), 0, 0
	for range 4000 {
		ending := pick(random, "status = 500", "pass = true", "latency = { delay = \"1s\", at = \"response\" }\nlast = true", "reset = { at = \"body\" }")
		above, below := "[[rule]]\nname = \"above\"\n"+ending+"\n"+conditions(random), "[[rule]]\nname = \"below\"\nclose = true\n"+conditions(random)
		switch said := strings.Join(warningsOf(t, above+below), ""); {
		case strings.Contains(said, `rule "above" above it`):
			shadows++
		case strings.Contains(said, `the rule "above" fires wherever`):
			silenced++
		default:
			continue
		}
		both, alone := parse(t, above+below), parse(t, below)
		for range 50 {
			subj := post(body(pick(random, "", "x", "xx", "xxx", `{"a":"ab"}`, `{"a":"axb"}`, `{"a":1}`, `{"a":true}`, `{"a":null}`)), func(s *scenario.Subject) {
				s.Host, s.Path, s.Method = pick(random, "a.test", "b.test", "c.org"), pick(random, "/", "/x", "/x/y", "/x/y/z", "/z", "/x/", "/q/yy/z/z", "/y"), pick(random, "POST", "PUT", "DELETE")
				s.Port = 80 + 8000*random.IntN(2)
				s.Client = netip.MustParseAddr(pick(random, "10.0.0.7", "10.1.1.1", "192.0.2.1"))
				s.Attempt = 1 + random.IntN(4)
				s.Header = map[string][]string{"X-A": {pick(random, "a", "ab", "b")}}
				if random.IntN(3) == 0 {
					s.Header = nil
				}
			})
			after := time.Duration(random.IntN(20)) * time.Second
			later := after + time.Duration(random.IntN(3))*time.Second
			if fired := firesAt(alone, subj, after, later); fired != "" {
				require.Equal(t, "above", firesAt(both, subj, after, later), "%s%s", above, below)
			}
		}
	}
	t.Logf("%d shadows, %d that are silenced", shadows, silenced)
	require.Greater(t, shadows, 300)
	require.Greater(t, silenced, 30)
}

// firesAt are the names of the rules that fire at an attempt, when its request was read, and when the target has answered it with 200.
func firesAt(s *scenario.Scenario, subj *scenario.Subject, asked, answered time.Duration) string {
	d := decide(s, subj, newCounts(), asked)
	then := decideAnswer(s, subj, 200, d, newCounts(), answered)
	d.Fired = append(d.Fired, then.Fired...)
	return firedNames(d)
}

func TestMoreWarnings(t *testing.T) {
	const hosts = "delivery.match.host = \"a.test\"\n"
	const fails = "[[rule]]\nname = \"s\"\nstatus = 501\n"
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"an attempt that nothing leads to", hosts + rule(`when.attempt = "3-"`), []string{
			"5: rule[0].when.attempt: attempt 3 is only seen if 1 and 2 fail, and no rule touches attempt 1\n  hint: the target itself must fail then, or a rule above",
		}},
		{"a gap before it", hosts + rule(`when.attempt = 5`) + fails + `when.attempt = [1, 2, 4]`, []string{
			"5: rule[0].when.attempt: attempt 5 is only seen if 1 to 4 fail, and no rule touches attempt 3\n  hint: the target itself must fail then, or a rule above",
		}},
		{"the second attempt", hosts + rule(`when.attempt = 2`) + "[[rule]]\nname = \"s\"\npass = true\nmatch.path = \"/\"", []string{
			"5: rule[0].when.attempt: attempt 2 is only seen if 1 fails, and no rule touches attempt 1\n  hint: the target itself must fail then, or a rule above",
		}},
		{"an attempt that others lead to", hosts + rule(`when.attempt = 3`) + fails + `when.attempt = "1-2"`, nil},
		{"one that slowness leads to", hosts + rule(`when.attempt = 2`) + "[[rule]]\nname = \"s\"\nlatency = \"1m\"", nil},

		{"https in a tunnel", hosts + rule(`match.scheme = "https"`), []string{
			"5: rule[0].match.scheme: can only fire where https is opened: in a tunnel nothing of it is seen\n  hint: tls.intercept = \"auto\" opens it, or --intercept auto",
		}},
		{"https that is opened", "tls.intercept = \"auto\"\n" + hosts + rule(`match.scheme = "https"`), nil},
		{"https at a gateway", hosts + rule(`match.scheme = "https"`) + "[[gateway]]\nlisten = \"127.0.0.1:0\"\ntarget = \"https://a.test\"", nil},
		{"http behind a CONNECT", hosts + rule("match.scheme = \"http\"\nmatch.placement = [\"tunnel\", \"intercept\"]"), []string{
			"6: rule[0].match.placement: can never fire: a CONNECT leads to https, and match.scheme is http",
		}},
		{"a gateway that is not there", hosts + rule(`match.placement = "gateway"`), []string{
			"5: rule[0].match.placement: can only fire at a gateway, and the file has none\n  hint: [[gateway]] makes one, or --gateway LISTEN=TARGET",
		}},

		{"a window before its phase", hosts + rule(`when = { phase = "q", for = "1m" }`) + "[[phase]]\nname = \"p\"\nfor = \"5m\"\n[[phase]]\nname = \"q\"", []string{
			"5: rule[0].when.phase: is not on while after and for hold: it only fires when somebody jumps to the phase\n" +
				"  hint: after, for and repeat_every count from the clock's start, not from the phase's",
		}},
		{"a window after its phase", hosts + rule(`when = { phase = "p", after = "5m" }`) + "[[phase]]\nname = \"p\"\nfor = \"5m\"\n[[phase]]\nname = \"q\"", []string{
			"5: rule[0].when.phase: is not on while after and for hold: it only fires when somebody jumps to the phase\n" +
				"  hint: after, for and repeat_every count from the clock's start, not from the phase's",
		}},
		{"a window that meets its phase", hosts + rule(`when = { phase = "q", after = "4m", for = "90s" }`) + "[[phase]]\nname = \"p\"\nfor = \"5m\"\n[[phase]]\nname = \"q\"", nil},

		{"a cut that some do not see", hosts + "[[rule]]\nname = \"r\"\ntruncate = { keep_length = true }", []string{
			"4: rule[0].truncate: goes unnoticed by some: requests takes the short body for the whole, and its 200 for success\n" +
				"  hint: without keep_length every client sees the cut",
		}},
		{"a payload that gets lost", hosts + "[[rule]]\nname = \"r\"\none_of = [{ redirect = { to = \"/x\", code = 302 } }, { status = 500 }]", []string{
			"4: rule[0].one_of: goes unnoticed by some: requests, aiohttp, urllib and Go go on with a GET that has lost the payload, and take its answer\n" +
				"  hint: 307 and 308 keep method and payload",
		}},
		{"a body that is not packed", hosts + "[[rule]]\nname = \"r\"\nmalformed = \"gzip\"", []string{
			"4: rule[0].malformed: goes unnoticed by some: urllib does not unpack, and takes it for a 200\n  hint: chunk and garbage are seen by every client",
		}},
		{"a body that nobody checks", hosts + "[[rule]]\nname = \"r\"\ncorrupt = 2\n[[rule]]\nname = \"s\"\ncorrupt = { json = true }", []string{
			"4: rule[0].corrupt: goes unnoticed by some: to a client the answer is whole, and only who checks its body notices\n" +
				"  hint: json = true breaks it for all who read JSON",
			"7: rule[1].corrupt: goes unnoticed by some: to a client the answer is whole, and only who reads its JSON notices",
		}},
		{"what all see", hosts + "[[rule]]\nname = \"r\"\none_of = [{ truncate = true }, { malformed = \"chunk\" }, { redirect = \"/x\" }]", nil},
	} {
		t.Run(test.name, func(t *testing.T) { require.Equal(t, test.want, warningsOf(t, test.text)) })
	}
}

// Windows are said back in words.
func TestNotes(t *testing.T) {
	for _, test := range []struct{ when, want string }{
		{`{ for = "20s", repeat_every = "60s" }`, `down 20s of every 1m, from the start on`},
		{`{ after = "5m", for = "20s", repeat_every = "60s" }`, `down 20s of every 1m, from 5m after the start on`},
		{`{ for = "2m" }`, `down for 2m from the start on`},
		{`{ after = "2m", for = "3m" }`, `down from 2m to 5m after the start`},
		{`{ after = "2m" }`, `down from 2m after the start on`},
		{`{ daily = "23:00-01:30" }`, `down every day 23:00-01:30, 2h30m long (UTC)`},
		{`{ daily = "02:00-02:30 Europe/Berlin", days = ["mon", "fri"] }`, `down on mon, fri 02:00-02:30, 30m long (Europe/Berlin)`},
		{`{ days = "sun" }`, `down on sun (UTC)`},
		{`{ from = 2026-11-24T02:00:00+01:00, until = 2026-11-30 }`, `down from Tue 24 Nov 2026 02:00:00 +0100, until Mon 30 Nov 2026 00:00:00 UTC`},
		{`{ phase = ["p", "q"], for = "1m" }`, `down for 1m from the start on, in phase p (0s to 1m after the start) or q (from 1m after the start on)`},
	} {
		text := "[[phase]]\nname = \"p\"\nfor = \"1m\"\n[[phase]]\nname = \"q\"\n[[rule]]\nname = \"r\"\nstatus = 500\nwhen = " + test.when
		notes := scenario.Notes(parse(t, text))
		require.Len(t, notes, 1)
		require.Equal(t, "test.toml:9: rule[0].when: \"r\": "+test.want, notes[0].Error())
	}
	for fault, want := range map[string]string{
		"pass = true": "left alone", "latency = \"1s\"\nbandwidth = { down = \"1KiB/s\" }": "latency and bandwidth", "deliver_first = true\nreset = true": "reset",
		"one_of = [{ status = 500 }]": "one of several faults", "rate_limit = { limit = 1, per = \"1s\" }": "rate_limit",
	} {
		notes := scenario.Notes(parse(t, "clock = \"first_attempt\"\n[[rule]]\nname = \"r\"\nwhen.for = \"1m\"\n"+fault))
		require.Equal(t, fmt.Sprintf("%q: %s for 1m from the first attempt on", "r", want), notes[0].What)
	}
	again := scenario.Notes(parse(t, rule(`when.phase = "q"`)+"[[phase]]\nname = \"p\"\nfor = \"1m\"\n[[phase]]\nname = \"q\"\nfor = \"30s\""))
	require.Equal(t, `"r": down in phase q (1m to 1m30s after the start)`, again[0].What)
	again = scenario.Notes(parse(t, "repeat_phases = true\n"+rule(`when.phase = "q"`)+"[[phase]]\nname = \"p\"\nfor = \"1m\"\n[[phase]]\nname = \"q\"\nfor = \"30s\""))
	require.Equal(t, `"r": down in phase q (1m to 1m30s of every 1m30s)`, again[0].What)
	require.Empty(t, scenario.Notes(parse(t, rule(`when.attempt = 1`))))
	require.Empty(t, scenario.Notes(parse(t, rule("when.for = \"1m\"\nenabled = false"))))
}
