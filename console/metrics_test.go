package console

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
)

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

// at is a time of the tests, that many seconds after their start.
func at(seconds float64) time.Time {
	return time.Unix(1_800_000_000, 0).Add(time.Duration(seconds * float64(time.Second)))
}

// attempt is one of delivery d1 that begins at a second and takes 0.5 s.
func attempt(number int, second float64, outcome deliveries.Outcome, delivered *bool) *deliveries.Attempt {
	return &deliveries.Attempt{
		Delivery: "d1", Attempt: number, Start: at(second), MS: deliveries.Times{Total: 500},
		Outcome: outcome, Delivered: delivered, Host: "a.test", Placement: "forward",
	}
}

func TestAttemptIsCounted(t *testing.T) {
	m := NewMetrics(Config{})
	m.Observe(&deliveries.Attempt{
		Delivery: "d1", Attempt: 1, Start: at(0), Outcome: deliveries.Rejected, Host: "a.test", Placement: "forward",
		MS: deliveries.Times{Target: 40, Total: 812.5}, Target: &deliveries.Target{Status: 200}, Answer: &deliveries.Answer{Status: 503},
	}, []Firing{{"slow", "latency"}, {"outage", "status"}})
	m.Observe(&deliveries.Attempt{
		Delivery: "d2", Attempt: 1, Start: at(0), Outcome: deliveries.Unanswered, Host: "a.test", Placement: "forward",
		MS: deliveries.Times{Total: 3},
	}, []Firing{{"outage", "reset"}})
	m.Waited("slow", 750*time.Millisecond)
	m.Waited("slow", 250*time.Millisecond)
	m.Refused("loop")

	_, families := scrape(t, m)
	tests := []struct {
		name   string
		labels []string
		want   float64
	}{
		{"faultline_attempts_total", []string{"host", "a.test", "placement", "forward", "outcome", "rejected"}, 1},
		{"faultline_attempts_total", []string{"host", "a.test", "placement", "forward", "outcome", "unanswered"}, 1},
		{"faultline_answers_total", []string{"host", "a.test", "code", "503"}, 1},
		{"faultline_faults_total", []string{"rule", "slow", "fault", "latency"}, 1},
		{"faultline_faults_total", []string{"rule", "outage", "fault", "status"}, 1},
		{"faultline_faults_total", []string{"rule", "outage", "fault", "reset"}, 1},
		{"faultline_attempt_duration_seconds", []string{"host", "a.test"}, 2},
		{"faultline_target_duration_seconds", []string{"host", "a.test"}, 1},
		{"faultline_injected_delay_seconds_total", []string{"rule", "slow"}, 1},
		{"faultline_refused_total", []string{"reason", "loop"}, 1},
	}
	for _, test := range tests {
		got, ok := value(families, test.name, test.labels...)
		require.True(t, ok, "%s %v", test.name, test.labels)
		require.Equal(t, test.want, got, "%s %v", test.name, test.labels)
	}
	require.Len(t, families["faultline_answers_total"].GetMetric(), 1, "an attempt without an answer counts as one")
	require.Equal(t, 0.8155, families["faultline_attempt_duration_seconds"].GetMetric()[0].GetHistogram().GetSampleSum())
	require.Equal(t, 0.04, families["faultline_target_duration_seconds"].GetMetric()[0].GetHistogram().GetSampleSum())
}

func TestWhatEachRecordCounts(t *testing.T) {
	fired := []Firing{{"outage", "refuse"}}
	tests := []struct {
		name   string
		record deliveries.Record
		faults float64
	}{
		{"an attempt", attempt(1, 0, deliveries.Unanswered, no()), 1},
		{"a CONNECT that was faulted", &deliveries.Connect{Host: "a.test:443", Rules: []string{"outage"}, Faults: []string{"refuse"}}, 1},
		{"requests that are no webhooks, each counted as it passed", &deliveries.Other{Host: "a.test", Method: "GET", Count: 17}, 0},
		{"an attempt that is still open", &deliveries.Open{Delivery: "d1", Host: "a.test", Rules: []string{"outage"}}, 0},
		{"an attempt that is corrected", &deliveries.Amend{Outcome: deliveries.Broken}, 0},
		{"a tunnel", &deliveries.Tunnel{Host: "a.test:443"}, 0},
		{"a start", &deliveries.Run{}, 0},
		{"a gap in the log", &deliveries.Gap{Records: 3}, 0},
		{"a change by an operator", &deliveries.Change{What: deliveries.ChangedFaults, On: new(bool)}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := NewMetrics(Config{})
			m.Declare(Names{Hosts: []string{"a.test"}, Firings: fired})
			m.Observe(test.record, fired)
			_, families := scrape(t, m)
			faults, ok := value(families, "faultline_faults_total", "rule", "outage", "fault", "refuse")
			require.True(t, ok)
			require.Equal(t, test.faults, faults, "faults")
		})
	}
}

