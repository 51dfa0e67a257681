package proxy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

// TestChangesAreLogged: what an operator changes is in the log, numbered together with the decisions, and attempts say by which revision they were decided.
func TestChangesAreLogged(t *testing.T) {
	const text = "name = \"one\"\n[[phase]]\nname = \"fine\"\nfor = \"1h\"\n[[phase]]\nname = \"outage\"\n[[rule]]\nname = \"x\"\nwhen.times = 9\nstatus = 503\n" +
		"[[rule]]\nname = \"y\"\nmatch.response = \"2xx\"\nstatus = 500"
	p := start(t, text)
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	ask := func(want, revision int, decided ...uint64) {
		t.Helper()
		had := len(attempts(p.journal))
		status, _ := p.one(t, wiretest.Post(target.Address(), "/hook", "x"))
		require.Equal(t, want, status)
		a := p.journal.attempts(t, had+1)[had]
		require.Equal(t, revision, a.Revision)
		require.Len(t, a.Decided, len(decided))
		for i, order := range decided {
			require.Equal(t, order, a.Decided[i].Order)
			require.Positive(t, a.Decided[i].MS)
		}
	}
	ask(503, 1, 1)
	rules, known := p.EnableRule("x", false) // 2
	require.True(t, known)
	require.False(t, rules.Rules[0].Enabled)
	ask(500, 2, 3, 4)
	_, known = p.EnableRule("nobody", true)
	require.False(t, known)
	require.True(t, p.JumpTo("outage")) // 5
	require.False(t, p.JumpTo("nowhere"))
	p.RestartClock() // 6
	p.LiftFaults()   // 7
	p.LiftFaults()   // they are off
	ask(200, 2)
	p.RestoreFaults() // 8
	p.RestoreFaults()
	p.Reload(revision(t, "name = \"two\"")) // 9
	ask(200, 3, 10)

	on, off := true, false
	want := []deliveries.Change{
		{Order: 2, What: deliveries.ChangedRule, Revision: 2, Rule: "x", On: &off},
		{Order: 5, What: deliveries.ChangedPhase, Phase: "outage"},
		{Order: 6, What: deliveries.ChangedClock},
		{Order: 7, What: deliveries.ChangedFaults, On: &off},
		{Order: 8, What: deliveries.ChangedFaults, On: &on},
		{Order: 9, What: deliveries.ChangedScenario, Revision: 3},
	}
	for i, change := range wait[*deliveries.Change](t, p.journal, len(want)) {
		got := *change
		require.False(t, got.Start.IsZero())
		if got.What == deliveries.ChangedScenario {
			require.Contains(t, got.Scenario, "two@")
			got.Scenario = ""
		}
		got.Start = want[i].Start
		require.Equal(t, want[i], got)
	}
}
