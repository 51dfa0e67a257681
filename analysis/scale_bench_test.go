package analysis_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/deliveries"
)

// BenchmarkAgainstJSON reads a log of a million attempts with encoding/json alone, then groups and judges it, in one run; and says how often the latter goes into
// the former, by the clock and by the processors' time.
func BenchmarkAgainstJSON(b *testing.B) {
	dir := b.TempDir()
	writeScale(b, dir, 1_000_000)
	var alone, judged costs
	for b.Loop() {
		alone.of(func() { readAlone(b, filepath.Join(dir, "000001.jsonl")) })
		judged.of(func() { judgeFolder(b, dir) })
	}
	b.ReportMetric(alone.clock.Seconds()/float64(b.N), "json-s")
	b.ReportMetric(judged.clock.Seconds()/float64(b.N), "judged-s")
	b.ReportMetric(float64(alone.clock)/float64(judged.clock), "json/judged")
	b.ReportMetric(float64(alone.processor)/float64(judged.processor), "json/judged-cpu")
}

// costs are what something takes: by the clock, and of all processors together.
type costs struct{ clock, processor time.Duration }

func (c *costs) of(do func()) {
	runtime.GC() // what went before is not its own
	begun, used := time.Now(), processorTime()
	do()
	c.clock, c.processor = c.clock+time.Since(begun), c.processor+processorTime()-used
}

func processorTime() time.Duration {
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func readAlone(tb testing.TB, path string) {
	tb.Helper()
	f, err := os.Open(path)
	require.NoError(tb, err)
	defer func() { require.NoError(tb, f.Close()) }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		require.NoError(tb, json.Unmarshal(lines.Bytes(), new(deliveries.Attempt)))
	}
}

func judgeFolder(tb testing.TB, dir string) {
	tb.Helper()
	var log analysis.Log
	read, err := deliveries.Group(tb.Context(), deliveries.Reading{Other: log.Add}, dir)
	require.NoError(tb, err)
	defer func() { require.NoError(tb, read.Close()) }()
	log.Use(read)
	r := analysis.Judge(&log, analysis.Question{})
	require.NoError(tb, log.Err())
	require.Equal(tb, analysis.ShapeExponential, r.Policy.Shape, r.Habits())
}

// writeScale writes a log of so many attempts as they commonly are: four to a delivery, ten deliveries abreast, 1 s x2 between the attempts.
func writeScale(tb testing.TB, dir string, attempts int) {
	tb.Helper()
	f, err := os.Create(filepath.Join(dir, "000001.jsonl"))
	require.NoError(tb, err)
	lines := bufio.NewWriter(f)
	for i := range attempts {
		line, err := deliveries.Line(scaleAttempt(i))
		require.NoError(tb, err)
		_, err = lines.Write(line)
		require.NoError(tb, err)
	}
	require.NoError(tb, lines.Flush())
	require.NoError(tb, f.Close())
}

func scaleAttempt(i int) *deliveries.Attempt {
	const abreast, each = 10, 4
	no, yes := false, true
	number, n := i/(abreast*each)*abreast+i%abreast, i%(abreast*each)/abreast+1
	key := fmt.Sprintf("wh_%d", number)
	start := at(time.Duration(number)*10*time.Millisecond + time.Duration(1<<(n-1)-1)*time.Second)
	a := &deliveries.Attempt{
		V: 1, Event: deliveries.EventAttempt, Run: "01938c7d-1f0a-7c31-8a55-4f0d2b6c9e10", Proxy: "host-a", Start: start, ID: fmt.Sprintf("01938c7e-1f0a-7c31-8a55-%012x", i),
		Delivery: fmt.Sprintf("%024x", number), Attempt: n, Key: key, KeyFrom: "header:Webhook-Id", Host: "hooks.example.com", Endpoint: "http://hooks.example.com/claims/7",
		URL: "http://hooks.example.com/claims/7?x=1", Method: "POST", Counted: "local", Placement: "forward", Client: fmt.Sprintf("127.0.0.1:%d", 32768+i%20000), Seq: uint64(i + 1),
		Scenario: "claims-outage@3f2ad5e1c07b", Rules: []string{"outage"}, Faults: []string{"status"}, Reached: deliveries.None,
		MS: deliveries.Times{Decide: 0.021, FirstByte: 0.3, Total: 0.412}, Outcome: deliveries.Rejected, Delivered: &no, End: deliveries.Complete, EndedBy: deliveries.ByProxy,
		Answer: &deliveries.Answer{Status: 503, Header: map[string][]string{"Content-Length": {"0"}}},
		Request: deliveries.Message{Bytes: 15, SHA256: fmt.Sprintf("%064x", number), Header: map[string][]string{
			"Accept": {"*/*"}, "Accept-Encoding": {"gzip, deflate"}, "Connection": {"keep-alive"}, "Content-Length": {"15"}, "Content-Type": {"application/json"},
			"User-Agent": {"python-requests/2.32.3"}, "Webhook-Id": {key},
		}},
	}
	if n == each {
		a.Outcome, a.Delivered, a.EndedBy, a.Rules, a.Faults, a.Reached = deliveries.Acknowledged, &yes, deliveries.ByTarget, nil, nil, deliveries.Whole
		a.MS, a.Target = deliveries.Times{Decide: 0.02, Target: 12.2, FirstByte: 12.5, Total: 12.6}, &deliveries.Target{Status: 200, Bytes: 2, MS: 12.2, Addr: "192.0.2.7:80"}
		a.Answer = &deliveries.Answer{Status: 200, Bytes: 2, Header: map[string][]string{"Content-Length": {"2"}}}
	}
	return a
}
