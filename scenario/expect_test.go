package scenario_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// untouchedKeys are the keys that [expect] and [expect.untouched] share.
const untouchedKeys = "delivered, min_attempts, max_attempts, keeps_trying, survives, backoff, retry_after, " +
	"never_retry, always_retry, stops_endpoint, max_duplicates, after_lost_ack, stable_key, stable_body, max_amplification, max_herd, max_concurrency, max_rate, ordered, max_time, timeout"

// Every key of [expect] is read into its place.
func TestExpect(t *testing.T) {
	e := parse(t, `
		[expect]
		policy = "standard-webhooks"
		deliveries = 200
		delivered = "100%"
		min_attempts = 2
		max_attempts = 6
		keeps_trying = "3d"
		survives = "2m"
		backoff = { shape = "exponential", first = "1s", factor = 2, cap = "5m", jitter = "full", tolerance = "20%" }
		retry_after = { cap = "24h" }
		never_retry = [410, "3xx", "read_timeout"]
		always_retry = ["5xx", 429, "connect", "broken"]
		stops_endpoint = [410]
		max_duplicates = 0
		after_lost_ack = 1
		stable_key = true
		stable_body = true
		max_amplification = 3.0
		max_herd = 0.5
		max_concurrency = 4
		max_rate = 2.5
		ordered = true
		max_time = "10m"
		timeout = "15s-30s"
		time_scale = 60
		[expect.untouched]
		delivered = 1
		max_time = "1s"
		timeout = "10s"
	`).Expect
	whole, half, amplify, rate := 1.0, 0.5, 3.0, 2.5
	zero, one, two, four, six, deliveries := 0, 1, 2, 4, 6, 200
	second, twoMinutes, tenMinutes, threeDays := time.Second, 2*time.Minute, 10*time.Minute, 72*time.Hour

	require.Equal(t, "standard-webhooks", e.Policy)
	require.Equal(t, &deliveries, e.Deliveries)
	require.InDelta(t, 60, e.TimeScale, 0)
	require.Equal(t, scenario.Expectations{
		Delivered: &whole, MinAttempts: &two, MaxAttempts: &six, KeepsTrying: &threeDays, Survives: &twoMinutes,
		Backoff: &scenario.Backoff{
			Shape: "exponential", First: time.Second, Factor: 2, Cap: 5 * time.Minute, Jitter: "full", Tolerance: 0.2, Slack: 2 * time.Second,
		},
		RetryAfter: &scenario.RetryAfter{Cap: 24 * time.Hour},
		NeverRetry: []string{"410", "3xx", "read_timeout"}, AlwaysRetry: []string{"5xx", "429", "connect", "broken"}, StopsAt: []string{"410"},
		Duplicates: &zero, AfterLostAck: &one, StableKey: true, StableBody: true, Amplify: &amplify, Herd: &half, Concurrency: &four, Rate: &rate,
		Ordered: true, MaxTime: &tenMinutes, Timeout: &[2]time.Duration{15 * time.Second, 30 * time.Second},
	}, e.Expectations)
	require.Equal(t, &scenario.Expectations{Delivered: &whole, MaxTime: &second, Timeout: &[2]time.Duration{10 * time.Second, 10 * time.Second}}, e.Untouched)
}

// A policy's keys are asked where one's own are not given.
func TestExpectOverAPolicy(t *testing.T) {
	own := parse(t, "[expect]\nmax_attempts = 6\nnever_retry = [410]\ntimeout = \"10s\"").Expect.Expectations
	policy := parse(t, "[expect]\nmax_attempts = 3\nmin_attempts = 2\nalways_retry = [\"5xx\"]\nstable_key = true\nretry_after = true\nbackoff = { shape = \"constant\" }").Expect.Expectations
	want := parse(t, `
		[expect]
		max_attempts = 6
		min_attempts = 2
		never_retry = [410]
		always_retry = ["5xx"]
		stable_key = true
		retry_after = true
		backoff = { shape = "constant" }
		timeout = "10s"
	`).Expect.Expectations
	require.Equal(t, want, own.Over(policy))
	require.Equal(t, own, own.Over(scenario.Expectations{}))
	require.Equal(t, policy, scenario.Expectations{}.Over(policy))
}

func TestExpectSchedule(t *testing.T) {
	e := parse(t, "[expect]\nbackoff = { schedule = [\"5s\", \"5m\"], repeats = true, slack = \"0s\" }\nretry_after = true").Expect
	require.Equal(t, &scenario.Backoff{Schedule: []time.Duration{5 * time.Second, 5 * time.Minute}, Repeats: true}, e.Backoff)
	require.Equal(t, &scenario.RetryAfter{}, e.RetryAfter)
	require.Nil(t, parse(t, "expect.retry_after = false").Expect.RetryAfter)
}

func TestExpectProblems(t *testing.T) {
	for _, test := range []struct {
		text string
		want string
	}{
		{`policy = "mine"`, `expect.policy: unknown value, got "mine", want one of standard-webhooks, svix, stripe-like, shopify, adyen, github, twilio, hookdeck, celery-default, celery-recommended`},
		{`delivered = "all"`, `expect.delivered: not a share, got "all", want a share from 0 to 1 such as 0.1, or "10%"`},
		{`max_attemps = 6`, "expect.max_attemps: unknown key, want one of policy, time_scale, deliveries, untouched, " + untouchedKeys + "\n  hint: did you mean \"max_attempts\"?"},
		{`max_attempts = 0`, `expect.max_attempts: out of range, got 0, want a whole number from 1`},
		{`backoff = { first = "1s" }`, "expect.backoff: has neither a shape nor a schedule\n  hint: such as shape = \"exponential\""},
		{`backoff = { shape = "constant", schedule = ["1s"] }`, "expect.backoff.schedule: says the gaps that shape says, too\n  hint: leave one of them out"},
		{`backoff = { schedule = ["1s", 5] }`, `expect.backoff.schedule[1]: not a string, got 5, want a duration such as "30s"`},
		{`retry_after = "24h"`, `expect.retry_after: unknown value, got "24h", want true, false, or a table such as { cap = "24h" }`},
		{`never_retry = ["gone"]`, `expect.never_retry[0]: unknown value, got "gone", want statuses such as 410, classes such as "5xx", connect, read_timeout, broken`},
		{`stops_endpoint = ["connect"]`, `expect.stops_endpoint[0]: unknown value, got "connect", want statuses such as 410, classes such as "5xx"`},
		{`timeout = "30s-15s"`, `expect.timeout: not a duration, got "30s-15s", want a duration such as "10s", or a span such as "15s-30s"`},
		{`untouched = { policy = "svix" }`, "expect.untouched.policy: unknown key, want one of " + untouchedKeys},
	} {
		t.Run(test.text, func(t *testing.T) { require.Equal(t, []string{"2: " + test.want}, problemsOf("[expect]\n"+test.text)) })
	}
}
