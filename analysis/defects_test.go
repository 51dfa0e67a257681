package analysis_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
)

// named are the defects of a report: name, how many deliveries, which.
func named(r *analysis.Report) []string {
	names := []string{}
	for _, d := range r.Defects {
		names = append(names, fmt.Sprintf("%s: %d %s", d.Name, d.Deliveries, strings.Join(d.Evidence, " ")))
	}
	return names
}

// together are n deliveries that begin within a second of each other.
func together(n int, course string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "wh_%02d %s %s\n", i, time.Duration(i)*20*time.Millisecond, course)
	}
	return b.String()
}

// spread are deliveries that fail one after another, and are all tried again at the same moment, as by a job of every minute.
func spread(n int) string {
	var b strings.Builder
	for i := range n {
		began := time.Duration(i) * time.Second
		fmt.Fprintf(&b, "wh_%02d %s 503 %s 200\n", i, began, time.Minute-began+time.Duration(i)*time.Millisecond)
	}
	return b.String()
}

// Each defect: a log that shows it.
func TestDefects(t *testing.T) {
	tests := []struct {
		name, log string
		want      []string
	}{
		{"the bug", failing(3, "reset 1s 500"), []string{"not retried after a non-200 answer: 3 wh_0 wh_1 wh_2"}},
		{"no retries at all", failing(3, "503"), []string{"not retried after a non-200 answer: 3 wh_0 wh_1 wh_2"}},
		{"a 410", failing(2, "503 1s 410 2s 410 4s 200"), []string{"retries a 410: 2 wh_0 wh_1"}},
		{"gives up", failing(3, "503 1s 503 2s 503 4s 503"), []string{"gives up after 7.04 s: 3 wh_0 wh_1 wh_2"}},
		{"in step, without jitter", together(24, "503 8s 200"), []string{"retries in step: 24 wh_00 wh_01 wh_02"}},
		{"in step, by the clock", spread(24), []string{"retries in step: 24 wh_00 wh_01 wh_02"}},
		{"what was acknowledged", "a 0s 200 60s 200\nb 0s 200", []string{"retries what was acknowledged: 1 a"}},
		{"keys", "a1 body=first-event-text 0s 503\na2 body=first-event-text 1s 200\nb1 body=second-event-text 0s 503\nb2 body=second-event-text 1s 200", []string{"changes the key: 2 a1 b1"}},
		{"one body under three keys", "a1 body=first-event-text 0s 503\na2 body=first-event-text 1s 503\na3 body=first-event-text 2s 200", []string{"changes the key: 2 a1 a2"}},
		{"an id in the body under several keys", `a1 bodies=full body={"event_id":"e1","sent":1} 0s 503` + "\n" + `a2 bodies=full body={"event_id":"e1","sent":2} 1s 503` + "\n" +
			`a3 bodies=full body={"event_id":"e1","sent":3} 2s 200`, []string{"changes the key: 2 a1 a2"}},
		{"no timeout", "a 0s held@600s 5s 200\nb 0s 200", []string{"no timeout: 1 a"}},
		{"at once", failing(3, "503 2ms 503 1ms 503 3ms 200"), []string{"retries at once: 3 wh_0 wh_1 wh_2"}},
		{"twice after more than the visibility timeout", "a 0s 503 2h 503@2s -1s 503 1s 200", []string{"cap over the visibility timeout: 1 a"}},
		{"the target, not the sender", "a 60s down 30s down 31s 200", []string{"target was down: refused 09:01 to 09:01: 1 a"}},
	}
	page, err := os.ReadFile("../docs/verdict.md")
	require.NoError(t, err)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := analysis.Judge(logOf(makeLog(t, tt.log)), ended(nil))
			require.Equal(t, tt.want, named(r))
			for _, d := range r.Defects {
				name, _, _ := strings.Cut(d.Name, ":")
				require.Contains(t, string(page), "| "+regexp.MustCompile(`[0-9.]+ s$`).ReplaceAllString(name, "n s")+" |")
			}
		})
	}
}

// Every defect says how to mend it.
func TestMends(t *testing.T) {
	r := analysis.Judge(logOf(makeLog(t, failing(3, "503")+"a 20m 503 1s 410 1s 200 5s 200\nb 20m held@600s")), ended(nil))
	require.NotEmpty(t, r.Defects)
	for _, d := range r.Defects {
		require.NotEmpty(t, d.Mend, d.Name)
		require.NotEmpty(t, d.Cause, d.Name)
	}
}

