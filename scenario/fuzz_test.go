package scenario_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// What no scenario needs is turned away, and never worked on: a file that took long would run into the test's own limit.
func TestBombs(t *testing.T) {
	const size = 1<<20 - 10
	fill := func(prefix, unit, suffix string) string {
		return prefix + strings.Repeat(unit, (size-len(prefix)-len(suffix))/len(unit)) + suffix
	}
	for _, test := range []struct{ name, text, want string }{
		{"too large", strings.Repeat("#", 1<<20+1), ` larger than 1MiB, want a scenario`},
		{"lists in lists", fill("a = ", "[", ""), `1: nested deeper than 32 levels, want a scenario`},
		{"tables in tables", fill("a = ", "{a=", ""), `1: nested deeper than 32 levels, want a scenario`},
		{"a dotted key", fill("a", ".a", " = 1"), `1: nested deeper than 32 levels, want a scenario`},
		{"a dotted table", fill("[a", ".a", "]"), `1: nested deeper than 32 levels, want a scenario`},
		{"a long key", fill("", "a", " = 1"), `1: a key of more than 1000 bytes, want a scenario`},
		{"many elements", fill("a = [", "1,", "]"), `1: more than 20000 keys, want a scenario`},
		{"many tables", fill("", "[[rule]]\n", ""), `20000: more than 20000 keys, want a scenario`},
		{"a long string", fill("name = \"", "x", "\""), ""},
		{"a long comment", fill("#", " a = [", ""), ""},
		{"empty lines", fill("", "\n", ""), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			problems := problemsOf(test.text)
			if test.want == "" {
				require.Empty(t, problems)
				return
			}
			require.Equal(t, []string{test.want}, problems)
		})
	}
}

// Reading a scenario never fails otherwise than by problems, each with its file; what was read the schema takes, too, and it can be asked.
func FuzzParse(f *testing.F) {
	f.Add("name = \"x\"\nseed = 1\n[[rule]]\nname = \"r\"\nmatch.host = \"*\"\nwhen.attempt = \"1-2\"\nstatus = { code = 503, retry_after = \"30s\" }")
	f.Add("[delivery]\nkey = [[\"json:a\", \"body\"], \"query:x\"]\nignore = [\"a.b\"]\n[[rule]]\nname = \"r\"\nlatency = { delay = { from = \"0s\", to = \"1s\", over = \"1m\" } }")
	f.Add("[[rule]]\nname = \"r\"\nwhen = { daily = \"23:00-01:00 Europe/Berlin\", days = [\"mon\"], from = 2026-11-24 }\nrefuse = true")
	f.Add("[expect]\nbackoff = { shape = \"exponential\" }\nretry_after = { cap = \"1h\" }\n[expect.untouched]\ndelivered = 1")
	f.Add("tls.intercept = [\"auto\", \"a.test\"]\n[[gateway]]\nlisten = \"127.0.0.1:0\"\ntarget = \"http://a.test/b%2F/\"\n[proxy]\nallow = [\"10.0.0.0/8\"]")
	f.Add("repeat_phases = true\n[[phase]]\nname = \"p\"\nfor = \"5m\"\n[[rule]]\nname = \"r\"\nwhen = { phase = \"p\", times = { n = 1, per = \"phase\" } }\nclose = true")
	f.Add("rule = [1, {name = 2}]\n[proxy]\nlisten = 5")
	f.Add(everything)
	compiled := compileSchema(f)
	f.Fuzz(func(t *testing.T, text string) {
		s, problems := scenario.Parse("fuzz.toml", text, fstest.MapFS{})
		require.Equal(t, s == nil, len(problems) > 0)
		for _, p := range problems {
			require.True(t, strings.HasPrefix(p.Show(text), "fuzz.toml:"))
		}
		if s == nil {
			return
		}
		require.NoError(t, accepts(t, compiled, text))
		scenario.Warnings(s)
		scenario.Notes(s)
		for _, subj := range []*scenario.Subject{post(), post(unheld(-1)), connect("a.test")} {
			s.NeedsBody(subj)
			s.Webhook(subj)
			d := decide(s, subj, newCounts(), time.Minute)
			require.NotEmpty(t, d.Plan.Steps)
			if subj.Moment == scenario.Request {
				require.NotEmpty(t, decideAnswer(s, subj, 503, d, newCounts(), time.Minute).Plan.Steps)
			}
		}
	})
}
