package console

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
)

func TestEndpointsAreCounted(t *testing.T) {
	r := NewRecent()
	took := func(a *deliveries.Attempt, ms float64, endpoint string) *deliveries.Attempt {
		a.MS.Total, a.Endpoint, a.Host = ms, endpoint, "a.test"
		return a
	}
	for n := range 98 {
		observe(r, took(ago(fmt.Sprint("good", n), 1, 0, deliveries.Acknowledged, yes()), float64(n+1), "http://a.test/good"))
	}
	observe(r, took(ago("good98", 1, 0, deliveries.Unanswered, yes()), 99, "http://a.test/good"))
	observe(r, took(ago("good98", 2, 0, deliveries.Acknowledged, yes()), 100, "http://a.test/good"))
	observe(r, took(ago("bad1", 1, 0, deliveries.Acknowledged, yes()), 1, "http://a.test/bad"))
	observe(r, took(ago("bad2", 1, 0, deliveries.Aborted, no()), 2, "http://a.test/bad"))
	observe(r, &deliveries.Open{ID: "o", Delivery: "hang", Attempt: 1, Start: time.Now(), Endpoint: "http://a.test/hang", Host: "a.test"})

	ms := func(v float64) *float64 { return &v }
	outcomes := func(acknowledged, unanswered, aborted int) map[deliveries.Outcome]int {
		return map[deliveries.Outcome]int{
			deliveries.Acknowledged: acknowledged, deliveries.Rejected: 0, deliveries.Broken: 0, deliveries.Unanswered: unanswered, deliveries.Aborted: aborted,
		}
	}
	want := []endpoint{
		{Endpoint: "http://a.test/hang", Host: "a.test", Deliveries: 1, ByOutcome: outcomes(0, 0, 0)},
		{Endpoint: "http://a.test/bad", Host: "a.test", Attempts: 2, Deliveries: 2, SuccessRate: 0.5, P50MS: ms(1), P99MS: ms(2), ByOutcome: outcomes(1, 0, 1)},
		{Endpoint: "http://a.test/good", Host: "a.test", Attempts: 100, Deliveries: 99, SuccessRate: 1, P50MS: ms(50), P99MS: ms(99), Duplicates: 1,
			ByOutcome: outcomes(99, 1, 0)},
	}
	require.Equal(t, want, lists{r}.endpoints(filter{limit: 10}, time.Now()).Endpoints)
}

// Of endpoints where as much arrived, the one whose attempts fail more comes first, then the one with more of them.
func TestWorstFirst(t *testing.T) {
	tests := []struct {
		name    string
		records []deliveries.Record
		want    []string
	}{
		{"less arrived", []deliveries.Record{ago("a", 1, 0, deliveries.Acknowledged, yes()), ago("b", 1, 0, deliveries.Rejected, no())}, []string{"b", "a"}},
		{"more attempts failed", []deliveries.Record{
			ago("a", 1, 0, deliveries.Acknowledged, yes()), ago("b", 1, 0, deliveries.Rejected, no()), ago("b", 2, 0, deliveries.Acknowledged, yes()),
		}, []string{"b", "a"}},
		{"more attempts", []deliveries.Record{
			ago("a", 1, 0, deliveries.Rejected, no()), ago("b", 1, 0, deliveries.Rejected, no()), ago("b", 2, 0, deliveries.Rejected, no()),
		}, []string{"b", "a"}},
		{"all the same", []deliveries.Record{ago("b", 1, 0, deliveries.Rejected, no()), ago("a", 1, 0, deliveries.Rejected, no())}, []string{"a", "b"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := NewRecent()
			for _, record := range test.records {
				observe(r, record)
			}
			var got []string
			for _, e := range (lists{r}).endpoints(filter{limit: 10}, time.Now()).Endpoints {
				got = append(got, strings.TrimPrefix(e.Endpoint, "http://a.test/"))
			}
			require.Equal(t, test.want, got)
		})
	}
}
