package analysis_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/deliveries"
)

// Each check of validity: a log that keeps it, and those that do not.
func TestValidity(t *testing.T) {
	const silent = "\n.other 500s"
	tests := []struct {
		name, log string
		ask       analysis.Question
		want      string
	}{
		{"V1", "a 0s 200", analysis.Question{}, "pass no record is lost"},
		{"V1", "a 0s 200\n.gap 5s", analysis.Question{}, "inconclusive 12 records from 09:00:05 to 09:00:05: no space left on device; repeat the run with the whole log"},

		{"V2", "a 0s 503 1s 200", analysis.Question{}, "pass no scenario is known whose rules should have fired"},
		{"V2", "a 0s 503 1s 200", analysis.Question{Rules: []analysis.RuleFirings{{Rule: "down", Fired: 1}}}, "pass the rules have fired once"},
		{"V2", "a 0s 200", analysis.Question{Rules: []analysis.RuleFirings{{Rule: "down", Fired: 1}, {Rule: "slow", Expected: 5}}},
			`inconclusive "slow" should have fired 5 times and did not: were the faults switched off?`},
		{"V2", "a 0s 200", analysis.Question{Rules: []analysis.RuleFirings{{Rule: "down", Fired: 1}, {Rule: "slow", Expected: 4}}}, "pass the rules have fired once"},
		{"V2", "a 0s 200", analysis.Question{Rules: []analysis.RuleFirings{{Rule: "down"}}},
			"inconclusive no rule of the scenario has fired: do match and when fit what came?"},

		{"V3", "a 0s 503 1s 200", analysis.Question{}, "pass the target never failed of itself"},
		{"V3", "a 0s 404! 1s 200", analysis.Question{}, "pass the target never failed of itself"},
		{"V3", "a 0s 503! 1s 503! 1s 200\nb 0s down 1s 200", analysis.Question{},
			"inconclusive [a b] the target failed of itself 3 times (502 1x, 503 2x), which is not the sender's: repeat the run against one that is up"},
		{"V3", "", analysis.Question{}, "inconclusive no attempt came"},

		{"V4", "a 0s 503" + silent, analysis.Question{}, "pass all deliveries are settled"},
		{"V4", "a 0s 503\n.other 100s", analysis.Question{}, "inconclusive [a] 1 delivery may still be retried: the log ends 1m40s after the last attempt, " +
			"and a delivery is lost after 3m20s of silence; let it run longer, or say --settle (0s: the sender has ended)"},
		{"V4", "a 0s 503\n.other 100s", analysis.Question{Settle: time.Minute}, "pass all deliveries are settled"},
		{"V4", "a 0s 503", analysis.Question{Ended: true}, "pass all deliveries are settled"},
		{"V4", "a 0s 503", analysis.Question{Until: at(201 * time.Second)}, "pass all deliveries are settled"},

		{"V5", "a 0s 503 1s 200", analysis.Question{}, "pass nothing speaks against the key"},
		{"V5", `a key_from=body bodies=full body={"at":"2026-11-24T09:00:00Z","n":1} 0s 503` + "\n" + `b key_from=body bodies=full body={"at":"2026-11-24T09:00:05Z","n":1} 5s 200`,
			analysis.Question{}, "inconclusive [a] 1 delivery failed once and came again with another time or UUID in the body, which is the key: is there an id to key on?"},
		{"V5", `a key_from=body bodies=full body={"id":1000} 0s 503` + "\n" + `b key_from=body bodies=full body={"id":1001} 5s 200` + silent, analysis.Question{},
			"pass nothing speaks against the key"},
		{"V5", "a key_from=body 0s 503" + silent, analysis.Question{}, "inconclusive [a] 1 delivery lost after one attempt told by the body alone, which is not in the log: " +
			"had it a time in it, a retry would be another delivery; name a key, or log.bodies = \"full\" tells"},
		{"V5", `a bodies=full body={"type":"paid{n}"} 0s 503 1s 200`, analysis.Question{}, "inconclusive [a] 1 delivery with bodies of different type under one key: does it tell events apart?"},

		{"V6", "a 0s 503 1s 200", analysis.Question{}, "pass nothing was hidden"},
		{"V6", "a 0s 503 1s 200\n.connect 5s\n.connect 6s", analysis.Question{},
			"inconclusive 2 faults at connect at hooks.test hid what came there; say how many deliveries there were (deliveries, or --emitted N)"},
		{"V6", "a 0s 503 1s 200\n.door 5s 8s", analysis.Question{},
			"inconclusive 1 fault at connect at hooks.test hid what came there; say how many deliveries there were (deliveries, or --emitted N)"},
		{"V6", "a 0s 503 1s 200\n.connect 5s", analysis.Question{Emitted: 1}, "pass 1 fault at connect at hooks.test; 1 delivery in all"},
		{"V6", "a 0s 503 1s 200\n.tunnel 5s", analysis.Question{},
			"inconclusive 1 tunnel to pay.test passed unseen; --intercept opens it, or say how many deliveries there were (--emitted N)"},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.log, func(t *testing.T) {
			require.Equal(t, tt.want, brief(checkOf(t, analysis.Judge(logOf(makeLog(t, tt.log)), tt.ask), tt.name)))
		})
	}
}

