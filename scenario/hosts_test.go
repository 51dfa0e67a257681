package scenario_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// Whatever the globs of hosts, a decision that looks up which rules to look at is the one that looks at all of them: decide compares the two.
func TestRulesByHost(t *testing.T) {
	globs := []string{
		"a.test", "a.test:80", "a.test:8443", "b.a.test", "*.a.test", "*.a.test:8443", "*.test", "*a.test", "*", "*:80", "*:8*", "a.*", "a.*:80", "*.b.*", ".test", "c.b.a.test",
		"[::1]", "[::1]:8443", "[::*", "[::*]:80", "[*:1*", "*.*.*.test", "**.a.test",
	}
	hosts := []string{"a.test", "a.test.", "b.a.test", "c.b.a.test", "d.c.b.a.test", "xa.test", "test", ".test", "::1", "::2", "z.example", "b.a.test."}
	r := rand.New(rand.NewPCG(5, 8))
	fired, matched := 0, 0
	for range 1000 {
		var text strings.Builder
		for i := range 1 + r.IntN(12) {
			fmt.Fprintf(&text, "[[rule]]\nname = \"r%d\"\n", i)
			var of []string
			for range r.IntN(4) {
				of = append(of, fmt.Sprintf("%q", globs[r.IntN(len(globs))]))
			}
			if len(of) > 0 {
				fmt.Fprintf(&text, "match.host = [%s]\n", strings.Join(of, ", "))
			}
			text.WriteString([]string{
				"latency = \"1s\"\n", "status = 503\nwhen.chance = 0.1\n", "when.every = 2\nlatency = \"1s\"\nlast = true\n", "match.response = 200\nreset = true\n",
				"refuse = true\nenabled = false\n", "pass = true\nwhen.nth = 3\n", "match.body = \"x\"\nclose = true\n",
			}[r.IntN(7)])
		}
		s, c := parse(t, text.String()), newCounts()
		for range 4 {
			subj := post(func(subj *scenario.Subject) {
				subj.Host, subj.Port = hosts[r.IntN(len(hosts))], []int{80, 8443, 443}[r.IntN(3)]
			})
			if r.IntN(3) == 0 {
				subj.Moment, subj.Placement = scenario.Connect, []scenario.Placement{scenario.Tunnel, scenario.Intercept}[r.IntN(2)]
				decide(s, subj, c, 0)
				continue
			}
			require.Equal(t, s.Explaining().NeedsBody(subj), s.NeedsBody(subj))
			require.Equal(t, s.Explaining().Upload(subj), s.Upload(subj))
			d := decide(s, subj, c, 0)
			then := decideAnswer(s, subj, 200, d, c, 0)
			fired, matched = fired+len(d.Fired)+len(then.Fired), matched+len(d.Matched)
		}
	}
	require.Greater(t, fired, 1000, "too little happens to show anything")
	require.Greater(t, matched, 3000)
}
