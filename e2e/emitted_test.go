package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// oneFails fails the first attempt of each delivery.
const oneFails = `
name = "oneFails"
seed = 7
[delivery]
match.host = "%s"
key = "header:Webhook-Id"
[[rule]]
name = "one fails"
when.attempt = 1
status = 503
[expect]
delivered = "100%%"
`

// What dies in real Celery before it comes to the wire is named, key by key: a log cannot know of it, the file in which the application notes what it publishes does.
func TestEmittedKeysThatCeleryLoses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		doomed string // the task of the jobs that are lost
		lost   int
		// command runs in a shell that has enqueue, celery and worker.
		command string
		// during happens while the trial runs.
		during func(t *testing.T, celery harness.Celery)
		// after holds when the trial is over: what was lost was lost as it should have been.
		after func(t *testing.T, celery harness.Celery, trial *harness.Process)
	}{
		{
			name: "kill -9 of a worker's child", doomed: "stuck", lost: 1, command: `enqueue doomed; enqueue jobs; worker`,
			during: func(t *testing.T, celery harness.Celery) {
				require.NoError(t, syscall.Kill(celery.WaitForStuck(t).Pid, syscall.SIGKILL))
			},
			after: func(t *testing.T, _ harness.Celery, trial *harness.Process) {
				require.Contains(t, trial.Stderr(), "WorkerLostError")
			},
		},
		{
			name: "celery purge", doomed: "retrying", lost: 4, command: `enqueue doomed; celery purge -f; enqueue jobs; worker`,
			after: func(t *testing.T, _ harness.Celery, trial *harness.Process) {
				require.Contains(t, trial.Stderr(), "Purged 4 messages from 1 known task queue")
			},
		},
		{
			name: "soft time limit", doomed: "slow", lost: 2, command: `enqueue doomed; enqueue jobs; worker`,
			after: func(t *testing.T, celery harness.Celery, trial *harness.Process) {
				celery.WaitForEnds(t, 5)
				require.Contains(t, trial.Stderr(), "SoftTimeLimitExceeded")
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			celery, target := harness.NewCelery(t), harness.NewTarget(t, nil)
			dir := t.TempDir()
			jobs := func(file, task, prefix string, n int) (keys []string) {
				var all []harness.Job
				for i := range n {
					keys = append(keys, fmt.Sprintf("%s_%d", prefix, i))
					all = append(all, harness.Job{Task: task, URL: target.URL + "/hook", Event: keys[i]})
				}
				text, err := json.Marshal(all)
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(filepath.Join(dir, file), text, 0o600))
				return keys
			}
			lost := jobs("doomed", tt.doomed, "lost", tt.lost)
			jobs("jobs", "retrying", "wh", 3)
			scenario := filepath.Join(dir, "scenario.toml")
			require.NoError(t, os.WriteFile(scenario, fmt.Appendf(nil, oneFails, target.Host), 0o600))
			emitted := filepath.Join(dir, "emitted")

			cmd := exec.Command(binaries.Race, "trial", scenario, "--skip-baseline", "--log", filepath.Join(dir, "log"), "--emitted", emitted, "--expect", "3", "--",
				"sh", "-ec", inShell(dir, celery)+tt.command)
			cmd.Env = append(append(os.Environ(), celery.Env(t)...), "E2E_EMITTED="+emitted, "GORACE=atexit_sleep_ms=100")
			trial := harness.Run(t, "trial", cmd)
			if tt.during != nil {
				tt.during(t, celery)
			}
			harness.Until(t, "the trial to end", 2*harness.Patience, trial.Ended)

			require.Equal(t, 1, trial.ExitCode(t))
			require.Contains(t, trial.Stdout(), fmt.Sprintf("  emitted %d, attempted 3, delivered 3\n  %d never attempted (", 3+tt.lost, tt.lost))
			require.Contains(t, trial.Stdout(), "a time limit): "+strings.Join(lost, ", ")+"\n")
			tt.after(t, celery, trial)
		})
	}
}

// inShell are the commands enqueue FILE, celery COMMAND and worker, for a shell.
func inShell(dir string, celery harness.Celery) string {
	worker := celery.Worker()
	return fmt.Sprintf("enqueue() { /usr/bin/python3 testdata/enqueue.py <'%s'/\"$1\"; }\ncelery() { /usr/bin/python3 -m celery -A tasks \"$@\"; }\nworker() { exec %s; }\n", dir, strings.Join(worker, " "))
}
