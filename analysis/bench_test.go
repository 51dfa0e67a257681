package analysis_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/deliveries"
)

// BenchmarkJudge judges 250,000 deliveries with four attempts each, all that can be asked of them.
func BenchmarkJudge(b *testing.B) {
	no, yes := false, true
	var log analysis.Log
	const each = 4
	for i := range 250_000 {
		start := at(time.Duration(i) * 3 * time.Millisecond)
		for n := 1; n <= each; n++ {
			a := &deliveries.Attempt{
				Run: "r1", Start: start, ID: fmt.Sprint(i, "-", n), Delivery: fmt.Sprint("d", i), Attempt: n, Key: fmt.Sprint("wh_", i), KeyFrom: "header:Webhook-Id", Host: "hooks.test",
				Endpoint: "http://hooks.test/claims", Seq: uint64(i*each + n), MS: deliveries.Times{Total: 5}, Outcome: deliveries.Rejected, Delivered: &no, Faults: []string{"status"},
				Answer: &deliveries.Answer{Status: 503}, End: deliveries.Complete, EndedBy: deliveries.ByProxy, Request: deliveries.Message{Bytes: 100, SHA256: fmt.Sprint("sha", i)},
			}
			if n == each {
				a.Outcome, a.Delivered, a.Faults, a.Answer, a.EndedBy = deliveries.Acknowledged, &yes, nil, &deliveries.Answer{Status: 200}, deliveries.ByTarget
			}
			log.Add(a)
			start = start.Add(time.Duration(n) * time.Second)
		}
	}
	for name, keys := range map[string]string{"nothing": "", "everything": everything} {
		b.Run(name, func(b *testing.B) {
			ask := analysis.Question{Expect: expect(b, keys)}
			b.ReportAllocs()
			for b.Loop() {
				analysis.Judge(&log, ask)
			}
		})
	}
}