// What makes V1 fail besides a gap line.
func TestLostRecords(t *testing.T) {
	whole := makeLog(t, "a 0s 200\nb 1s 200\nc 2s 200\nd 3s 200")
	v1 := func(log *analysis.Log) string { return brief(checkOf(t, analysis.Judge(log, ended(nil)), "V1")) }

	require.Equal(t, "pass no record is lost", v1(logOf(whole)))
	require.Equal(t, "inconclusive 1 attempt missing by their numbers (seq); repeat the run with the whole log", v1(logOf([]deliveries.Record{whole[0], whole[2], whole[3]})))
	require.Equal(t, "inconclusive 2 attempts before the first, removed by log.keep or in another file; repeat the run with the whole log", v1(logOf(whole[2:])))

	log := logOf(whole)
	log.Unreadable(&deliveries.BadLine{File: "000001.jsonl", Line: 7, Err: errors.New("unexpected end of JSON input")})
	log.Unreadable(&deliveries.BadLine{File: "000001.jsonl", Line: 5, Err: errors.New("line without an end")})
	require.Equal(t, "inconclusive 2 lines cannot be read: 000001.jsonl:5: line without an end; repeat the run with the whole log", v1(log))

	for _, r := range whole {
		r.(*deliveries.Attempt).Seq = 4711
	}
	require.Equal(t, "pass no record is lost", v1(logOf(whole)), "numbers that are all alike were not counted")
}

// A folder tells by the numbers of its segments whether what is missing before the first attempt was removed.
func TestLostRecordsOfAFolder(t *testing.T) {
	whole := makeLog(t, "a 0s 200\nb 1s 200\nc 2s 200\nd 3s 200")
	v1 := func(dir string) string { return brief(checkOf(t, analysis.Judge(logIn(t, dir), ended(nil)), "V1")) }
	require.Equal(t, "pass no record is lost", v1(write(t, whole)))
	require.Equal(t, "inconclusive 3 attempts missing by their numbers (seq); repeat the run with the whole log", v1(write(t, whole[3:])))

	cut := write(t, whole[2:])
	require.NoError(t, os.Rename(filepath.Join(cut, "000001.jsonl"), filepath.Join(cut, "000003.jsonl")))
	require.Equal(t, "inconclusive 2 attempts before the first, removed by log.keep or in another file; repeat the run with the whole log", v1(cut))

	torn := write(t, whole)
	require.NoError(t, os.WriteFile(filepath.Join(torn, "000002.jsonl"), []byte("{\n"), 0o644))
	require.Equal(t, "inconclusive 1 line cannot be read: "+torn+"/000002.jsonl:1: unexpected end of JSON input; repeat the run with the whole log", v1(torn))
}

