package scenario_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/scenario"
)

// fourRules are read to their end at the attempt that post makes, and the last one fires.
const fourRules = `
	seed = 7
	[delivery]
	match.host = ["hooks.example.com", "*.partner.test"]
	[[rule]]
	name = "health checks are left alone"
	match.path = "/health"
	pass = true
	[[rule]]
	name = "slow on a bad day"
	match.host = ["*.partner.test", "other.test:8443"]
	when.chance = "10%"
	latency = { delay = "800ms", jitter = "200ms" }
	[[rule]]
	name = "seldom"
	match.host = "hooks.example.com"
	match.header.Webhook-Id = "wh_*"
	when.chance = "0.1%"
	close = true
	[[rule]]
	name = "first two attempts fail"
	match.host = "hooks.example.com"
	when.attempt = "1-2"
	status = { code = 503, retry_after = "30s" }
`

// manyRules are so many rules for other hosts, some by a glob, with one for post's in their midst.
func manyRules(n int) string {
	var b strings.Builder
	b.WriteString("seed = 7\n")
	for i := range n {
		host := fmt.Sprintf("h%d.test", i)
		switch {
		case i == n/2:
			host = "hooks.example.com"
		case i%3 == 0:
			host = fmt.Sprintf("*.p%d.test", i)
		case i%3 == 1:
			host += ":8443"
		}
		fmt.Fprintf(&b, "[[rule]]\nname = \"rule %d\"\nmatch.host = %q\nstatus = 503\n", i, host)
	}
	return b.String()
}

// decideOnce takes a decision as the proxy does, and counts it.
func decideOnce(s *scenario.Scenario, subj *scenario.Subject, table *counters.Table) (d scenario.Decision) {
	if !s.Webhook(subj) || s.NeedsBody(subj) {
		panic("no attempt of the benchmark's")
	}
	matching := s.Matching(subj)
	table.Do(func(tx *counters.Tx) {
		d = s.Decide(subj, matching, tx, scenario.Instant{Now: noon, Start: noon})
		d.Count(tx, noon)
	})
	return d
}

// What a decision allocates is bounded, and does not grow with rules for other hosts. Who makes it allocate more finds out here.
func TestDecisionAllocates(t *testing.T) {
	for _, test := range []struct {
		name, text string
		most       float64
	}{
		{"a rule fires", fourRules, 13},
		{"none does", "[[rule]]\nname = \"a\"\nmatch.path = \"/x\"\nclose = true\n[[rule]]\nname = \"b\"\nwhen.attempt = 2\nclose = true", 4},
		{"of 10, for other hosts", manyRules(10), 13},
		{"of 1000", manyRules(1000), 13},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, subj, table := parse(t, test.text), post(), counters.New(counters.Config{})
			require.LessOrEqual(t, testing.AllocsPerRun(100, func() { decideOnce(s, subj, table) }), test.most)
		})
	}
}

func BenchmarkDecide(b *testing.B) {
	for _, bench := range []struct{ name, text string }{
		{"4 rules", fourRules}, {"10 hosts", manyRules(10)}, {"1000 hosts", manyRules(1000)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			s, subj, table := parse(b, bench.text), post(), counters.New(counters.Config{})
			b.ReportAllocs()
			for b.Loop() {
				decideOnce(s, subj, table)
			}
		})
	}
}