// Senders that are right and look wrong: nothing is said against them.
func TestInnocent(t *testing.T) {
	tests := []struct{ name, log string }{
		{"one event at three endpoints", "a path=/1 0s 200\na path=/2 0s 200\na path=/3 0s 503 1s 200"},
		{"a timestamp in the body, under a key of its own", `a bodies=full body={"at":"2026-11-24T09:00:0{n}Z"} 0s 503 1s 200`},
		{"a timestamp in the body, which is the key", `a key_from=body bodies=full body={"at":"2026-11-24T09:00:00Z","n":"one"} 0s 503` + "\n" +
			`b key_from=body bodies=full body={"at":"2026-11-24T09:00:05Z","n":"one"} 5s 200`},
		{"a jitter that comes out at 0", "a 0s 503 1ms 503 2s 200\nb 0s 503 2ms 503 1s 200\nc 0s 503 1s 503 1ms 200\nd 0s 503 1.01s 503 2.01s 200\ne 0s 503 0.6s 200"},
		{"a default delay of 180 s", "a 0s 503 180s 200\nb 0s 503 180s 503 180s 200"},
		{"the target's own failure", "a 0s 503! 1s 200"},
		{"a restart of faultline", ".run r1 0s\na 0s stopped\n.run r2 10s\nb 20s 200"},
		{"other traffic", "a 0s 503 1s 200\n.other 10s"},
		{"events that are alike", "a body=the-same-for-all 0s 503 1s 200\nb body=the-same-for-all 5s 200\nc body=the-same-for-all 6s 503 1s 200\nd body=the-same-for-all 7s 200"},
		{"a 400 that is not retried", "a 0s 400\nb 0s 200"},
		{"a 410 that is not retried", "a 0s 410\nb 0s 503 1s 200"},
		{"two events under one key", "a 0s 200\na body=another-event-of-the-claim 60s 200"},
		{"a crowd that jitters", jittering(40)},
		{"a crowd that retries within a second", together(30, "503 0.5s 200")},
		{"long gaps, as published", "a 0s 503 5s 503 5m 503 2h 503 5h 200"},
		{"patient for days", "a 0s 503 24h 503 24h 503"},
		{"a slow target that was waited for", "a 0s 200@25s"},
		{"a timeout on a long hang", "a 0s hang@60s 1s 200"},
		{"an attempt while another is under way", "a 0s hang@10s -2s 200"},
		{"a copy of a long task, after the visibility timeout", "a 0s hang@2h -1h 200\nb 0s 200"},
		{"bodies with a time in them, which are the key and not in the log", "a key_from=body 0s 503\nb key_from=body 5s 503\nc key_from=body 15s 200"},
		{"error reports to elsewhere, which nobody sends again", "a key_from=body host=o1.ingest.sentry.test path=/api/1/envelope/ 0s 503\nb key_from=body host=o1.ingest.sentry.test path=/api/1/envelope/ 60s 200\nc 0s 503 1s 200"},
		{"a redirect that is followed with the body", "a path=/old 0s 307\na path=/new 0.05s 200"},
		{"a permanent redirect that is followed to a failure, and on", "a path=/old 0s 308\na path=/new 0.05s 503 2s 200"},
		{"a large body that goes out slowly", "a bytes=20000000 0s 503@5m 1s 200@5m\nb 0s 503 1s 200"},
		{"a retry at once, as the close is noticed", "a 0s hang@10s -5ms 503 1s 200\nb 0s 503 1s 200"},
		{"one delivery that is sent again by hand", "a 0s 503 1s 503 2s 503 2h 200\nb 9s 503 1s 503 2s 200"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := judgeMade(t, tt.log, "max_attempts = 10\ndelivered = \"0%\"")
			require.Empty(t, named(r))
			require.NotEqual(t, analysis.Fail, r.Verdict)
		})
	}
}

// jittering are deliveries that fail together, and whose waits are anything up to 10 s.
func jittering(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "wh_%02d %s 503 %s 200\n", i, time.Duration(i)*10*time.Millisecond, time.Duration((i*7919)%10_000)*time.Millisecond)
	}
	return b.String()
}

// Where it cannot be told whether a delivery came again, it is not said to be lost.
func TestDoubtful(t *testing.T) {
	log := `a key_from=body bodies=full body={"at":"2026-11-24T09:00:00Z","n":"one"} 0s 503` + "\n" + `b key_from=body bodies=full body={"at":"2026-11-24T09:00:05Z","n":"one"} 5s 200`
	r := judgeMade(t, log, "delivered = 1\nalways_retry = [\"5xx\"]\nmin_attempts = 2")
	require.Equal(t, "inconclusive 1 of 1 delivery arrived; of 1 more it cannot be told: they failed, and the same came again under another key or elsewhere, or may have", brief(checkOf(t, r, "delivered")))
	require.Equal(t, "inconclusive 5xx: none of 1 is settled", brief(checkOf(t, r, "always_retry")))
	require.Equal(t, analysis.Inconclusive, r.Verdict)

	for _, log := range []string{
		"a path=/old 0s 307\na path=/new 0.05s 200",      // a redirect that was followed
		"a key_from=body 0s 503\nb key_from=body 5s 200", // a body that may have had a time in it
		"a key_from=body 0s 503\nb key_from=body 5s 503\n" + "c key_from=body 15s 200",
	} {
		require.Equal(t, analysis.Inconclusive, checkOf(t, judgeMade(t, log, "delivered = 1"), "delivered").Result, log)
	}
	for _, log := range []string{
		"a path=/old 0s 307\na path=/new 5s 200",                                        // much later: another event
		"a path=/old 0s 503\na path=/new 0.05s 200",                                     // no redirect: fanned out
		"a key_from=body 0s 503\nb key_from=body 5s 200\nc key_from=body 6s 503 1s 200", // bodies come again as they were
		"a key_from=body 0s 503\nb path=/elsewhere key_from=body 5s 200",                // nothing came there any more
		"a key_from=body 0s 200\nb key_from=body 5s 503",                                // nor here
		"a key_from=body bytes=100 0s 503\nb key_from=body bytes=120 5s 200",            // another event, by its size
	} {
		require.Equal(t, analysis.Fail, checkOf(t, judgeMade(t, log, "delivered = 1"), "delivered").Result, log)
	}
}
