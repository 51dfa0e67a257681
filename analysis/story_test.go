package analysis_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/deliveries"
)

// When a delivery is settled, and what it is then.
func TestSettling(t *testing.T) {
	tests := []struct {
		name, log string
		ask       analysis.Question
		want      string // of the first delivery
	}{
		{"acknowledged", "a 0s 503 1s 200", analysis.Question{}, "acknowledged "},
		{"may be retried", "a 0s 503\n.other 199s", analysis.Question{}, "open "},
		{"silent for longer than Celery's default delay", "a 0s 503\n.other 201s", analysis.Question{}, "lost never_retried"},
		{"given up", "a 0s 503 1s 503\n.other 300s", analysis.Question{}, "lost gave_up"},
		{"the policy waits longer", "a 0s 503 100s 503 200s 503\nb 0s 503 100s 503 200s 503 400s 200\n.other 1400s", analysis.Question{}, "open "},
		{"silent for three times the longest of its gaps", "a 0s 503 100s 503 200s 503\nb 0s 503 100s 503 200s 503 400s 200\n.other 2800s", analysis.Question{}, "lost gave_up"},
		{"told to come back later", "a 0s 503+1h\n.other 1000s", analysis.Question{}, "open "},
		{"the operator's own word", "a 0s 503\n.other 61s", analysis.Question{Settle: time.Minute}, "lost never_retried"},
		{"the sender has ended", "a 0s 503", analysis.Question{Ended: true}, "lost never_retried"},
		{"faultline was there for longer than its last line", "a 0s 503", analysis.Question{Until: at(time.Hour)}, "lost never_retried"},
		{"under way", ".open a 0s\n.other 900s", analysis.Question{}, "open "},
		{"cut off by a crash of ours", ".run r1 0s\n.open a 0s\n.run r2 10s\n.other 900s", analysis.Question{}, "lost never_retried"},
		{"its sender had no worker left", "a 0s 503\nb 1s held@900s", analysis.Question{}, "open "},
		{"its sender has no worker left", "a 0s 503\n.open b 1s\n.other 900s", analysis.Question{}, "open "},
		{"its sender had no worker left, and then it had", "a 0s 503\nb 1s held@900s\n.other 1200s", analysis.Question{}, "lost never_retried"},
		{"its sender had a worker besides", "c 0s hang@1s\nd 0s 503@1s\na 0s 503\nb 2s held@900s", analysis.Question{}, "lost never_retried"},
		{"faultline was away", ".run r1 0s\na 0s 503\n.run r2 900s\n.other 1000s", analysis.Question{}, "open "},
		{"faultline was away, and has watched since", ".run r1 0s\na 0s 503\n.run r2 900s\n.other 1200s", analysis.Question{}, "lost never_retried"},
		{"silent before faultline went away", ".run r1 0s\na 0s 503\n.other 250s\n.run r2 900s", analysis.Question{}, "lost never_retried"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := analysis.Stories(logOf(makeLog(t, tt.log)), tt.ask)[0]
			require.Equal(t, tt.want, string(s.State)+" "+string(s.Reason))
		})
	}
}

// A shorter silence than Celery's default delay is the operator's own word, and the verdict says what it may be worth.
func TestShortSilence(t *testing.T) {
	r := analysis.Judge(logOf(makeLog(t, "a 0s 503\n.other 61s")), analysis.Question{Expect: expect(t, "delivered = 1"), Settle: time.Minute})
	require.Equal(t, analysis.Fail, r.Verdict)
	require.Equal(t, "fail [a] 0 of 1 delivery arrived, 1 lost; nothing for 1m: Celery's default delay is 180 s", brief(checkOf(t, r, "delivered")))
}

func TestStories(t *testing.T) {
	log := "b 1s hidden 1s 200\na 0s 503+2s 1s hang@10s -9s reset\n.open c 5s\nd key_from=body 9s maybe\ne 10s 200~"
	stories := analysis.Stories(logOf(makeLog(t, log)), analysis.Question{Ended: true})
	var lines []string
	for _, s := range stories {
		lines = append(lines, s.String())
	}
	require.Equal(t, strings.TrimPrefix(`
lost         a                    http://hooks.test/claims  503, silence by sender, reset  (gave up, attempts overlap)
acknowledged b                    http://hooks.test/claims  reset, 200  (arrived more than once)
lost         c                    http://hooks.test/claims  unfinished  (never retried)
lost         d                    http://hooks.test/claims  reset  (never retried, may have arrived)
acknowledged e                    http://hooks.test/claims  200  (acknowledged without reaching the target)`, "\n"), strings.Join(lines, "\n"))
	require.Equal(t, strings.TrimPrefix(`
a  http://hooks.test/claims  lost (gave up, attempts overlap)
  delivery d-a-hooks.test/claims, first attempt 2026-11-24T09:00:00Z
  #1    +0 ms  took 10 ms                503  █·······································  [rule]   Retry-After 2 s
  #2  +1.01 s   took 10 s  silence by sender  ···█████████████████████████████████████  [rule]
  #3  +2.01 s  took 10 ms              reset  ·······█································  overlaps an earlier one   [rule]
`, "\n"), stories[0].TimeLine())
	require.True(t, stories[0].Named("a"))
	require.True(t, stories[0].Named("d-a"))
	require.False(t, stories[0].Named("d-b"))
	require.False(t, stories[0].Named(""))

	text, err := json.Marshal(stories[1].JSON())
	require.NoError(t, err)
	require.JSONEq(t, `{"delivery":"d-b-hooks.test/claims","key":"b","endpoint":"http://hooks.test/claims","state":"acknowledged","reason":"","flags":["duplicated"],
		"first":"2026-11-24T09:00:01Z","attempts":[
		{"attempt":1,"id":"a0001","start":"2026-11-24T09:00:01Z","total_ms":10,"gap_ms":null,"outcome":"unanswered","end":"reset","status":0,"rules":["rule"]},
		{"attempt":2,"id":"a0002","start":"2026-11-24T09:00:02.01Z","total_ms":10,"gap_ms":1000,"outcome":"acknowledged","end":"complete","status":200,"rules":null}]}`, string(text))
}

// A clock that was set back does not turn attempts around, and leaves no gap to judge.
func TestClockSetBack(t *testing.T) {
	records := makeLog(t, "a 100s 503 1s 503 1s 200")
	for _, r := range records[1:] {
		a := r.(*deliveries.Attempt)
		a.Start = a.Start.Add(-time.Minute)
	}
	r := analysis.Judge(logOf(records), ended(expect(t, `backoff = { shape = "constant", first = "1s" }`)))
	require.Equal(t, "inconclusive no gap to look at: a fault that lasts for some attempts would make one", brief(checkOf(t, r, "backoff")))
	require.Equal(t, "acknowledged a                    http://hooks.test/claims  503, 503, 200", analysis.Stories(logOf(records), ended(nil))[0].String())
}

// Attempts at the same time have no gap, and the verdict says so.
func TestOverlapIsSaid(t *testing.T) {
	r := judgeMade(t, "a 0s hang@10s -2s 200\nb 0s 200", "delivered = 1")
	require.Contains(t, r.Text("LOG"), "note    1 delivery had attempts at the same time, as when a task runs twice  ")
	require.Equal(t, []string{"a"}, r.OverlappingKeys)
	require.Zero(t, r.Policy.Gaps)

	// A close is noticed a moment after its sender has gone on.
	r = judgeMade(t, "a 0s hang@10s -5ms 503 1s 200", "delivered = 1")
	require.Zero(t, r.Overlapping)
	require.Equal(t, 2, r.Policy.Gaps)
}
