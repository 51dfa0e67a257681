package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// badDay is what the senders of TestVerdictOnCelery meet: each path in its own way.
const badDay = `
seed = 7

[delivery]
match.host = "%s"
key = "header:Webhook-Id"
try = "header:X-Webhook-Attempt"

[[rule]]
name = "for ever"
match.path = "/down"
status = 503

[[rule]]
name = "fails at first"
match.path = "/recovers"
when.attempt = "1-2"
status = 500

[[rule]]
name = "broken at first"
match.path = "/breaks"
when.attempt = 1
reset = true

[[rule]]
name = "hangs at first"
match.path = "/hangs"
when.attempt = 1
hang = true

[[rule]]
name = "told to wait"
match.path = "/limited"
when.attempt = 1
status = { code = 429, retry_after = "8s" }

[[rule]]
name = "gone"
match.path = "/gone"
status = 410

[expect]
delivered = "%s"
max_attempts = 4
never_retry = [410]
stable_key = true
timeout = "2s"
`

// verdict is what check --json prints, as far as it is asked about here.
type verdict struct {
	Verdict    string
	Attempts   int
	Deliveries struct{ Acknowledged, Lost, Open int }
	Checks     []struct{ Name, Result, Text string }
	Policy     policy
	Policies   []struct {
		Of string
		policy
	}
	Defects []struct{ Name string }
}

// policy is an inferred one. What is not told is zero.
type policy struct {
	Attempts   int
	Shape      string
	First      int `json:"first_ms"`
	Factor     float64
	Jitter     string
	Retries    map[string]bool
	RetryAfter string `json:"retry_after"`
	Timeout    int    `json:"timeout_ms"`
}

// results are the checks that were asked for, by name.
func (v verdict) results() map[string]string {
	results := make(map[string]string)
	for _, c := range v.Checks {
		if !strings.HasPrefix(c.Name, "V") {
			results[c.Name] = c.Result
		}
	}
	return results
}

// defects are their names without the numbers in them.
func (v verdict) defects() []string {
	names := []string{}
	for _, d := range v.Defects {
		name, _, _ := strings.Cut(d.Name, " after ")
		names = append(names, name)
	}
	return names
}

// check judges a log whose sender has ended, and returns the exit code.
func check(t *testing.T, log string) (verdict, int) {
	t.Helper()
	text, err := exec.Command(binaries.Race, "check", log, "--settle", "0s", "--json").Output()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		require.NoError(t, err)
	}
	var v verdict
	require.NoError(t, json.Unmarshal(text, &v), "%s", text)
	code := 0
	if failed != nil {
		code = failed.ExitCode()
	}
	return v, code
}

// onABadDay has real Celery workers send a day's webhooks by one task, and judges what they did.
func onABadDay(t *testing.T, task, delivered string) (verdict, int) {
	celery := harness.NewCelery(t)
	target := harness.NewTarget(t, nil)
	proxy := start(t, fmt.Sprintf(badDay, target.Host, delivered))
	celery.Start(t, "HTTP_PROXY="+proxy.URL, "NO_PROXY=", "no_proxy=")
	var jobs []harness.Job
	for _, kind := range []struct {
		path string
		n    int
	}{{"/well", 16}, {"/down", 10}, {"/recovers", 24}, {"/breaks", 6}, {"/limited", 5}, {"/gone", 3}, {"/hangs", 1}} {
		for i := range kind.n {
			jobs = append(jobs, harness.Job{Task: task, URL: target.URL + kind.path, Event: fmt.Sprintf("%s-%d", kind.path[1:], i)})
		}
	}
	celery.Enqueue(t, jobs)
	celery.WaitForEnds(t, len(jobs))
	proxy.Stop(t)
	return check(t, proxy.Log.Dir)
}

// Four real Celery senders with a backlog and two processes: what is said of each is so, and nothing else is said. They are run
// one after another and beside no other test: what is looked at is time, and the machine is to have some left.
func TestVerdictOnCelery(t *testing.T) {
	for _, test := range []struct {
		task, delivered string
		exit            int
		want            map[string]string
		defects         []string
		shape, jitter   string
		first, attempts int
		retries         map[string]bool
		retryAfter      string
		hidden          bool // its waits are behind a queue that lasts for most of the test: then they are not told, and nothing else in their place
	}{
		{
			task: "ignoring", delivered: "100%", exit: 1,
			want:    map[string]string{"delivered": "fail", "max_attempts": "pass", "never_retry": "pass", "stable_key": "inconclusive", "timeout": "pass"},
			defects: []string{"not retried"}, shape: "none", attempts: 1, retryAfter: "unknown",
			retries: map[string]bool{"410": false, "429": false, "500": false, "503": false, "broken": false, "read_timeout": false},
		},
		{
			task: "retrying", delivered: "50%", exit: 1,
			want:    map[string]string{"delivered": "pass", "max_attempts": "pass", "never_retry": "fail", "stable_key": "pass", "timeout": "pass"},
			defects: []string{"gives up", "retries a 410"}, shape: "exponential", jitter: "full", first: 1000, attempts: 4, retryAfter: "ignored",
			retries: map[string]bool{"410": true, "429": true, "500": true, "503": true, "broken": true, "read_timeout": true},
		},
		{ // the target sees all re-sends, and workers sleep between them; what is said of the policy is Celery's part
			task: "nested", delivered: "50%", exit: 1,
			want:    map[string]string{"delivered": "pass", "max_attempts": "fail", "never_retry": "fail", "stable_key": "pass", "timeout": "pass"},
			defects: []string{"gives up", "retries a 410"}, shape: "exponential", jitter: "full", first: 1000, attempts: 4, retryAfter: "unknown",
			retries: map[string]bool{"410": true, "500": true, "503": true, "broken": true}, hidden: true,
		},
		{
			task: "obedient", delivered: "40%", exit: 0,
			want:    map[string]string{"delivered": "pass", "max_attempts": "pass", "never_retry": "pass", "stable_key": "pass", "timeout": "pass"},
			defects: []string{"gives up"}, shape: "constant", jitter: "none", first: 1000, attempts: 4, retryAfter: "obeyed",
			retries: map[string]bool{"410": false, "429": true, "500": true, "503": true},
		},
	} {
		t.Run(test.task, func(t *testing.T) {
			v, code := onABadDay(t, test.task, test.delivered)
			if v.Policy.Shape == "" && !test.hidden {
				t.Log("the machine was too busy for the waits to show: once more")
				v, code = onABadDay(t, test.task, test.delivered)
			}
			require.Equal(t, test.want, v.results(), "%+v", v.Checks)
			require.Equal(t, test.exit, code)
			require.Equal(t, test.defects, v.defects())
			p := v.Policy
			t.Logf("policy: %+v", p)
			require.Empty(t, v.Policies, "it is one sender")
			if told := p.Shape + p.Jitter; told != "" || !test.hidden {
				require.Equal(t, test.shape+test.jitter, told)
				require.InDelta(t, test.first, p.First, 0.25*float64(test.first)) // a busy machine's worker is late
			}
			require.Equal(t, test.attempts, p.Attempts)
			require.Equal(t, test.retryAfter, p.RetryAfter)
			for how, retried := range test.retries {
				require.Equal(t, retried, p.Retries[how], how)
			}
			require.InDelta(t, 2000, p.Timeout, 100)
		})
	}
}
