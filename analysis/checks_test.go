package analysis_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Each key of [expect]: a log that keeps it, one that does not, and one that has nothing to look at.
func TestChecks(t *testing.T) {
	tests := []struct {
		name, key string
		log       string
		want      string
	}{
		{"delivered", `delivered = "100%"`, "a 0s 503 1s 200\nb 0s 200", "pass 2 of 2 deliveries arrived"},
		{"delivered", `delivered = "100%"`, "a 0s 503 1s 503\nb 0s 200", "fail [a] 1 of 2 deliveries arrived, 1 lost"},
		{"delivered", `delivered = "50%"`, "a 0s 503 1s 503\nb 0s 200", "pass 1 of 2 deliveries arrived, 1 lost"},
		{"delivered", `delivered = "100%"`, "a 0s 503 1s 200~\nb 0s 200", "fail [a] 1 of 2 deliveries arrived, 1 acknowledged without reaching the target"},
		{"delivered", `delivered = "100%"`, "a 0s hidden 1s 503", "fail [a] 0 of 1 delivery arrived, 1 lost"},
		{"delivered", `delivered = "100%"`, "", "inconclusive no delivery is settled"},

		{"min_attempts", "min_attempts = 3", "a 0s 503 1s 503 1s 503\nb 0s 200", "pass 1 delivery had 3 attempts or more"},
		{"min_attempts", "min_attempts = 3", "a 0s 503 1s 503\nb 0s 503", "fail [a b] 2 deliveries given up before attempt 3, one after 1"},
		{"min_attempts", "min_attempts = 3", "a 0s 503 1s 200", "inconclusive no delivery failed often enough to need 3 attempts: let a fault last longer"},
		{"min_attempts", "min_attempts = 3\nnever_retry = [410]", "a 0s 410", "inconclusive no delivery failed often enough to need 3 attempts: let a fault last longer"},

		{"max_attempts", "max_attempts = 2", "a 0s 503 1s 200", "pass 2 attempts at most"},
		{"max_attempts", "max_attempts = 2", "a 0s 503 1s 503 1s 200\nb 0s 200", "fail [a] 1 delivery had more, up to 3 attempts"},
		{"max_attempts", "max_attempts = 2", "", "inconclusive no delivery came"},

		{"keeps_trying", `keeps_trying = "1m"`, "a 0s 503 30s 503 40s 503", "pass 1 delivery tried for 1m or longer"},
		{"keeps_trying", `keeps_trying = "1m"`, "a 0s 503 30s 503", "fail [a] 1 delivery given up sooner, one after 30.01 s"},
		{"keeps_trying", `keeps_trying = "1m"`, "a 0s 503 30s 200", "inconclusive no delivery failed for so long: the longest took 30.01 s; a longer fault, or time_scale, would tell"},
		{"keeps_trying", "keeps_trying = \"1h\"\ntime_scale = 60", "a 0s 503 30s 503 40s 503", "pass 1 delivery tried for 1h or longer"},

		{"survives", `survives = "1m"`, "a 0s 503 30s 503 60s 200", "pass 1 delivery acknowledged after faults of up to 30.02 s"},
		{"survives", `survives = "1m"`, "a 0s 503 30s 503\nb 0s 503 1s 200", "fail [a] 1 of 2 deliveries lost, one to faults that lasted 30.02 s"},
		{"survives", `survives = "10s"`, "a 0s 503 30s 503", "inconclusive no settled delivery met a fault that lasted up to 10 s"},

		{"retry_after", "retry_after = true", "a 0s 429+5s 5.001s 200", "pass 1 retry, none too early"},
		{"retry_after", "retry_after = true", "a 0s 429+5s 4.9s 200", "fail [a] 1 delivery came before Retry-After allowed it, by up to 100 ms"},
		{"retry_after", "retry_after = true", "a 0s 429+4.5s 3.6s 200", "pass 1 retry, none too early"},
		{"retry_after", `retry_after = { cap = "3s" }`, "a 0s 429+5s 3s 200", "pass 1 retry, none too early"},
		{"retry_after", "retry_after = true", "a 0s 429+5s@2s -1s 200", "inconclusive no attempt followed a Retry-After: a rule with retry_after would tell"},
		{"retry_after", "retry_after = true", "a 0s 503 1s 200", "inconclusive no attempt followed a Retry-After: a rule with retry_after would tell"},

		{"never_retry", "never_retry = [410]", "a 0s 410\nb 0s 503 1s 200", "pass 410: 0 of 1 retried"},
		{"never_retry", "never_retry = [410]", "a 0s 410 1s 200\nb 0s 410", "fail [a] 410: 1 of 2 retried"},
		{"never_retry", "never_retry = [410]", "a 0s 503 1s 200", "inconclusive no 410 was ever answered"},
		{"never_retry", `never_retry = [410, "3xx", "read_timeout"]`, "a 0s 410\nb 0s 302 1s 302", "fail [b] 410: 0 of 1 retried; 3xx: 1 of 2 retried; read_timeout: no attempt ended so"},

		{"always_retry", `always_retry = ["5xx", "broken"]`, "a 0s 503 1s reset 1s cut 1s 200", "pass 5xx: 1 of 1 retried; broken: 2 of 2 retried"},
		{"always_retry", `always_retry = ["5xx"]`, "a 0s 500\nb 0s reset 1s 500", "fail [a b] 5xx: 0 of 2 retried"},
		{"always_retry", "always_retry = [\"5xx\"]\nmax_attempts = 2", "a 0s 500 1s 500", "pass 5xx: 1 of 1 retried"},
		{"always_retry", `always_retry = ["5xx"]`, "a 0s 500 1s 500 1s 500\nb 0s 500 1s 500 1s 500", "pass 5xx: 4 of 4 retried"},
		{"always_retry", `always_retry = ["connect"]`, "a 0s 500", "inconclusive connect: no attempt ended so"},
		{"always_retry", `always_retry = ["connect", "read_timeout"]`, "a 0s refused 1s hang@10s 1s 200", "pass connect: 1 of 1 retried; read_timeout: 1 of 1 retried"},

		{"stops_endpoint", "stops_endpoint = [410]", "a 0s 410\nb path=/other 5s 200", "pass 0 attempts at 1 endpoint that had answered so"},
		{"stops_endpoint", "stops_endpoint = [410]", "a 0s 410\nb 5s 200", "fail [b] 1 attempt at 1 endpoint that had answered so"},
		{"stops_endpoint", "stops_endpoint = [410]", "a 0s 410@1s\nb 0.5s 200", "pass 0 attempts at 1 endpoint that had answered so"},
		{"stops_endpoint", "stops_endpoint = [410]", "a 0s 503", "inconclusive no endpoint ever answered so"},

		{"max_duplicates", "max_duplicates = 0", "a 0s hidden 1s 200\nb 0s 200", "pass 0 of 2 arrived more than once"},
		{"max_duplicates", "max_duplicates = 0", "a 0s 200 1s 200\nb 0s 200", "fail [a] 1 delivery arrived more than once"},
		{"max_duplicates", "max_duplicates = 0", "a 0s hidden@10s -9s 200", "fail [a] 1 delivery arrived more than once"},
		{"max_duplicates", "max_duplicates = 0", "a key_from=body 0s 200",
			"inconclusive 1 delivery told by the body alone, where a repetition counts as a new delivery: is there an id to key on?"},
		{"max_duplicates", "max_duplicates = 0", "a 0s 503", "inconclusive nothing was delivered"},
		{"after_lost_ack", "after_lost_ack = 1", "a 0s hidden 1s 200\nb 0s hidden", "pass [a] 1 of 2 arrived more than once after their acknowledgement was hidden"},
		{"after_lost_ack", "after_lost_ack = 0", "a 0s hidden 1s 200", "fail [a] 1 delivery arrived more than once after their acknowledgement was hidden"},
		{"after_lost_ack", "after_lost_ack = 0", "a 0s 200", "inconclusive no acknowledgement was hidden from the sender: deliver_first would do that"},

		{"stable_key", "stable_key = true", "a 0s 503 1s 200", "pass 1 delivery came again under the same key"},
		{"stable_key", "stable_key = true", "a1 body=first-event-text 0s 503\na2 body=first-event-text 1s 200\nb1 body=second-event-text 0s 503\nb2 body=second-event-text 1s 200",
			"fail [a1 b1] 2 bodies came again under another key"},
		{"stable_key", "stable_key = true", "a1 body=first-event-text 0s 503\na2 body=first-event-text 1s 200",
			"inconclusive [a1] 1 body came again under another key after it had failed: the same event, or another one like it"},
		{"stable_key", "stable_key = true", "a 0s 200", "inconclusive no delivery came again that is told by more than its body"},
		{"stable_body", "stable_body = true", "a 0s 503 1s 200", "pass 0 deliveries had another body under the same key"},
		{"stable_body", "stable_body = true", "a body=try-{n} 0s 503 1s 200", "fail [a] 1 delivery had another body under the same key"},
		{"stable_body", "stable_body = true", "a 0s 200", "inconclusive no delivery with a key of its own came again with a hash of its body (log.bodies)"},

		{"max_amplification", "max_amplification = 2", "a 0s 503 1s 200\nb 0s 200", "pass 1.5 attempts per delivery, 1.5 in the worst minute"},
		{"max_amplification", "max_amplification = 2", "a 0s 503 1s 503 1s 200\nb 70s 200", "fail [a] 2 attempts per delivery, 3 in the worst minute"},
		{"max_concurrency", "max_concurrency = 1", "a 0s 200@1s\nb 1s 200@1s", "pass 1 attempt at once at most"},
		{"max_concurrency", "max_concurrency = 1", "a 0s hang@1s\nb 0.99s 200", "pass 1 attempt at once at most"},
		{"max_concurrency", "max_concurrency = 1", "a 0s 200@1s\nb 0.9s 200@1s", "fail [b] 2 attempts at once at most"},
		{"max_concurrency", "max_concurrency = 1", "a 0s 200@1s\nb host=b.test 0.9s 200@1s", "pass 1 attempt at once at most"},
		{"max_rate", "max_rate = 2", "a 0s 200\nb 0.5s 200\nc 1s 200", "pass 2 attempts within a second at most"},
		{"max_rate", "max_rate = 2", "a 0s 200\nb 0.5s 200\nc 0.9s 200", "fail [a b c] 3 attempts within a second at most"},
		{"ordered", "ordered = true", "a 0s 503 1s 200\nb 2s 200", "pass 0 deliveries acknowledged before one that began earlier"},
		{"ordered", "ordered = true", "a 0s 503 9s 200\nb 2s 200", "fail [b] 1 delivery acknowledged before one that began earlier"},
		{"ordered", "ordered = true", "a 0s 503 1s 503\nb 2s 200", "pass 0 deliveries acknowledged before one that began earlier"},
		{"ordered", "ordered = true", "a 0s 200\nb path=/other 2s 200", "inconclusive no endpoint had two settled deliveries"},

		{"max_time", `max_time = "10s"`, "a 0s 503 5s 200", "pass the longest took 5.02 s"},
		{"max_time", `max_time = "10s"`, "a 0s 503 15s 200\nb 0s 200", "fail [a] 1 delivery took longer, up to 15.02 s"},
		{"max_time", `max_time = "10s"`, "a created=2026-11-24T08:59:30Z 0s 200", "fail [a] 1 delivery took longer, up to 30.01 s"},
		{"max_time", `max_time = "10s"`, "a 0s 503", "inconclusive no delivery was acknowledged"},
		{"timeout", `timeout = "10s"`, "a 0s hang@10.3s 1s 200", "pass gave up waiting after 10.3 s"},
		{"timeout", `timeout = "10s"`, "a 0s hang@5s 1s 200", "fail [a] gave up waiting after 5 s"},
		{"timeout", `timeout = "10s"`, "a 0s held@60s", "fail [a] 1 delivery waited longer, up to 1m"},
		{"timeout", `timeout = "10s"`, "a bytes=1000000 0s held@60s\nb 0s hang@10s", "pass gave up waiting after 10 s"},
		{"timeout", `timeout = "15s-30s"`, "a 0s hang@15s 1s hang@30s", "pass gave up waiting after 30 s"},
		{"timeout", `timeout = "10s"`, "a 0s 503", "inconclusive the sender never gave up waiting: a hang would tell"},

		{"deliveries", "deliveries = 2", "a 0s 200\nb 0s 200", "pass 2 deliveries came"},
		{"deliveries", "deliveries = 3", "a 0s 200\nb 0s 200", "fail 2 deliveries came"},
		{"untouched.max_time", "[expect.untouched]\nmax_time = \"1s\"", "a 0s 503 9s 200\nb 0s 200", "pass the longest took 10 ms"},
		{"untouched.max_time", "[expect.untouched]\nmax_time = \"1s\"", "a 0s 503 9s 200\nb 0s 200@3s", "fail [b] 1 delivery took longer, up to 3 s"},
		{"untouched.delivered", "[expect.untouched]\ndelivered = 1", "a 0s 200*", "inconclusive no delivery is settled"},
	}
	for _, tt := range tests {
		t.Run(tt.key+" "+tt.log, func(t *testing.T) {
			require.Equal(t, tt.want, brief(checkOf(t, judgeMade(t, tt.log, tt.key), tt.name)))
		})
	}
}
