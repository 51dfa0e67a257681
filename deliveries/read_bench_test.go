package deliveries

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkAgainstJSON reads one log with encoding/json alone, with Read, and with Group and all deliveries, and says how often each goes into the first.
func BenchmarkAgainstJSON(b *testing.B) {
	dir := b.TempDir()
	path := writeBig(b, dir, 50_000)
	var alone, read, inMemory, onDisk time.Duration
	for b.Loop() {
		alone += timed(func() { readWithJSON(b, path) })
		read += timed(func() {
			for _, err := range Read(dir) {
				require.NoError(b, err)
			}
		})
		inMemory += timed(func() { groupAll(b, Reading{}, dir) })
		onDisk += timed(func() { groupAll(b, Reading{Memory: 1}, dir) })
	}
	b.ReportMetric(float64(alone)/float64(read), "json/read")
	b.ReportMetric(float64(alone)/float64(inMemory), "json/group")
	b.ReportMetric(float64(alone)/float64(onDisk), "json/group-on-disk")
}

func groupAll(tb testing.TB, how Reading, dir string) {
	tb.Helper()
	how.Temp = tb.TempDir()
	g, err := Group(context.Background(), how, dir)
	require.NoError(tb, err)
	defer func() { require.NoError(tb, g.Close()) }()
	for _, err := range g.Deliveries(Settle{Ended: true}) {
		require.NoError(tb, err)
	}
}

func timed(do func()) time.Duration {
	begun := time.Now()
	do()
	return time.Since(begun)
}

func readWithJSON(tb testing.TB, path string) {
	tb.Helper()
	f, err := os.Open(path)
	require.NoError(tb, err)
	defer func() { require.NoError(tb, f.Close()) }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		require.NoError(tb, json.Unmarshal(lines.Bytes(), new(Attempt)))
	}
}

// writeBig writes a log of so many attempts as they commonly are, four to a delivery, of which the last is acknowledged.
func writeBig(tb testing.TB, dir string, attempts int) (path string) {
	tb.Helper()
	path = filepath.Join(dir, segmentName(1))
	f, err := os.Create(path)
	require.NoError(tb, err)
	lines := bufio.NewWriter(f)
	for i := range attempts {
		_, err := lines.Write(bigLine(tb, i))
		require.NoError(tb, err)
	}
	require.NoError(tb, lines.Flush())
	require.NoError(tb, f.Close())
	return path
}

// bigLine is the line of an attempt. Ten deliveries are under way at a time.
func bigLine(tb testing.TB, i int) []byte {
	const abreast, each = 10, 4
	key, number := fmt.Sprintf("wh_%d", i/(abreast*each)*abreast+i%abreast), i%(abreast*each)/abreast+1
	a := exampleAttempt(DeliveryID("claims", key, ""), key, number, fmt.Sprintf("01938c7e-1f0a-7c31-8a55-%012x", i))
	a.Start = at(10 * i)
	a.Client = fmt.Sprintf("127.0.0.1:%d", 32768+i%20000)
	a.Request.Header = map[string][]string{
		"Accept": {"*/*"}, "Accept-Encoding": {"gzip, deflate"}, "Connection": {"keep-alive"}, "Content-Length": {"15"}, "Content-Type": {"application/json"},
		"User-Agent": {"python-requests/2.32.3"}, "Webhook-Id": {key},
	}
	if number == each {
		delivered(a, &yes)
	} else {
		a.Outcome, a.Delivered, a.EndedBy, a.Rules, a.Faults = Rejected, &no, ByProxy, []string{"outage"}, []string{"status"}
		a.MS, a.Answer = Times{Decide: 0.021, FirstByte: 0.3, Total: 0.412}, &Answer{Status: 503, Header: map[string][]string{"Content-Length": {"0"}}}
	}
	require.NoError(tb, stamp(a, exampleRun, "host-a"))
	line, err := encode(a)
	require.NoError(tb, err)
	return appendNumbered(nil, line, seqAt(line), uint64(i+1))
}
