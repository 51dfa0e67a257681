package configs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// met is what the first attempt of a delivery meets, at a time; the clock started with it, or so long before.
func met(s *scenario.Scenario, now time.Time, since time.Duration, change func(*scenario.Subject)) scenario.Decision {
	subject := post("wh_1")
	subject.Key, subject.Attempt = "wh_1", 1
	change(subject)
	return s.Decide(subject, s.Matching(subject), counts{}, scenario.Instant{Now: now, Start: now.Add(-since)})
}

func utc(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return at
}

// Maintenance is at night in Berlin, in winter and in summer; in the night in which 02:00 to 03:00 is left out there is none, in the other there are two.
func TestNightlyMaintenanceInBerlin(t *testing.T) {
	s := parse(t, "nightly-maintenance")
	for _, test := range []struct {
		at   string
		down bool
	}{
		{"2026-11-24T00:59:59Z", false}, {"2026-11-24T01:00:00Z", true}, {"2026-11-24T01:29:59Z", true}, {"2026-11-24T01:30:00Z", false},
		{"2026-07-24T00:00:00Z", true}, {"2026-07-24T00:30:00Z", false}, {"2026-07-24T01:00:00Z", false},
		{"2026-03-29T00:59:59Z", false}, {"2026-03-29T01:00:00Z", false}, {"2026-03-29T01:30:00Z", false},
		{"2026-10-25T00:15:00Z", true}, {"2026-10-25T00:45:00Z", false}, {"2026-10-25T01:15:00Z", true}, {"2026-10-25T01:45:00Z", false},
	} {
		d := met(s, utc(t, test.at), 0, func(*scenario.Subject) {})
		require.Equal(t, test.down, len(d.Fired) > 0, test.at)
	}
}

// The certificate is good until midnight in Berlin, and never again.
func TestExpiredAtMidnight(t *testing.T) {
	s := parse(t, "expired-at-midnight")
	for _, test := range []struct{ at, want string }{
		{"2026-12-31T22:59:59Z", "forward, relay"}, {"2026-12-31T23:00:00Z", "present expired"}, {"2027-06-01T12:00:00Z", "present expired"},
	} {
		d := met(s, utc(t, test.at), 0, func(subj *scenario.Subject) {
			*subj = scenario.Subject{Moment: scenario.Connect, Placement: scenario.Tunnel, Client: subj.Client, Scheme: "https", Host: "hooks.example.com", Port: 443, Size: -1}
		})
		require.Equal(t, test.want, d.Plan.String(), test.at)
	}
}

// One attempt in ten fails at first, six in ten after ten minutes and from then on, evenly in between.
func TestGettingWorse(t *testing.T) {
	const deliveries = 3000
	s := parse(t, "getting-worse")
	for _, test := range []struct {
		after time.Duration
		share float64
	}{{0, 0.10}, {2 * time.Minute, 0.20}, {5 * time.Minute, 0.35}, {10 * time.Minute, 0.60}, {time.Hour, 0.60}} {
		failed := 0
		for i := range deliveries {
			d := met(s, day(t, "12:00:00"), test.after, func(subj *scenario.Subject) { subj.Key = fmt.Sprintf("wh_%d", i) })
			failed += len(d.Fired)
		}
		require.InEpsilon(t, test.share*deliveries, failed, 0.15, "after %s", test.after)
	}
}

// A refuses while B is slow, for five minutes; a third endpoint is well all the time.
func TestTwoEndpoints(t *testing.T) {
	s := parse(t, "two-endpoints")
	for _, test := range []struct {
		host  string
		after time.Duration
		want  string
	}{
		{"a.example.com", 0, "reset"}, {"b.example.com", 0, "forward, wait 4s, relay"}, {"c.example.com", 0, "forward, relay"},
		{"a.example.com", 5*time.Minute - 1, "reset"}, {"a.example.com", 5 * time.Minute, "forward, relay"}, {"b.example.com", 5 * time.Minute, "forward, relay"},
	} {
		d := met(s, day(t, "12:00:00"), test.after, func(subj *scenario.Subject) { subj.Host = test.host })
		require.Equal(t, test.want, d.Plan.String(), "%s after %s", test.host, test.after)
	}
}

// A deploy: refusals, then answers that come sooner and sooner, then nothing; each decision names its phase.
func TestDeploy(t *testing.T) {
	s := parse(t, "deploy")
	for _, test := range []struct {
		after       time.Duration
		phase, want string
	}{
		{0, "restarting", "reset"}, {30*time.Second - 1, "restarting", "reset"},
		{30 * time.Second, "starting", "wait 5s, forward, relay"}, {90 * time.Second, "starting", "wait 2s550ms, forward, relay"},
		{150*time.Second - 1, "starting", "wait 100ms, forward, relay"}, {150 * time.Second, "running", "forward, relay"}, {time.Hour, "running", "forward, relay"},
	} {
		d := met(s, day(t, "12:00:00"), test.after, func(*scenario.Subject) {})
		require.Equal(t, test.want, d.Plan.String(), "after %s", test.after)
		require.Equal(t, test.phase, d.Phase)
	}
}

// A payload over 64 KiB is turned away by what its head says, before its body is read.
func TestTooLarge(t *testing.T) {
	s := parse(t, "too-large")
	for size, want := range map[int64]string{2: "forward, relay", 64 << 10: "forward, relay", 64<<10 + 1: "answer 413"} {
		d := met(s, day(t, "12:00:00"), 0, func(subj *scenario.Subject) { subj.Body, subj.Size = []byte(strings.Repeat("x", int(size))), size })
		require.Equal(t, want, d.Plan.String(), "%d bytes", size)
	}
	announced := post("wh_1")
	announced.Body, announced.BodyHeld, announced.BodyWhole, announced.Size = nil, false, false, 1<<30
	require.False(t, s.NeedsBody(announced))
	require.Equal(t, "answer 413", s.Decide(announced, s.Matching(announced), counts{}, scenario.Instant{Now: day(t, "12:00:00")}).Plan.String())
}

// One tenant is broken, the others are not.
func TestOneTenant(t *testing.T) {
	s := parse(t, "one-tenant")
	for tenant, want := range map[string]string{"acme": "answer 500", "bolt": "forward, relay", "acme2": "forward, relay"} {
		d := met(s, day(t, "12:00:00"), 0, func(subj *scenario.Subject) { subj.Header = map[string][]string{"X-Tenant": {tenant}} })
		require.Equal(t, want, d.Plan.String(), tenant)
	}
	require.Equal(t, "forward, relay", met(s, day(t, "12:00:00"), 0, func(*scenario.Subject) {}).Plan.String())
}
