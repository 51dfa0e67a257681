package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// reportLog is a log of deliveries at a steady rate; in the third fifth of its time targets are down, now and then at other times, and what fails is retried after 1, 2, 4 … s.
type reportLog struct {
	name            string
	deliveries      int
	every           time.Duration // between two deliveries
	key, host, rule func(i int) string
}

func reportLogs() []reportLog {
	plain := func(of string) func(int) string { return func(i int) string { return fmt.Sprintf("%s_%05d", of, i) } }
	ours := func(int) string { return "hooks.example.com" }
	evil := []string{
		strings.Repeat("k", 5000), "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "\u202eturned\u202c\x00\x1b[2J\n\t", strings.Repeat("漢字", 80),
		strings.Repeat("z\u030c", 60), strings.Repeat("مرحبا", 30), strings.Repeat("👩‍👩‍👧‍👦", 40), "{{.Title}}", strings.Repeat("W", 200),
	}
	return []reportLog{
		{name: "none", key: plain("wh"), host: ours},
		{name: "one", deliveries: 1, every: time.Second, key: plain("wh"), host: ours, rule: plain("rule")},
		{name: "a handful", deliveries: 6, every: 2 * time.Second, key: plain("wh"), host: ours, rule: func(int) string { return "outage" }},
		{name: "10,000 attempts", deliveries: 4000, every: 50 * time.Millisecond, key: plain("wh"), host: ours, rule: func(int) string { return "outage" }},
		{name: "twenty endpoints", deliveries: 1000, every: 200 * time.Millisecond, key: plain("wh"), host: func(i int) string { return fmt.Sprintf("hooks-%02d.example.com:8443", i%20) }, rule: func(i int) string { return plain("rule")(i % 20) }},
		{name: "days", deliveries: 400, every: 20 * time.Minute, key: plain("wh"), host: ours, rule: func(int) string { return "outage" }},
		{
			name: "ill-meant", deliveries: 200, every: 500 * time.Millisecond, key: func(i int) string { return evil[i%len(evil)] + fmt.Sprint(i) },
			host: func(i int) string { return strings.Repeat("long-label.", i%20) + "test" }, rule: func(i int) string { return evil[i%len(evil)] },
		},
	}
}

// lines are the log's.
func (l reportLog) lines(t *testing.T) string {
	t.Helper()
	begin := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	length := time.Duration(l.deliveries) * l.every
	type timed struct {
		at   time.Time
		line map[string]any
	}
	all := []timed{{begin, map[string]any{"v": 1, "event": "run", "run": "r1", "start": begin, "seed": 7, "scenario": map[string]any{
		"name": l.name, "hash": "0123456789abcdef", "text": "name = \"made\"\n[expect]\ndelivered = \"100%\"\n",
	}}}}
	for i := range l.deliveries {
		at := begin.Add(time.Duration(i) * l.every)
		for n := 1; n <= 10; n++ {
			into := at.Sub(begin)
			down := into >= 2*length/5 && into < 3*length/5 || n == 1 && i%10 == 0
			line := l.attempt(i, n, at, down)
			all = append(all, timed{at, line})
			if !down {
				break
			}
			at = at.Add(time.Duration(line["ms"].(map[string]any)["total"].(float64) * 1e6)).Add(time.Second << (n - 1))
		}
	}
	slices.SortStableFunc(all, func(a, b timed) int { return a.at.Compare(b.at) })
	var b strings.Builder
	for seq, one := range all {
		one.line["seq"] = seq
		text, err := json.Marshal(one.line)
		require.NoError(t, err)
		b.Write(append(text, '\n'))
	}
	return b.String()
}

// attempt is the line of one.
func (l reportLog) attempt(i, n int, at time.Time, down bool) map[string]any {
	host, key := l.host(i), l.key(i)
	id := fmt.Sprintf("d%05d", i)
	line := map[string]any{
		"v": 1, "event": "attempt", "run": "r1", "id": fmt.Sprintf("%s-%d", id, n), "delivery": id, "key": key, "key_from": "header:Webhook-Id", "attempt": n, "start": at,
		"host": host, "endpoint": "http://" + host + "/claims/" + key, "method": "POST", "request": map[string]any{"bytes": 9, "sha256": id}, "rules": []string{}, "faults": []string{},
		"outcome": "acknowledged", "reached": "whole", "delivered": true, "end": "complete", "ended_by": "target", "ms": map[string]any{"total": 5 + float64(i%40)},
		"target": map[string]any{"status": 200}, "answer": map[string]any{"status": 200},
	}
	if !down {
		return line
	}
	line["rules"], line["target"], line["reached"], line["delivered"], line["ended_by"] = []string{l.rule(i)}, nil, "none", false, "proxy"
	switch i % 4 {
	case 0:
		line["outcome"], line["faults"], line["answer"] = "rejected", []string{"status"}, map[string]any{"status": 503}
	case 1:
		line["outcome"], line["faults"], line["answer"], line["end"] = "unanswered", []string{"reset"}, nil, "reset"
	case 2:
		line["outcome"], line["faults"], line["end"] = "broken", []string{"truncate"}, "cut"
	default:
		line["outcome"], line["faults"], line["answer"], line["end"], line["ended_by"] = "unanswered", []string{"hang"}, nil, "silence", "sender"
		line["ms"] = map[string]any{"total": 2000.0}
	}
	return line
}
