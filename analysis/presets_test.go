package analysis_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/scenario"
)

// Every policy that [expect] may name is there, with its source and its date.
func TestPresets(t *testing.T) {
	names := make(map[string]bool)
	for _, p := range analysis.Presets() {
		require.NotNil(t, expect(t, `policy = "`+p.Name+`"`), p.Name)
		require.NotEmpty(t, p.Says, p.Name)
		require.NotEmpty(t, p.Source, p.Name)
		require.Equal(t, "November 2026", p.Date, p.Name)
		names[p.Name] = true
	}
	_, problems := scenario.Parse("made.toml", "[expect]\npolicy = \"mine\"", nil)
	require.Len(t, problems, 1)
	for name := range names {
		require.Contains(t, problems[0].Want, name)
	}
	require.Len(t, names, 10)
}

// A policy asks what its source says; one's own keys go before it.
func TestPolicyExpands(t *testing.T) {
	const published = "a 0s 503 5s 503 5m 503 30m 503 2h 503 5h 503 10h 503 14h 503 20h 503 24h 503\n"
	asked := func(keys, log string) []string {
		var all []string
		for _, c := range judgeMade(t, log, keys).Checks[6:] {
			all = append(all, c.Name+" "+string(c.Result))
		}
		return all
	}
	require.Equal(t, []string{
		"min_attempts pass", "max_attempts pass", "backoff pass", "retry_after inconclusive", "never_retry inconclusive", "always_retry inconclusive",
		"stops_endpoint inconclusive", "timeout inconclusive",
	}, asked(`policy = "standard-webhooks"`, published))
	require.Equal(t, []string{
		"min_attempts pass", "max_attempts fail", "backoff pass", "retry_after inconclusive", "never_retry inconclusive", "always_retry inconclusive",
		"stops_endpoint inconclusive", "timeout inconclusive",
	}, asked("policy = \"standard-webhooks\"\nmax_attempts = 3", published))
	require.Equal(t, []string{"min_attempts fail", "max_attempts pass", "backoff fail"}, asked(`policy = "celery-default"`, "a 0s 503 180s 503 10s 503"))
	require.Equal(t, []string{"min_attempts pass", "max_attempts pass", "backoff pass"}, asked(`policy = "celery-default"`, "a 0s 503 180s 503 180.4s 503 181s 503"))
	require.Equal(t, []string{"max_attempts pass", "timeout pass"}, asked(`policy = "github"`, "a 0s hang@10s"))
	require.Equal(t, []string{"max_attempts fail", "never_retry fail", "always_retry inconclusive", "max_time pass"}, asked(`policy = "twilio"`, "a 0s 500 1s 500 1s 200"))
	require.Equal(t, []string{"keeps_trying inconclusive", "backoff pass", "timeout inconclusive"},
		asked(`policy = "adyen"`, "a 0s 503 0.1s 503 0.1s 503 2m 503 5m 503 10m 503 15m 503 30m 503 1h 503 2h 503 4h 503 8h 503 8h 200"))
}
