package analysis_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
)

// THE table of what is said of a delivery and of a sender: each with a log that says it, and one beside it that does not.
func TestBothWays(t *testing.T) {
	said := func(log string) []string {
		return everythingSaid(analysis.Judge(logOf(makeLog(t, log)), analysis.Question{}), t, log)
	}
	const silent = "\n.other 100h"
	table := []struct{ what, with, without string }{
		{"state acknowledged", "a 0s 200", "a 0s 503"},
		{"state open", "a 0s 503\n.other 100s", "a 0s 503" + silent},
		{"state lost", "a 0s 503" + silent, "a 0s 503\n.other 100s"},
		{"reason never_retried", "a 0s 503" + silent, "a 0s 503 1s 503" + silent},
		{"reason gave_up", "a 0s 503 1s 503" + silent, "a 0s 503" + silent},
		{"flag duplicated", "a 0s hidden 1s 200", "a 0s 503 1s 200"},
		{"flag retried_after_ack", "a 0s 200 1s 200", "a 0s 200@2s -1s 200"},
		{"flag false_success", "a 0s 200~", "a 0s hidden 1s 200~"},
		{"flag maybe_delivered", "a 0s maybe", "a 0s maybe 1s 200"},
		{"flag replayed", "a bodies=full 0s 503\na replay=a0001 60s 200", "a bodies=full 0s 503\na replay=a0001 60s 503"},
		{"overlapping", "a 0s hang@10s -2s 200", "a 0s hang@10s 2s 200"},
		{"several policies", failingAt("a.test", 10, "503 5s 503 5s 503 5s 200") + failingAt("b.test", 10, "503 1s 503 2s 503 4s 200"),
			failingAt("a.test", 10, "503 5s 503 5s 503 5s 200") + failingAt("b.test", 10, "503 5s 503 5.2s 503 5.1s 200")},

		{"not retried after a non-200 answer", failing(3, "reset 1s 500") + silent, failing(3, "reset 1s 404") + silent},
		{"gives up", failing(3, "503 1s 503 2s 503 4s 503") + silent, failing(3, "503 1s 503 20m 503 2h 503") + silent},
		{"retries a 410", "a 0s 410 1s 200", "a 0s 410\nb 5s 200"},
		{"retries at once", failing(3, "503 2ms 503 1ms 503 3ms 200"), failing(3, "503 2ms 503 500ms 503 3ms 200")},
		{"retries in step", together(24, "503 8s 200"), jittering(24)},
		{"retries what was acknowledged", "a 0s 200 60s 200", "a 0s 200\na body=another-event-of-the-claim 60s 200"},
		{"cap over the visibility timeout", "a 0s 503 2h 503@2s -1s 503 1s 200", "a 0s 503 2h 503@2s 1s 503 1s 200"},
		{"no timeout", "a 0s held@600s 5s 200", "a 0s hang@600s 5s 200"},
		{"changes the key", "a1 body=first-event-text 0s 503\na2 body=first-event-text 1s 503\na3 body=first-event-text 2s 200",
			"a1 body=first-event-text 0s 200\na2 body=first-event-text 1s 503\na3 body=first-event-text 2s 200"},
		{"target was down", "a 0s down 1s 200", "a 0s 503! 1s 200"},

		{"V1", "a 0s 200\n.gap 5s", "a 0s 200"},
		{"V2", "a 0s 200", "a 0s 503 1s 200"}, // the question of TestBothWays has a rule that fires at faults
		{"V3", "a 0s 503! 1s 200", "a 0s 404! 1s 200"},
		{"V4", "a 0s 503\n.other 100s", "a 0s 503" + silent},
		{"V5", "a key_from=body 0s 503\nb key_from=body 5s 200" + silent, "a 0s 503\nb 5s 200" + silent},
		{"V6", "a 0s 503 1s 200\n.connect 5s", "a 0s 503 1s 200"},
	}
	for _, tt := range table {
		t.Run(tt.what, func(t *testing.T) {
			require.Contains(t, said(tt.with), tt.what)
			require.NotContains(t, said(tt.without), tt.what)
		})
	}
	t.Run("nothing is left out", func(t *testing.T) {
		var all []string
		for _, tt := range table {
			all = append(all, tt.what)
		}
		for _, name := range analysis.DefectNames() {
			require.Contains(t, all, name)
		}
		for _, c := range analysis.Judge(logOf(nil), analysis.Question{}).Checks {
			require.Contains(t, all, c.Name)
		}
	})
}

// everythingSaid is what a report and the stories say, by the names of the table. A check of validity is said when it does not hold.
func everythingSaid(r *analysis.Report, t *testing.T, log string) (all []string) {
	for _, s := range analysis.Stories(logOf(makeLog(t, log)), analysis.Question{}) {
		said := s.JSON()
		all = append(all, "state "+string(said.State))
		if said.Reason != "" {
			all = append(all, "reason "+string(said.Reason))
		}
		for _, flag := range said.Flags {
			all = append(all, "flag "+flag)
		}
	}
	if r.Overlapping > 0 {
		all = append(all, "overlapping")
	}
	if len(r.Policies) > 1 {
		all = append(all, "several policies")
	}
	for _, d := range r.Defects {
		i := slices.IndexFunc(analysis.DefectNames(), func(name string) bool { return strings.HasPrefix(d.Name, name) })
		require.GreaterOrEqual(t, i, 0, d.Name)
		all = append(all, analysis.DefectNames()[i])
	}
	faulted := 0
	for _, f := range r.Faults {
		faulted += f.Attempts
	}
	rules := []analysis.RuleFirings{{Rule: "rule", Fired: faulted}}
	for _, c := range analysis.Judge(logOf(makeLog(t, log)), analysis.Question{Rules: rules}).Checks {
		if c.Result != analysis.Pass {
			all = append(all, c.Name)
		}
	}
	return all
}

// failingAt is failing, at a host.
func failingAt(host string, n int, course string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s-%d host=%s %s %s\n", host, i, host, time.Duration(i)*time.Minute, course)
	}
	return b.String()
}
