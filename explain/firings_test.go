package explain_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/explain"
)

func TestFirings(t *testing.T) {
	const two = "[[rule]]\nname = \"a\"\nwhen.attempt = 1\nstatus = 503\n[[rule]]\nname = \"b\"\nwhen.attempt = 2\nreset = true\n" +
		"[[rule]]\nname = \"off\"\nenabled = false\nreset = true"
	many := func(fired ...string) []any {
		records := []any{run(two)}
		for i := range 8 {
			records = append(records, with(other(string(rune('a'+i)), i, fired...), func(*deliveries.Attempt) {}))
		}
		return records
	}
	for _, test := range []struct {
		name string
		log  explain.Log
		want []explain.Firings
	}{
		{"all have fired: nothing is decided again", logOf(run(two), attempt(1, 1, "a"), attempt(2, 2, "b")), []explain.Firings{{"a", 1, 0}, {"b", 1, 0}}},
		{"one should have", logOf(many()...), []explain.Firings{{"a", 0, explain.EnoughFirings}, {"b", 0, 0}}},
		{"one had no occasion", logOf(many("a")...), []explain.Firings{{"a", 8, explain.EnoughFirings}, {"b", 0, 0}}},
		{"a fault at connect is a firing", logOf(run(two), &deliveries.Connect{Rules: []string{"a", "b"}}), []explain.Firings{{"a", 1, 0}, {"b", 1, 0}}},
		{"a line that cannot be read", logOf(run(two), &deliveries.BadLine{File: "f", Line: 1, Err: errors.New("torn")}, attempt(1, 1, "a"), attempt(2, 2, "b")),
			[]explain.Firings{{"a", 1, 0}, {"b", 1, 0}}},
		{"an operator has left it out, or switched faults off", logOf(run(two),
			changed(1, 0, deliveries.ChangedRule, func(c *deliveries.Change) { c.Revision, c.Rule, c.On = 2, "a", new(bool) }),
			decided(other("d2", 1), 2, 2), decided(other("d3", 1), 1), decided(attempt(2, 2, "b"), 2, 3)), []explain.Firings{{"a", 0, 0}, {"b", 1, 1}}},
		{"no scenario", logOf(attempt(1, 1)), []explain.Firings{}},
		{"a scenario that cannot be read", logOf(run("[[rule]]\nname = 1"), attempt(1, 1)), []explain.Firings{}},
		{"two runs under one scenario", logOf(run(two), attempt(1, 1, "a"), run(two, func(r *deliveries.Run) { r.Run = "run-2" }), attempt(2, 2, "b")),
			[]explain.Firings{{"a", 1, 0}, {"b", 1, 0}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := firingsOf(test.log, test.log)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
	_, err := firingsOf(logOf(run(two)), logOf(errors.New("disk gone")))
	require.EqualError(t, err, "count firings: disk gone")
}

func TestNewestScenario(t *testing.T) {
	old := run("name = \"old\"")
	young := run("name = \"young\"", func(r *deliveries.Run) { r.Start = noon.Add(time.Minute) })
	bare := run("", func(r *deliveries.Run) { r.Start = noon.Add(time.Hour) })
	text, label := explain.Newest([]*deliveries.Run{young, bare, old})
	require.Equal(t, "name = \"young\" test@000000000000", text+" "+label)
	text, label = explain.Newest([]*deliveries.Run{bare})
	require.Equal(t, "", text+label)

	rules, err := explain.Parse(label+"x@1", "[[rule]]\nname = \"a\"\nstatus = { code = 500, body_file = \"anything.json\" }")
	require.NoError(t, err)
	require.Len(t, rules.Rules, 1)
	_, err = explain.Parse("x@1", "[[rule]]")
	require.ErrorContains(t, err, "read the scenario in the log: x.toml:1: ")
}

// firingsOf counts those of a log, which is another one when it is read again.
func firingsOf(log, again explain.Log) ([]explain.Firings, error) {
	var count explain.FiringCount
	for record := range log() {
		count.Add(record)
	}
	return count.Firings(again)
}
