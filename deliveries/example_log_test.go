package deliveries

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// The example's runs and deliveries.
const (
	exampleRun    = "01938c7d-1f0a-7c31-8a55-4f0d2b6c9e10"
	claim, payout = "5f2c9a41d07be3368c1f04aa", "c40e17b25d9f86a3e07b12dd"
)

// writeExample writes the log of docs/log.md: a webhook that fails and is sent again, one that hangs and is not, one that the
// target gets twice and whose acknowledgement is lost.
func writeExample(t *testing.T, dir string) {
	t.Helper()
	w, torn, err := OpenWriter(Config{Dir: dir, Run: exampleRun, Proxy: "host-a"}, Run{
		Start: at(0), Version: "0.1", Seed: 42,
		Scenario: ScenarioText{
			Name: "claims-outage", Hash: "3f2ad5e1c07b5b8f6f0c3a3d0e6f5fd2e1d9e4c87a6f24b1b7c0a9d8e7f60512", Text: "[[rule]]\nname = \"outage\"\nstatus = 503\n",
		},
	})
	require.NoError(t, err)
	require.Empty(t, torn)
	for _, record := range exampleRecords() {
		require.NoError(t, w.Append(context.Background(), record))
	}
	require.NoError(t, w.Close(context.Background()))
}

func exampleRecords() []Record {
	retryAfter, success, failure := int64(30_000), true, false
	failed := exampleAttempt(claim, "wh_2f9", 1, "01938c7e-0003-7d10-9b1e-2f6a7c8d9e01")
	failed.Outcome, failed.Delivered, failed.EndedBy = Rejected, &failure, ByProxy
	failed.Rules, failed.Faults = []string{"outage"}, []string{"status"}
	failed.MS = Times{Decide: 0.021, FirstByte: 0.3, Total: 0.412}
	failed.Answer = &Answer{Status: 503, RetryAfterMS: &retryAfter, Header: map[string][]string{"Content-Length": {"0"}, "Retry-After": {"30"}}}

	hung := exampleAttempt(payout, "wh_71c", 1, "01938c7e-0004-7d10-9b1e-2f6a7c8d9e02")
	hung.Decided = []Ruling{{Order: 2, MS: 0.027402}}
	hung.Start, hung.Outcome, hung.Delivered, hung.End, hung.EndedBy = at(2000), Unanswered, &failure, Silence, BySender
	hung.Rules, hung.Faults = []string{"silence"}, []string{"hang"}
	hung.MS = Times{Decide: 0.018, Total: 10_000.3}

	arrived := exampleAttempt(claim, "wh_2f9", 2, "01938c7e-0005-7d10-9b1e-2f6a7c8d9e03")
	arrived.Start, arrived.Revision, arrived.Decided = at(31_000), 2, []Ruling{{Order: 4, MS: 0.022639}}
	delivered(arrived, &success)

	unseen := exampleAttempt("0b7d9e3f5a1c2468ace013f9", "wh_9b0", 1, "01938c7e-0006-7d10-9b1e-2f6a7c8d9e04")
	unseen.Start, unseen.Revision, unseen.Decided = at(32_000), 2, []Ruling{{Order: 5, MS: 0.025118}, {Order: 6, MS: 12.402771}}
	delivered(unseen, &success)
	unseen.Rules, unseen.Faults = []string{"at least once"}, []string{"duplicate"}
	unseen.Copies = []Copy{{Status: 200, Delivered: &success, Bytes: 2, MS: 11.9, Addr: "192.0.2.7:80"}}

	return []Record{
		failed,
		&Open{
			Delivery: payout, Start: hung.Start, Attempt: 1, ID: hung.ID, Host: hung.Host, Rules: hung.Rules, Key: hung.Key, KeyFrom: hung.KeyFrom,
			Endpoint: hung.Endpoint,
		},
		&Change{Start: at(21_000), Order: 3, What: ChangedRule, Revision: 2, Rule: "outage", On: &failure},
		hung, arrived, unseen,
		&Amend{ID: unseen.ID, Outcome: Broken, End: Reset, EndedBy: BySender},
		&Connect{
			Start: at(40_000), Host: "pay.example.com:443", Client: "127.0.0.1:51240", Rules: []string{"unreachable"}, Faults: []string{"refuse"}, End: Reset,
		},
		&Tunnel{Start: at(41_000), Host: "api.example.com:443", Client: "127.0.0.1:51242", Up: 1024, Down: 512, MS: TunnelTimes{93.1}, End: Complete},
		&Other{Start: at(42_000), Host: "metrics.example.com", Method: "GET", Count: 17, Bytes: 40_960, ByCode: map[string]int{"200": 16, "404": 1}},
		&Gap{Start: at(50_000), Until: at(51_500), Records: 12, Error: "no space left on device"},
	}
}

func exampleAttempt(delivery, key string, number int, id string) *Attempt {
	return &Attempt{
		Delivery: delivery, Start: at(1000), Attempt: number, Reached: None, Host: "hooks.example.com", Key: key, KeyFrom: "header:Webhook-Id",
		Endpoint: "http://hooks.example.com/claims/7", ID: id, Counted: "local", Placement: "forward", Client: "127.0.0.1:51234", Method: "POST",
		URL: "http://hooks.example.com/claims/7?x=1",
		Request: Message{
			Bytes: 15, SHA256: "cf1a0f4e35e1c9e0bd9c45dc14ee9c1cd5c0a29d2a4dc5a66a96a2e5bcd8fb0e",
			Header: map[string][]string{"Authorization": {redacted("Bearer hunter2")}, "Content-Type": {"application/json"}, "Webhook-Id": {key}},
		},
		Scenario: "claims-outage@3f2ad5e1c07b", Revision: 1, Decided: []Ruling{{Order: 1, MS: 0.030117}}, End: Complete,
	}
}

// delivered makes it an attempt that its target answered with 200.
func delivered(a *Attempt, success *bool) {
	a.Outcome, a.Reached, a.Delivered, a.EndedBy = Acknowledged, Whole, success, ByTarget
	a.MS = Times{Decide: 0.02, Target: 12.2, FirstByte: 12.5, Total: 12.6}
	a.Target = &Target{Status: 200, Bytes: 2, MS: 12.2, Addr: "192.0.2.7:80"}
	a.Answer = &Answer{Status: 200, Bytes: 2, Header: map[string][]string{"Content-Length": {"2"}}}
}
