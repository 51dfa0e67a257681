package analysis_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const doubling = "a 0s 503 1s 503 2s 503 4s 200\nb 0s 503 1.3s 503 2s 503 5.5s 200\n"

func TestBackoff(t *testing.T) {
	tests := []struct{ name, key, log, want string }{
		{"as asked, late by less than the slack", `backoff = { shape = "exponential", first = "1s", factor = 2 }`, doubling, "pass 6 gaps as wanted"},
		{"too early", `backoff = { shape = "exponential", first = "2s", factor = 2 }`, doubling, "fail [a b] 6 of 6 gaps outside: 1 s after attempt 1, wanted at least 2 s"},
		{"too late", `backoff = { shape = "exponential", first = "1s", factor = 2, slack = "1s" }`, doubling,
			"fail [b] 1 of 6 gaps outside: 5.5 s after attempt 3, wanted at most 5 s"},
		{"a tolerance", `backoff = { shape = "exponential", first = "1.1s", factor = 2, tolerance = "20%" }`, doubling, "pass 6 gaps as wanted"},
		{"a cap", `backoff = { shape = "exponential", first = "1s", factor = 2, cap = "3s", slack = "500ms" }`, "a 0s 503 1s 503 2s 503 3s 503 3s 200", "pass 4 gaps as wanted"},
		{"full jitter", `backoff = { shape = "exponential", first = "4s", factor = 2, jitter = "full", slack = "0s" }`, doubling, "pass 6 gaps as wanted"},
		{"equal jitter", `backoff = { shape = "exponential", first = "1s", factor = 2, jitter = "equal", slack = "2s" }`, "a 0s 503 0.4s 200", "fail [a] 1 of 1 gap outside: 400 ms after attempt 1, wanted at least 500 ms"},
		{"some jitter", `backoff = { shape = "constant", first = "10s", jitter = "some" }`, "a 0s 503 5s 503 15s 200", "pass 2 gaps as wanted"},
		{"constant", `backoff = { shape = "constant", first = "1s", slack = "1s" }`, doubling, "fail [a b] 2 of 6 gaps outside: 4 s after attempt 3, wanted at most 2 s"},
		{"linear", `backoff = { shape = "linear", first = "1s", slack = "500ms" }`, "a 0s 503 1s 503 2s 503 3s 200", "pass 3 gaps as wanted"},
		{"a schedule", `backoff = { schedule = ["1s", "2s", "4s"] }`, doubling, "pass 6 gaps as wanted"},
		{"beyond a schedule", `backoff = { schedule = ["1s", "2s"] }`, doubling, "fail [a b] 2 of 6 gaps outside: attempt 4 is beyond the schedule"},
		{"a schedule that repeats", `backoff = { schedule = ["1s", "2s"], repeats = true, slack = "4s" }`, doubling, "pass 6 gaps as wanted"},
		{"first and factor are the sender's", `backoff = { shape = "exponential" }`, doubling, "pass 6 gaps as wanted"},
		{"the sender's shape is another", `backoff = { shape = "exponential" }`, "a 0s 503 1s 503 1s 503 1s 200\nb 0s 503 1s 503 1s 200", "fail the gaps are constant, wanted exponential"},
		{"the sender's shape is not known", `backoff = { shape = "exponential" }`, "a 0s 503 1s 200",
			"inconclusive the gaps have no known shape: let a fault last for more attempts, or say first and factor"},
		{"they grow", `backoff = { shape = "any_growing" }`, doubling, "pass the gaps grow from 1 s to 4 s"},
		{"they do not grow", `backoff = { shape = "any_growing" }`, "a 0s 503 5s 503 5s 503 5s 200\nb 0s 503 5s 503 5s 200", "fail the gaps do not grow: all are about 5 s"},
		{"they shrink", `backoff = { shape = "any_growing" }`, "a 0s 503 50s 503 5s 503 9s 200\nb 0s 503 50s 503 5s 200", "fail the gap after attempt 2 is shorter than the one before"},
		{"one gap does not grow", `backoff = { shape = "any_growing" }`, "a 0s 503 5s 200", "inconclusive too few gaps to see them grow: let a fault last for more attempts"},
		{"no gap", `backoff = { shape = "constant", first = "1s" }`, "a 0s 200", "inconclusive no gap to look at: a fault that lasts for some attempts would make one"},

		{"longer because it was told so", `backoff = { shape = "constant", first = "1s" }`, "a 0s 429+30s 30.1s 503 1s 200", "pass 1 gap as wanted"},
		{"a library's own repetition", `backoff = { shape = "constant", first = "5s" }`, "a tries=0,0,1 0s reset 0.01s reset 5s 200", "pass 1 gap as wanted"},
		{"attempts that overlap have no gap", `backoff = { shape = "constant", first = "5s" }`, "a 0s hang@10s -9s 200", "inconclusive no gap to look at: a fault that lasts for some attempts would make one"},
		{"what spans a fault at connect is no gap", `backoff = { shape = "constant", first = "5s" }`, ".connect 3s\na 0s 503 10s 503 5s 200\nb 20s 503 5s 200",
			"inconclusive 1 gap as wanted, but V6 does not hold"},
		{"what spans a closed listener is no gap", `backoff = { shape = "constant", first = "5s" }`, ".door 3s 8s\na 0s 503 10s 200", "inconclusive no gap to look at: a fault that lasts for some attempts would make one"},
		{"what spans a restart is no gap", `backoff = { shape = "constant", first = "5s" }`, ".run r1 0s\na 0s 503\n.run r2 8s\na 10s 503 5s 200",
			"inconclusive no gap to look at: a fault that lasts for some attempts would make one"},

		{"scaled", "backoff = { shape = \"constant\", first = \"5m\" }\ntime_scale = 60", "a 0s 503 5s 503 6s 200", "pass 2 gaps as wanted"},
		{"scaled, too early", "backoff = { shape = \"constant\", first = \"5m\" }\ntime_scale = 60", "a 0s 503 4s 200", "fail [a] 1 of 1 gap outside: 4m after attempt 1, wanted at least 5m"},
		{"scaled, too short to tell", "backoff = { shape = \"constant\", first = \"30s\" }\ntime_scale = 60", "a 0s 503 0.5s 200",
			"inconclusive 1 gap too short to be told from lateness at this time_scale"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, brief(checkOf(t, judgeMade(t, tt.log, tt.key), "backoff")))
		})
	}
}
