package trial

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
)

var start = time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }

// attempt is one of a delivery that began at a second and took none.
func attempt(delivery string, second float64, outcome deliveries.Outcome) *deliveries.Attempt {
	return &deliveries.Attempt{Delivery: delivery, ID: fmt.Sprint(delivery, second), Start: at(second), Outcome: outcome}
}

func TestProgress(t *testing.T) {
	const ok, no = deliveries.Acknowledged, deliveries.Rejected
	first := []deliveries.Record{attempt("a", 0, ok), attempt("b", 1, no), attempt("b", 3, no)}
	tests := []struct {
		name    string
		settle  time.Duration
		records []deliveries.Record
		now     float64
		want    Progress
		settled bool // of two
	}{
		{"nothing yet", time.Minute, nil, 59, Progress{Quiet: 59 * time.Second, Settle: time.Minute}, false},
		{"nothing at all", time.Minute, nil, 60, Progress{Quiet: time.Minute, Settle: time.Minute}, true},
		{"a worker that takes its time", time.Second, nil, 59.9, Progress{Quiet: 59900 * time.Millisecond, Settle: time.Second}, false},
		{"one open", time.Minute, first, 10, Progress{Deliveries: 2, Acknowledged: 1, Open: 1, Attempts: 3, Quiet: 7 * time.Second, Settle: time.Minute}, false},
		{"silent", time.Minute, first, 63, Progress{Deliveries: 2, Acknowledged: 1, Silent: 1, Attempts: 3, Quiet: time.Minute, Settle: time.Minute}, true},
		{"at least 200 s", 0, first, 202.9, Progress{Deliveries: 2, Acknowledged: 1, Open: 1, Attempts: 3, Quiet: 199900 * time.Millisecond, Settle: 200 * time.Second}, false},
		{"or three gaps", 0, append(first, attempt("b", 103, no)), 402, Progress{Deliveries: 2, Acknowledged: 1, Open: 1, Attempts: 4, Quiet: 299 * time.Second, Settle: 300 * time.Second}, false},
		{
			"others tell when to expect it", time.Minute, append(first, attempt("c", 4, no)), 5,
			Progress{Deliveries: 3, Acknowledged: 1, Open: 2, Attempts: 4, Quiet: time.Second, Settle: time.Minute, Next: at(6)}, false,
		},
		{"acknowledged late", time.Minute, append(first, attempt("b", 70, ok)), 71, Progress{Deliveries: 2, Acknowledged: 2, Attempts: 4, Quiet: time.Second, Settle: time.Minute}, true},
		{
			"an acknowledgement that did not arrive", time.Minute, append(first, attempt("b", 70, ok), &deliveries.Amend{ID: "b70", Outcome: deliveries.Broken}), 71,
			Progress{Deliveries: 2, Acknowledged: 1, Open: 1, Attempts: 4, Quiet: time.Second, Settle: time.Minute}, false,
		},
		{"fewer than expected", time.Minute, first[:1], 59, Progress{Deliveries: 1, Acknowledged: 1, Attempts: 1, Quiet: 59 * time.Second, Settle: time.Minute}, false},
		{"fewer than expected come no more", time.Minute, first[:1], 60, Progress{Deliveries: 1, Acknowledged: 1, Attempts: 1, Quiet: time.Minute, Settle: time.Minute}, true},
		{"nor are they given up at once", time.Second, first[:1], 59, Progress{Deliveries: 1, Acknowledged: 1, Attempts: 1, Quiet: 59 * time.Second, Settle: time.Second}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tally := NewTally(tt.settle, start)
			for _, r := range tt.records {
				tally.Observe(r)
			}
			got := tally.Progress(at(tt.now))
			require.Equal(t, tt.want, got)
			require.Equal(t, tt.settled, got.Settled(2))
		})
	}
}

// TestSettledWithoutANumber: where nobody knows how many deliveries there will be, it takes as long a silence as makes one settled.
func TestSettledWithoutANumber(t *testing.T) {
	tally := NewTally(time.Minute, start)
	require.False(t, tally.Progress(at(59)).Settled(0))
	require.True(t, tally.Progress(at(60)).Settled(0))
	tally.Observe(attempt("a", 0, deliveries.Acknowledged))
	require.False(t, tally.Progress(at(59)).Settled(0))
	require.True(t, tally.Progress(at(60)).Settled(0))
	tally.Observe(attempt("b", 70, deliveries.Rejected))
	require.False(t, tally.Progress(at(129)).Settled(0))
	require.True(t, tally.Progress(at(130)).Settled(0))
}

func TestWhyNothing(t *testing.T) {
	tests := []struct {
		name    string
		records []deliveries.Record
		sender  Sender
		want    []string
	}{
		{"silence", nil, Sender{Ended: true}, []string{"nothing came to the proxy"}},
		{"a command that fails", nil, Sender{Ended: true, Code: 3}, []string{"the command ended with exit code 3", "nothing came to the proxy"}},
		{"hidden", nil, Sender{Hidden: []string{".internal"}}, []string{"NO_PROXY hides .internal", "nothing came to the proxy"}},
		{"tunnelled", []deliveries.Record{&deliveries.Tunnel{Host: "h.test:443"}}, Sender{}, []string{"h.test:443 was only tunnelled, so that nothing was seen of it: add --intercept h.test"}},
		{"not trusted", []deliveries.Record{&deliveries.Connect{Host: "h.test:443", Error: "TLS handshake: broken off"}}, Sender{}, []string{"h.test:443: the connection was broken off"}},
		{"refused", []deliveries.Record{&deliveries.Connect{Host: "h.test:443", Error: "dial tcp: connection refused"}}, Sender{}, []string{"h.test:443: dial tcp: connection refused (1×)"}},
		{"no webhooks", []deliveries.Record{&deliveries.Other{Count: 7}}, Sender{}, []string{"7 requests came that are no webhooks"}},
		{"a CONNECT that a rule broke", []deliveries.Record{&deliveries.Connect{Host: "h.test:443", Error: "x", Rules: []string{"r"}}}, Sender{}, []string{"nothing came to the proxy"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tally := NewTally(0, start)
			for _, r := range tt.records {
				tally.Observe(r)
			}
			got := tally.WhyNothing(tt.sender)
			require.Len(t, got, len(tt.want))
			for i := range got {
				require.Contains(t, got[i], tt.want[i])
			}
		})
	}
}

// TestFailures: what fails though no rule had met it is told, the commonest first.
func TestFailures(t *testing.T) {
	tally := NewTally(0, start)
	for _, a := range []*deliveries.Attempt{
		{Delivery: "a", Host: "h.test", Outcome: deliveries.Acknowledged},
		{Delivery: "b", Host: "h.test", Outcome: deliveries.Rejected, Rules: []string{"r"}, Answer: &deliveries.Answer{Status: 503}},
		{Delivery: "c", Host: "h.test", Outcome: deliveries.Rejected, Answer: &deliveries.Answer{Status: 500}},
		{Delivery: "d", Host: "h.test", Outcome: deliveries.Rejected, Answer: &deliveries.Answer{Status: 500}},
		{Delivery: "e", Host: "h.test", Outcome: deliveries.Rejected, Answer: &deliveries.Answer{Status: 502}, Target: &deliveries.Target{Error: "certificate has expired"}},
		{Delivery: "f", Host: "h.test", Outcome: deliveries.Aborted, EndedBy: deliveries.BySender},
	} {
		tally.Observe(a)
	}
	require.Equal(t, []string{"h.test answers 500 (2×)", "h.test: certificate has expired (1×)", "the sender did not wait for h.test's answer (1×)"}, tally.Failures())
}
