package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// trialScenario fails the first two attempts of each delivery.
const trialScenario = `
name = "outage"
seed = 7
[delivery]
match.host = "%s"
key = "header:Webhook-Id"
[[rule]]
name = "two fail"
when.attempt = "1-2"
status = 503
[expect]
delivered = "100%%"
`

// trialOf runs faultline trial over a worker whose queue has these jobs, each time anew, and gives what it printed and its exit code.
func trialOf(t *testing.T, celery harness.Celery, target *harness.Target, jobs []harness.Job, flags ...string) (stdout, stderr string, code int) {
	t.Helper()
	dir := t.TempDir()
	queue, err := json.Marshal(jobs)
	require.NoError(t, err)
	scenario := filepath.Join(dir, "outage.toml")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "jobs.json"), queue, 0o600))
	require.NoError(t, os.WriteFile(scenario, fmt.Appendf(nil, trialScenario, target.Host), 0o600))
	args := append([]string{"trial", scenario, "--log", filepath.Join(dir, "log"), "--expect", fmt.Sprint(len(jobs))}, flags...)
	args = append(args, "--", "sh", "-c", `/usr/bin/python3 testdata/enqueue.py <"$0" && exec "$@"`, filepath.Join(dir, "jobs.json"))
	cmd := exec.Command(binaries.Race, append(args, celery.Worker()...)...)
	cmd.Env = append(os.Environ(), celery.Env(t)...)
	var out, said strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &said
	err = cmd.Run()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		code, err = failed.ExitCode(), nil
	}
	require.NoError(t, err)
	t.Logf("%s\n%s", out.String(), said.String())
	return out.String(), said.String(), code
}

// A trial of three real Celery senders: a worker that never ends by itself is ended when all is settled, once without faults and once with, and the cause of what was
// lost is named.
func TestTrialOfCelery(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		task string
		code int
		says []string
	}{
		{"ignoring", 1, []string{"FAIL  0 of 8 deliveries arrived, 8 lost", "not retried after a non-200 answer"}},
		{"retrying", 0, []string{"PASS  8 of 8 deliveries arrived"}},
		{"obedient", 0, []string{"PASS  8 of 8 deliveries arrived"}},
	} {
		t.Run(test.task, func(t *testing.T) {
			t.Parallel()
			celery, target := harness.NewCelery(t), harness.NewTarget(t, nil)
			var jobs []harness.Job
			for i := range 8 {
				jobs = append(jobs, harness.Job{Task: test.task, URL: target.URL + "/hook", Event: fmt.Sprintf("wh_%d", i)})
			}
			stdout, stderr, code := trialOf(t, celery, target, jobs, "--settle", "15s")
			require.Equal(t, test.code, code)
			require.Contains(t, stderr, "baseline: 8 deliveries acknowledged in 8 attempts")
			for _, says := range test.says {
				require.Contains(t, stdout, says)
			}
		})
	}
}