func TestOtherHostsDoNotCrowdOutWebhookHosts(t *testing.T) {
	m := NewMetrics(Config{Hosts: 2})
	for i := range 5 {
		m.Passed(fmt.Sprintf("cdn%d.test", i))
	}
	m.Observe(attempt(1, 0, deliveries.Rejected, no()), nil)
	_, families := scrape(t, m)
	got, _ := value(families, "faultline_other_total", "host", "other")
	require.Equal(t, 3.0, got)
	_, ok := value(families, "faultline_attempts_total", "host", "a.test", "placement", "forward", "outcome", "rejected")
	require.True(t, ok)
}

// copied is the attempt with copies that the target took, or did not.
func copied(a *deliveries.Attempt, delivered ...*bool) *deliveries.Attempt {
	for _, d := range delivered {
		a.Copies = append(a.Copies, deliveries.Copy{Delivered: d})
	}
	return a
}

func TestDeliveriesAndGaps(t *testing.T) {
	const (
		acknowledged = deliveries.Acknowledged
		rejected     = deliveries.Rejected
		unanswered   = deliveries.Unanswered
	)
	tests := []struct {
		name         string
		attempts     []*deliveries.Attempt
		forgotten    []string
		acknowledged float64
		duplicated   float64
		lost         float64 // unacknowledged
		gaps         float64
		gapSeconds   float64
	}{
		{
			name:         "acknowledged at once",
			attempts:     []*deliveries.Attempt{attempt(1, 0, acknowledged, yes())},
			acknowledged: 1,
		},
		{
			name:         "acknowledged at the third attempt",
			attempts:     []*deliveries.Attempt{attempt(1, 0, rejected, no()), attempt(2, 1.5, unanswered, no()), attempt(3, 4, acknowledged, yes())},
			acknowledged: 1, gaps: 2, gapSeconds: 3,
		},
		{
			name:         "a lost acknowledgement is a duplicate",
			attempts:     []*deliveries.Attempt{attempt(1, 0, unanswered, yes()), attempt(2, 10.5, acknowledged, yes())},
			acknowledged: 1, duplicated: 1, gaps: 1, gapSeconds: 10,
		},
		{
			name: "a delivery is acknowledged once and duplicated once, however often",
			attempts: []*deliveries.Attempt{
				attempt(1, 0, acknowledged, yes()), attempt(2, 1, acknowledged, yes()), attempt(3, 2, acknowledged, yes()),
			},
			acknowledged: 1, duplicated: 1, gaps: 2, gapSeconds: 1,
		},
		{
			name:         "a copy that the target took is a duplicate",
			attempts:     []*deliveries.Attempt{copied(attempt(1, 0, acknowledged, yes()), yes()), attempt(2, 1, acknowledged, yes())},
			acknowledged: 1, duplicated: 1, gaps: 1, gapSeconds: 0.5,
		},
		{
			name:         "a copy that it turned away is none, one alone that it took is none",
			attempts:     []*deliveries.Attempt{copied(attempt(1, 0, rejected, no()), no(), yes(), nil)},
			acknowledged: 0,
		},
		{
			name:         "acknowledged by a stand-in, then by the target: no duplicate",
			attempts:     []*deliveries.Attempt{attempt(1, 0, acknowledged, no()), attempt(2, 1, acknowledged, yes())},
			acknowledged: 1, gaps: 1, gapSeconds: 0.5,
		},
		{
			name:         "an unknown delivery to the target is no duplicate",
			attempts:     []*deliveries.Attempt{attempt(1, 0, unanswered, nil), attempt(2, 1, acknowledged, yes())},
			acknowledged: 1, gaps: 1, gapSeconds: 0.5,
		},
		{
			name:      "forgotten without an acknowledgement",
			attempts:  []*deliveries.Attempt{attempt(1, 0, rejected, no())},
			forgotten: []string{"d1", "d1", "of an earlier run"},
			lost:      1,
		},
		{
			name:         "forgotten after its acknowledgement",
			attempts:     []*deliveries.Attempt{attempt(1, 0, acknowledged, yes())},
			forgotten:    []string{"d1"},
			acknowledged: 1,
		},
		{
			name:     "attempts that overlap have no gap",
			attempts: []*deliveries.Attempt{attempt(1, 0, rejected, no()), attempt(2, 0.4, rejected, no())},
		},
		{
			name: "ended out of order: no gap, and the next is measured from the later attempt",
			attempts: []*deliveries.Attempt{
				attempt(2, 0.1, rejected, no()), attempt(1, 0, rejected, no()), attempt(3, 1.1, rejected, no()),
			},
			gaps: 1, gapSeconds: 0.5,
		},
		{
			name:     "a number that was not seen leaves a hole, not a gap",
			attempts: []*deliveries.Attempt{attempt(1, 0, rejected, no()), attempt(3, 20, rejected, no())},
		},
		{
			name:     "goes on with a number of an earlier run: no gap",
			attempts: []*deliveries.Attempt{attempt(4, 100, rejected, no())},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := NewMetrics(Config{})
			for _, a := range test.attempts {
				m.Observe(a, nil)
			}
			for _, id := range test.forgotten {
				m.Forgotten(id)
			}
			_, families := scrape(t, m)
			result := func(name string) float64 {
				got, ok := value(families, "faultline_deliveries_total", "host", "a.test", "result", name)
				require.True(t, ok, name)
				return got
			}
			require.Equal(t, test.acknowledged, result("acknowledged"), "acknowledged")
			require.Equal(t, test.duplicated, result("duplicated"), "duplicated")
			require.Equal(t, test.lost, result("unacknowledged"), "unacknowledged")
			gaps := families["faultline_retry_gap_seconds"].GetMetric()[0].GetHistogram()
			require.EqualValues(t, test.gaps, gaps.GetSampleCount(), "gaps")
			require.InDelta(t, test.gapSeconds, gaps.GetSampleSum(), 1e-9, "seconds of gaps")
		})
	}
}

