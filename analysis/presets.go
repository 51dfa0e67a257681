package analysis

import (
	"slices"
	"time"

	"github.com/faultline/faultline/scenario"
)

// Preset is a published retry policy, as [expect] policy names it. What its source does not state is left out.
type Preset struct {
	Name   string
	Says   string // the policy in words
	Source string // who says so, and where
	Date   string // when that was looked up
	scenario.Expectations
}

// Presets are THE published policies, in the order of [expect] policy.
func Presets() []Preset {
	const date = "November 2026"
	hours := func(n ...float64) []time.Duration {
		var all []time.Duration
		for _, h := range n {
			all = append(all, time.Duration(h*float64(time.Hour)))
		}
		return all
	}
	const m = 1.0 / 60
	soon := []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute}
	return []Preset{
		{
			Name:   "standard-webhooks",
			Says:   "10 attempts: at once, then 5s, 5m, 30m, 2h, 5h, 10h, 14h, 20h, 24h later, with jitter; 3xx fails, 410 disables the endpoint; Retry-After; timeout 15 to 30 s",
			Source: "Standard Webhooks specification, its own text (standardwebhooks.com)", Date: date,
			Expectations: scenario.Expectations{
				MinAttempts: of(10), MaxAttempts: of(10), Backoff: schedule(JitterSome, false, slices.Concat(soon, hours(2, 5, 10, 14, 20, 24))...),
				RetryAfter: &scenario.RetryAfter{}, AlwaysRetry: []string{"3xx"}, NeverRetry: []string{"410"}, StopsAt: []string{"410"},
				Timeout: &[2]time.Duration{15 * time.Second, 30 * time.Second},
			},
		},
		{
			Name: "svix", Says: "8 attempts: at once, then 5s, 5m, 30m, 2h, 5h, 10h, 10h later; any status but 2xx fails; timeout 15 s",
			Source: "Svix, its own page (docs.svix.com/retries)", Date: date,
			Expectations: scenario.Expectations{
				MinAttempts: of(8), MaxAttempts: of(8), Backoff: schedule(JitterNone, false, slices.Concat(soon, hours(2, 5, 10, 10))...),
				AlwaysRetry: []string{"3xx", "4xx", "5xx"}, Timeout: exactly(15 * time.Second),
			},
		},
		{
			Name: "stripe-like", Says: "for 3 days, exponential; the intervals are not stated",
			Source: "a third party that quotes Stripe's documentation", Date: date,
			Expectations: scenario.Expectations{KeepsTrying: of(72 * time.Hour), Backoff: growingBackoff()},
		},
		{
			Name: "shopify", Says: "8 retries in 4 hours, exponential; timeout 5 s; then the subscription is removed",
			Source: "Shopify, its changelog of September 2024 (shopify.dev/changelog), and a third party for the timeout", Date: date,
			Expectations: scenario.Expectations{MinAttempts: of(9), MaxAttempts: of(9), Backoff: growingBackoff(), Timeout: exactly(5 * time.Second)},
		},
		{
			Name: "adyen", Says: "3 quick ones, then 2, 5, 10, 15, 30 m, 1, 2, 4, 8 h later, and every 8 h for 30 days; a queue per endpoint; timeout 10 s",
			Source: "Adyen, its own page (docs.adyen.com/development-resources/webhooks/troubleshoot)", Date: date,
			Expectations: scenario.Expectations{
				KeepsTrying: of(30 * 24 * time.Hour), Timeout: exactly(10 * time.Second),
				Backoff: schedule(JitterNone, true, slices.Concat(make([]time.Duration, 2), hours(2*m, 5*m, 10*m, 15*m, 30*m, 1, 2, 4, 8))...),
			},
		},
		{
			Name: "github", Says: "no automatic retry; timeout 10 s",
			Source: "GitHub, its own page (docs.github.com/webhooks/using-webhooks/handling-failed-webhook-deliveries)", Date: date,
			Expectations: scenario.Expectations{MaxAttempts: of(1), Timeout: exactly(10 * time.Second)},
		},
		{
			Name: "twilio", Says: "one retry, after a failed connection alone; 15 s in all",
			Source: "Twilio, its own page (twilio.com/docs/usage/webhooks/webhooks-connection-overrides)", Date: date,
			Expectations: scenario.Expectations{MaxAttempts: of(2), AlwaysRetry: []string{"connect"}, NeverRetry: []string{"3xx", "4xx", "5xx"}, MaxTime: of(15 * time.Second)},
		},
		{
			Name: "hookdeck", Says: "up to 50 attempts, constant or doubling; the intervals are the user's",
			Source: "Hookdeck, its own page (hookdeck.com/docs/retries)", Date: date,
			Expectations: scenario.Expectations{MaxAttempts: of(50)},
		},
		{
			Name: "celery-default", Says: "4 attempts (max_retries 3), 180 s apart (default_retry_delay), no jitter without retry_backoff",
			Source: "Celery, its own page (docs.celeryq.dev/en/stable/userguide/tasks.html)", Date: date,
			Expectations: scenario.Expectations{
				MinAttempts: of(4), MaxAttempts: of(4), Backoff: &scenario.Backoff{Shape: "constant", First: 180 * time.Second, Jitter: "none", Slack: queueLate},
			},
		},
		{
			Name:   "celery-recommended",
			Says:   "autoretry_for=(requests.RequestException,), raise_for_status(), retry_backoff=2, max_retries=8, the default retry_backoff_max=600 and full jitter; a 410 ends it",
			Source: "faultline's own advice, in the settings of docs.celeryq.dev/en/stable/userguide/tasks.html", Date: date,
			Expectations: scenario.Expectations{
				MinAttempts: of(9), MaxAttempts: of(9),
				Backoff:     &scenario.Backoff{Shape: "exponential", First: 2 * time.Second, Factor: 2, Cap: 600 * time.Second, Jitter: "full", Slack: queueLate},
				AlwaysRetry: []string{"5xx", "429", "connect", "read_timeout", "broken"}, NeverRetry: []string{"410"},
			},
		},
	}
}

// preset is the one of a name.
func preset(name string) (Preset, bool) {
	for _, p := range Presets() {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}

func of[T any](value T) *T { return &value }

func exactly(d time.Duration) *[2]time.Duration { return &[2]time.Duration{d, d} }

// schedule allows a tenth either way, as clocks of queues do.
func schedule(jitter Jitter, repeats bool, waits ...time.Duration) *scenario.Backoff {
	return &scenario.Backoff{Schedule: waits, Repeats: repeats, Jitter: string(jitter), Tolerance: 0.1, Slack: queueLate}
}

func growingBackoff() *scenario.Backoff {
	return &scenario.Backoff{Shape: "any_growing", Slack: queueLate}
}
