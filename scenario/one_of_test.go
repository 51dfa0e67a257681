package scenario_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// Each alternative is picked as often as its weight says, by the seed, and brings its own faults.
func TestOneOf(t *testing.T) {
	s := parse(t, `
		seed = 42
		[[rule]]
		name = "r"
		one_of = [{ weight = 3, status = 500 }, { reset = true }, { weight = 4, latency = "1s" }]
		[[rule]]
		name = "below"
		status = 418
	`)
	plans := func() map[string]int {
		c, seen := newCounts(), map[string]int{}
		for n := range 4000 {
			subj := post(func(subj *scenario.Subject) { subj.Key = fmt.Sprint(n) })
			d := decide(s, subj, c, 0)
			require.Len(t, d.Fired[0].Faults, 1)
			seen[said(d.Plan)+" by "+d.Fired[0].Faults[0]]++
		}
		return seen
	}
	first := plans()
	require.Len(t, first, 3)
	require.InEpsilon(t, 1500, first["answer 500 by status"], 0.1)
	require.InEpsilon(t, 500, first["reset by reset"], 0.2)
	require.InEpsilon(t, 2000, first["wait 1s, answer 418 by latency"], 0.1)
	require.Equal(t, first, plans())
}

func TestOneOfAsksForTheDelivery(t *testing.T) {
	s := parse(t, "[[rule]]\nname = \"r\"\none_of = [{ status = 500 }, { reset = true }]")
	require.True(t, s.NeedsBody(post(header("X", "y"), unheld(5))))
	require.False(t, s.NeedsBody(post(unheld(5))))
}

// At connect an alternative is picked by arrival, when all of them act there.
func TestOneOfAtConnect(t *testing.T) {
	s := parse(t, "seed = 1\n[[rule]]\nname = \"r\"\none_of = [{ refuse = true }, { refuse = { code = 502 } }]")
	c, seen := newCounts(), map[string]bool{}
	for range 64 {
		seen[said(decide(s, connect("a.test"), c, 0).Plan)] = true
	}
	require.Equal(t, map[string]bool{"reset": true, "answer 502": true}, seen)

	s = parse(t, "[[rule]]\nname = \"r\"\none_of = [{ refuse = true }, { status = 500 }]")
	require.Equal(t, 1, decide(s, connect("a.test"), newCounts(), 0).Unseen)
}

func TestOneOfProblems(t *testing.T) {
	for _, test := range []struct {
		name, keys string
		want       string
	}{
		{"none", `one_of = []`, `3: rule[0].one_of: not a list of alternatives, got [], want a list of tables, each with a fault and a weight`},
		{"a table", `one_of = { status = 500 }`,
			`3: rule[0].one_of: not a list of alternatives, got a table with status, want a list of tables, each with a fault and a weight`},
		{"without a fault", `one_of = [{ weight = 3 }]`, "3: rule[0].one_of[0]: alternative without a fault, got a table with weight, want a fault such as status = 503"},
		{"weight 0", `one_of = [{ weight = 0, status = 500 }]`,
			`3: rule[0].one_of[0].weight: out of range, got 0, want a whole number from 1 to 1000000`},
		{"two terminal faults", `one_of = [{ status = 500, reset = true }]`,
			"3: rule[0].one_of[0].reset: is a second terminal fault beside status, got true, want one terminal fault\n  hint: an attempt ends once: make it two rules"},
		{"beside a fault", "one_of = [{ status = 500 }]\nlatency = \"1s\"",
			"3: rule[0].one_of: stands in place of a fault, and the rule has latency, got a list, want one of the two\n  hint: make it two rules, or put it into each of the alternatives"},
		{"deliver_first without a terminal fault", "deliver_first = true\none_of = [{ latency = \"1s\" }]",
			"3: rule[0].deliver_first: needs a terminal fault to show after the delivery, got true, want a fault such as reset = true"},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, []string{test.want}, problemsOf("[[rule]]\nname = \"r\"\n"+test.keys))
		})
	}
}