func TestRememberedDeliveriesAreBounded(t *testing.T) {
	m := NewMetrics(Config{Deliveries: 2})
	for _, id := range []string{"busy", "idle", "busy", "new"} {
		a := attempt(1, 0, deliveries.Rejected, no())
		a.Delivery = id
		m.Observe(a, nil)
	}
	_, families := scrape(t, m)
	got, _ := value(families, "faultline_deliveries_total", "host", "a.test", "result", "unacknowledged")
	require.Equal(t, 1.0, got)
	require.Len(t, m.deliveries.byID, 2)
	require.Contains(t, m.deliveries.byID, "busy")
	require.Contains(t, m.deliveries.byID, "new")
}

func TestHostsBeyondTheFirstHundredAreOther(t *testing.T) {
	tests := []struct {
		name  string
		cfg   Config
		hosts int
		own   int
		other float64
	}{
		{"the hundredth has a series of its own", Config{}, 100, 100, 0},
		{"the 101st is other", Config{}, 101, 100, 1},
		{"so are all later ones", Config{}, 150, 100, 50},
		{"the bound is a setting", Config{Hosts: 2}, 5, 2, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := NewMetrics(test.cfg)
			var senders sync.WaitGroup
			for i := range test.hosts {
				senders.Go(func() {
					a := attempt(1, 0, deliveries.Rejected, no())
					a.Delivery, a.Host = fmt.Sprint(i), fmt.Sprintf("h%d.test", i)
					m.Observe(a, nil)
				})
			}
			senders.Wait()
			m.Observe(attempt(1, 0, deliveries.Rejected, no()), nil) // later than all of them, so that "other" exists where the bound is reached
			_, families := scrape(t, m)
			own, other := 0, 0.0
			for _, metric := range families["faultline_attempts_total"].GetMetric() {
				if hasLabels(metric, []string{"host", "other", "placement", "forward", "outcome", "rejected"}) {
					other = metric.GetCounter().GetValue()
					continue
				}
				own++
				require.Equal(t, 1.0, metric.GetCounter().GetValue())
			}
			require.Equal(t, test.own, own)
			require.Equal(t, test.other+1, other)
		})
	}
}