// What a check of validity that does not hold does to the others: no pass stands, and no fail that rests on absence.
func TestDoubts(t *testing.T) {
	tests := []struct{ name, key, log, want string }{
		{"delivered", "delivered = 1", "a 0s 200\n.gap 5s", "inconclusive 1 of 1 delivery arrived, but V1 does not hold"},
		{"delivered", "delivered = 1", "a 0s 503\n.gap 5s", "inconclusive [a] 0 of 1 delivery arrived, 1 lost; it may not be so, as V1 does not hold"},
		{"delivered", "delivered = 1", "a 0s down 1s down", "inconclusive [a] 0 of 1 delivery arrived, 1 lost; it may not be so, as V3 does not hold"},
		{"delivered", "delivered = 1", "a 0s 200\n.connect 5s", "inconclusive 1 of 1 delivery arrived, but V6 does not hold"},
		{"delivered", "delivered = 1\ndeliveries = 1", "a 0s 200\n.connect 5s", "pass 1 of 1 delivery arrived"},
		{"delivered", "delivered = 1\ndeliveries = 2", "a 0s 200\n.connect 5s", "fail 1 of 2 deliveries arrived, 1 never seen"},
		{"survives", "survives = \"10s\"\ndeliveries = 1", "a 0s 503 1s 200\n.connect 5s", "pass 1 delivery acknowledged after faults of up to 10 ms"},
		{"always_retry", `always_retry = ["5xx"]`, "a 0s 503\n.gap 5s", "inconclusive [a] 5xx: 0 of 1 retried; it may not be so, as V1 does not hold"},
		{"never_retry", "never_retry = [410]", "a 0s 410 1s 410\n.gap 5s", "fail [a] 410: 1 of 2 retried"},
		{"max_attempts", "max_attempts = 1", "a 0s 410 1s 410\n.gap 5s", "fail [a] 1 delivery had more, up to 2 attempts"},
		{"max_duplicates", "max_duplicates = 0", "a 0s 200 1s 200\n.gap 5s", "fail [a] 1 delivery arrived more than once"},
		{"max_attempts", "max_attempts = 2", "a 0s 410 1s 410\n.gap 5s\n.connect 5s", "inconclusive 2 attempts at most, but V1 and V6 do not hold"},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.log, func(t *testing.T) {
			require.Equal(t, tt.want, brief(checkOf(t, judgeMade(t, tt.log, tt.key), tt.name)))
		})
	}
}

func TestVerdict(t *testing.T) {
	tests := []struct {
		name, keys, log string
		want            analysis.Result
	}{
		{"all pass", "delivered = 1\nmax_attempts = 3", "a 0s 503 1s 200", analysis.Pass},
		{"one fails", "delivered = 1\nmax_attempts = 1", "a 0s 503 1s 200", analysis.Fail},
		{"one cannot be told", "delivered = 1\nnever_retry = [410]", "a 0s 503 1s 200", analysis.Inconclusive},
		{"a fail beats what cannot be told", "max_attempts = 1\nnever_retry = [410]", "a 0s 503 1s 200", analysis.Fail},
		{"nothing is asked", "", "a 0s 503 1s 200", analysis.Inconclusive},
		{"nothing came", "max_attempts = 1", ".run r1 0s", analysis.Inconclusive},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, judgeMade(t, tt.log, tt.keys).Verdict)
		})
	}
}

// A line that says a time that cannot be is judged like any other.
func TestTimesOfAnySize(t *testing.T) {
	for _, ms := range []float64{math.MaxFloat64, 1e13, -1e13} {
		records := makeLog(t, "a 0s 503 1s 503 1s 200")
		records[0].(*deliveries.Attempt).MS.Total = ms
		require.NotEmpty(t, told(t, analysis.Judge(logOf(records), ended(nil))))
	}
}
