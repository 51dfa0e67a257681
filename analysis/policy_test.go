package analysis_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
)

// policyOf is the inferred policy as JSON.
func policyOf(t testing.TB, r *analysis.Report) string {
	t.Helper()
	text, err := r.VerdictJSON()
	require.NoError(t, err)
	var v struct{ Policy json.RawMessage }
	require.NoError(t, json.Unmarshal(text, &v))
	return string(v.Policy)
}

// failing are n deliveries, begun a minute apart, with the same endings and gaps.
func failing(n int, course string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "wh_%d %s %s\n", i, time.Duration(i)*time.Minute, course)
	}
	return b.String()
}

// hanging are n deliveries, begun a second apart, whose sender waits for 15 s, and for a minute after that.
func hanging(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "wh_%d %ds hang@15s 60.00%ds 200\n", i, i, i%9)
	}
	return b.String()
}

// Logs of senders whose policy is known.
func TestPolicies(t *testing.T) {
	tests := []struct{ name, log, want string }{
		{"none", failing(5, "503"),
			`{"attempts":1,"shape":"none","first_ms":null,"factor":null,"cap_ms":null,"jitter":null,"fit":null,"gaps":0,"retries":{"503":false},"retry_after":"unknown","timeout_ms":null,"survives_ms":{"worst":0,"median":0}}`},
		{"constant, given up", failing(5, "503 5.003s 503 5.001s 503"),
			`{"attempts":3,"shape":"constant","first_ms":5000,"factor":null,"cap_ms":null,"jitter":"none","fit":1,"gaps":10,"retries":{"503":true},"retry_after":"unknown","timeout_ms":null,"survives_ms":{"worst":10000,"median":10000}}`},
		{"exponential, retries no 410, with a timeout", failing(5, "503 1.002s reset 2.004s hang@10.01s 4.001s 503 8.001s 503") + "gone 9m 410\n",
			`{"attempts":5,"shape":"exponential","first_ms":1000,"factor":2,"cap_ms":null,"jitter":"none","fit":1,"gaps":20,"retries":{"410":false,"503":true,"broken":true,"read_timeout":true},"retry_after":"unknown","timeout_ms":10000,"survives_ms":{"worst":15000,"median":15000}}`},
		{"capped", failing(4, "503 2s 503 6s 503 18s 503 30s 503 30s 200"),
			`{"attempts":null,"shape":"exponential","first_ms":2000,"factor":3,"cap_ms":30000,"jitter":"none","fit":1,"gaps":20,"retries":{"503":true},"retry_after":"unknown","timeout_ms":null,"survives_ms":null}`},
		{"linear", failing(4, "503 10s 503 20s 503 30s 503 40s 200"),
			`{"attempts":null,"shape":"linear","first_ms":10000,"factor":null,"step_ms":10000,"cap_ms":null,"jitter":"none","fit":1,"gaps":16,"retries":{"503":true},"retry_after":"unknown","timeout_ms":null,"survives_ms":null}`},
		{"a schedule", failing(4, "503 5s 503 5m 503 30m 503 2h 200"),
			`{"attempts":null,"shape":"schedule","first_ms":5000,"factor":null,"schedule_ms":[5000,300000,1800000,7200000],"cap_ms":null,"jitter":"none","fit":1,"gaps":16,"retries":{"503":true},"retry_after":"unknown","timeout_ms":null,"survives_ms":null}`},
		{"one gap has no shape", failing(4, "503 180.02s 200"),
			`{"attempts":null,"shape":null,"first_ms":180000,"factor":null,"cap_ms":null,"jitter":"none","fit":1,"gaps":4,"retries":{"503":true},"retry_after":"unknown","timeout_ms":null,"survives_ms":null}`},
		{"all hang at once, and none is late", hanging(20),
			`{"attempts":null,"shape":null,"first_ms":60000,"factor":null,"cap_ms":null,"jitter":"none","fit":1,"gaps":20,"retries":{"read_timeout":true},"retry_after":"unknown","timeout_ms":15000,"survives_ms":null}`},
		{"one retry and no more is a shape", failing(4, "reset 2s reset"),
			`{"attempts":2,"shape":"constant","first_ms":2000,"factor":null,"cap_ms":null,"jitter":"none","fit":1,"gaps":4,"retries":{"broken":true},"retry_after":"unknown","timeout_ms":null,"survives_ms":{"worst":2000,"median":2000}}`},
		{"the bug: broken attempts are retried, statuses never", failing(4, "reset 1s reset 1s 200") + "a 5m 500\nb 6m reset 1s 500\n",
			`{"attempts":null,"shape":"constant","first_ms":1000,"factor":null,"cap_ms":null,"jitter":"none","fit":1,"gaps":9,"retries":{"500":false,"broken":true},"retry_after":"unknown","timeout_ms":null,"survives_ms":null}`},
		{"Retry-After is obeyed", failing(4, "429+30s 30.01s 503 2s 503 4s 200"),
			`{"attempts":null,"shape":"exponential","first_ms":1000,"factor":2,"cap_ms":null,"jitter":"none","fit":1,"gaps":8,"retries":{"429":true,"503":true},"retry_after":"obeyed","timeout_ms":null,"survives_ms":null}`},
		{"Retry-After is ignored, so its gaps are like any others", failing(4, "429+30s 1s 503 2s 503 4s 200"),
			`{"attempts":null,"shape":"exponential","first_ms":1000,"factor":2,"cap_ms":null,"jitter":"none","fit":1,"gaps":12,"retries":{"429":true,"503":true},"retry_after":"ignored","timeout_ms":null,"survives_ms":null}`},
		{"Retry-After is obeyed, but not for so long", failing(2, "429+30s 10s 503 2s 503 4s 200") + strings.ReplaceAll(failing(12, "503 1s 503 2s 503 4s 200"), "wh_", "other_"),
			`{"attempts":null,"shape":"exponential","first_ms":1000,"factor":2,"cap_ms":null,"jitter":"none","fit":0.95,"gaps":42,"retries":{"429":true,"503":true},"retry_after":"unknown","timeout_ms":null,"survives_ms":null}`},
		{"Retry-After is shorter than what is waited anyway", failing(4, "503 10s 503+2s 10s 200"),
			`{"attempts":null,"shape":null,"first_ms":10000,"factor":null,"cap_ms":null,"jitter":"none","fit":1,"gaps":4,"retries":{"503":true},"retry_after":"unknown","timeout_ms":null,"survives_ms":null}`},
		{"a library's own repetitions are told apart by try", "a tries=0,0,1,1,2 0s reset 0.001s reset 5s reset 0.001s reset 10s 200\nb tries=0,1,2 1m reset 5s reset 10s 200",
			`{"attempts":null,"shape":"exponential","first_ms":5000,"factor":2,"cap_ms":null,"jitter":"none","fit":1,"gaps":4,"retries":{"broken":true},"retry_after":"unknown","timeout_ms":null,"survives_ms":null}`},
		{"two gaps that differ by a twentieth tell no first wait", failing(1, "503 4.7s 503 4.95s 503"),
			`{"attempts":3,"shape":null,"first_ms":null,"factor":null,"cap_ms":null,"jitter":null,"fit":1,"gaps":2,"retries":{"503":true},"retry_after":"unknown","timeout_ms":null,"survives_ms":null}`},
		{"what is always shorter after one try is no constant", failing(1, "503 60s 503 10s 503 60s 503 60s 503 60s 503 60s 503"),
			`{"attempts":7,"shape":null,"first_ms":null,"factor":null,"cap_ms":null,"jitter":"none","fit":0.83,"gaps":6,"retries":{"503":true},"retry_after":"unknown","timeout_ms":null,"survives_ms":null}`},
		{"nothing failed", failing(4, "200"),
			`{"attempts":null,"shape":null,"first_ms":null,"factor":null,"cap_ms":null,"jitter":null,"fit":null,"gaps":0,"retries":{},"retry_after":"unknown","timeout_ms":null,"survives_ms":null}`},
		{"nothing came", "",
			`{"attempts":null,"shape":null,"first_ms":null,"factor":null,"cap_ms":null,"jitter":null,"fit":null,"gaps":0,"retries":{},"retry_after":"unknown","timeout_ms":null,"survives_ms":null}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, policyOf(t, analysis.Judge(logOf(makeLog(t, tt.log)), ended(nil))))
		})
	}
}
