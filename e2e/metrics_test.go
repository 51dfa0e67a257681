package e2e

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// What Prometheus scrapes is well formed, and says what the log says.
func TestMetricsOfARunningProxy(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, nil)
	proxy := start(t, `
[delivery]
match.host = "127.0.0.1"
key = "header:Webhook-Id"

[[rule]]
name = "first attempt fails"
when.attempt = 1
latency = "20ms"
status = 503

[[rule]]
name = "never fires"
match.path = "/elsewhere"
reset = true
`)
	sender := newSender(t, proxy)
	for i := range 10 {
		for range 2 {
			sender.result(target.URL+"/hook", fmt.Sprintf("wh_%d", i))
		}
	}
	proxy.Log.WaitFor(t, "attempt", 20)

	status, text := get(t, proxy.Admin+"/metrics")
	require.Equal(t, 200, status)
	for _, want := range []string{
		fmt.Sprintf(`faultline_attempts_total{host=%q,outcome="acknowledged",placement="forward"} 10`, target.Host),
		fmt.Sprintf(`faultline_attempts_total{host=%q,outcome="rejected",placement="forward"} 10`, target.Host),
		fmt.Sprintf(`faultline_answers_total{code="503",host=%q} 10`, target.Host),
		`faultline_faults_total{fault="status",rule="first attempt fails"} 10`,
		`faultline_faults_total{fault="latency",rule="first attempt fails"} 10`,
		`faultline_faults_total{fault="reset",rule="never fires"} 0`,
		fmt.Sprintf(`faultline_attempt_duration_seconds_count{host=%q} 20`, target.Host),
		fmt.Sprintf(`faultline_deliveries_total{host=%q,result="acknowledged"} 10`, target.Host),
		fmt.Sprintf(`faultline_retry_gap_seconds_count{host=%q} 10`, target.Host),
		`faultline_log_lost_records_total 0`,
		`faultline_attempts_in_flight`,
		`faultline_scenario_info{`,
		`faultline_build_info{`,
		`go_goroutines`,
		`process_resident_memory_bytes`,
	} {
		require.Contains(t, text, want)
	}
	requirePromtoolClean(t, text)
}

// requirePromtoolClean runs promtool check metrics, which must have nothing to say.
func requirePromtoolClean(t *testing.T, metrics string) {
	t.Helper()
	cmd := exec.Command("promtool", "check", "metrics")
	cmd.Stdin = strings.NewReader(metrics)
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "promtool: %s", said)
	require.Empty(t, string(said))
}

func TestHealthOfARunningProxy(t *testing.T) {
	t.Parallel()
	proxy := start(t, "")
	for _, path := range []string{"/healthz", "/readyz"} {
		status, _ := get(t, proxy.Admin+path)
		require.Equal(t, 200, status, path)
	}
}