func TestHostsOfEveryKindBecomeLabels(t *testing.T) {
	tests := []struct {
		name string
		host string
		want string
	}{
		{"with a port", "a.test:8443", "a.test:8443"},
		{"IPv6", "[::1]:9001", "[::1]:9001"},
		{"not UTF-8", "a\xff.test", "a\uFFFD.test"},
		{"longer than any name", strings.Repeat("a", 300), "other"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := NewMetrics(Config{})
			a := attempt(1, 0, deliveries.Rejected, no())
			a.Host = test.host
			m.Observe(a, nil)
			_, families := scrape(t, m)
			got, ok := value(families, "faultline_attempts_total", "host", test.want, "placement", "forward", "outcome", "rejected")
			require.True(t, ok)
			require.Equal(t, 1.0, got)
		})
	}
}

func TestDeclaredSeriesExistAtZero(t *testing.T) {
	m := NewMetrics(Config{})
	m.Observe(attempt(1, 0, deliveries.Rejected, no()), []Firing{{"outage", "status"}})
	m.Declare(Names{
		Hosts: []string{"a.test", "b.test"}, Placements: []string{"forward"}, Codes: []int{503, 1000},
		Firings: []Firing{{"outage", "status"}, {"slow", "latency"}},
	})
	_, families := scrape(t, m)
	tests := []struct {
		name   string
		labels []string
		want   float64
	}{
		{"faultline_attempts_total", []string{"host", "b.test", "placement", "forward", "outcome", "acknowledged"}, 0},
		{"faultline_attempts_total", []string{"host", "b.test", "placement", "forward", "outcome", "rejected"}, 0},
		{"faultline_attempts_total", []string{"host", "b.test", "placement", "forward", "outcome", "broken"}, 0},
		{"faultline_attempts_total", []string{"host", "b.test", "placement", "forward", "outcome", "unanswered"}, 0},
		{"faultline_attempts_total", []string{"host", "b.test", "placement", "forward", "outcome", "aborted"}, 0},
		{"faultline_answers_total", []string{"host", "b.test", "code", "503"}, 0},
		{"faultline_answers_total", []string{"host", "b.test", "code", "other"}, 0},
		{"faultline_faults_total", []string{"rule", "slow", "fault", "latency"}, 0},
		{"faultline_injected_delay_seconds_total", []string{"rule", "slow"}, 0},
		{"faultline_deliveries_total", []string{"host", "b.test", "result", "acknowledged"}, 0},
		{"faultline_deliveries_total", []string{"host", "b.test", "result", "duplicated"}, 0},
		{"faultline_deliveries_total", []string{"host", "b.test", "result", "unacknowledged"}, 0},
		{"faultline_attempt_duration_seconds", []string{"host", "b.test"}, 0},
		{"faultline_target_duration_seconds", []string{"host", "b.test"}, 0},
		{"faultline_retry_gap_seconds", []string{"host", "b.test"}, 0},
		{"faultline_other_total", []string{"host", "b.test"}, 0},
		// What had been counted before stays.
		{"faultline_attempts_total", []string{"host", "a.test", "placement", "forward", "outcome", "rejected"}, 1},
		{"faultline_faults_total", []string{"rule", "outage", "fault", "status"}, 1},
	}
	for _, test := range tests {
		got, ok := value(families, test.name, test.labels...)
		require.True(t, ok, "%s %v", test.name, test.labels)
		require.Equal(t, test.want, got, "%s %v", test.name, test.labels)
	}
}
