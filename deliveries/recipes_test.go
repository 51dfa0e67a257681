package deliveries

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// recipe is a question to a log, as a shell answers it with jq, and what it says of the example.
type recipe struct{ Title, Command, Output string }

func recipes() []recipe {
	return []recipe{
		{
			Title:   "What became of the attempts, by host, as they were first recorded:",
			Command: `jq -r 'select(.event == "attempt") | .host + " " + .outcome' faultline-log/*.jsonl | sort | uniq -c | sed 's/^ *//'`,
			Output: "2 hooks.example.com acknowledged\n" +
				"1 hooks.example.com rejected\n" +
				"1 hooks.example.com unanswered\n",
		},
		{
			Title: "One delivery on a time line:",
			Command: `jq -r 'select(.event == "attempt" and .key == "wh_2f9")
  | [.start, .attempt, .outcome, .answer.status, (.rules | join(","))] | @tsv' faultline-log/*.jsonl`,
			Output: "2026-11-24T01:53:52.000000000Z\t1\trejected\t503\toutage\n" +
				"2026-11-24T01:54:22.000000000Z\t2\tacknowledged\t200\t\n",
		},
		{
			Title: "Keys that a target has answered with success more than once, in several attempts or as copies of one:",
			Command: `jq -r 'select(.event == "attempt") | .key as $key | .delivered, .copies[]?.delivered
  | select(.) | $key' faultline-log/*.jsonl | sort | uniq -d`,
			Output: "wh_9b0\n",
		},
		{
			Title: "Deliveries that no sender has seen acknowledged, with the number of their attempts and how the last ended. An `amend` line has the last word\n" +
				"about its attempt. (`-s` holds the whole log in memory.)",
			Command: `jq -rs '(map(select(.event == "amend")) | INDEX(.id)) as $amended
  | map(select(.event == "attempt") | .outcome = ($amended[.id].outcome // .outcome))
  | group_by(.delivery)[] | select(all(.outcome != "acknowledged"))
  | [.[0].key, length, .[-1].outcome] | @tsv' faultline-log/*.jsonl`,
			Output: "wh_9b0\t1\tbroken\n" +
				"wh_71c\t1\tunanswered\n",
		},
	}
}

// TestRecipes runs what docs/log.md tells a reader to run, in a folder with the example log.
func TestRecipes(t *testing.T) {
	_, err := exec.LookPath("jq")
	require.NoError(t, err, "jq is missing: scripts/install-test-tools.sh installs it")
	folder := t.TempDir()
	writeExample(t, filepath.Join(folder, "faultline-log"))
	for _, r := range recipes() {
		t.Run(r.Title, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "sh", "-c", r.Command)
			cmd.Dir = folder
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, string(out))
			require.Equal(t, r.Output, string(out))
		})
	}
}
