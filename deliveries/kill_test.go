package deliveries

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// appenderDir is the variable that makes the test binary append to the log in that folder until it is killed.
const appenderDir = "FAULTLINE_TEST_APPEND_TO"

// appendForEver says each record's id on standard output once it is written.
func appendForEver(dir string) {
	run := os.Getenv(appenderDir + "_RUN")
	w, _, err := OpenWriter(Config{Dir: dir, Run: run, SegmentSize: 64 << 10, Seal: true}, Run{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var mu sync.Mutex
	for i := range 16 {
		go func() {
			for j := 0; ; j++ {
				a := attempt(fmt.Sprintf("%s-%d-%d", run, i, j))
				a.Error = strings.Repeat("x", j%500)
				if err := w.Append(context.Background(), a); err != nil {
					panic(err)
				}
				mu.Lock()
				fmt.Println(a.ID)
				mu.Unlock()
			}
		}()
	}
	select {}
}

// TestKill: what was acknowledged before a kill -9 is in the log, once, and the next start finds whole lines only.
func TestKill(t *testing.T) {
	const kills, each = 6, 500
	dir := t.TempDir()
	acknowledged := map[string]bool{}
	for round := range kills {
		for _, id := range appendUntilKilled(t, dir, fmt.Sprint("run", round), each) {
			acknowledged[id] = true
		}
	}
	w, torn, err := openForTest(Config{Dir: dir})
	require.NoError(t, err)
	t.Logf("torn: %v", torn)
	require.NoError(t, w.Close(context.Background()))

	seen := map[string]int{}
	seq := map[string]uint64{}
	for record, err := range Read(dir) {
		require.NoError(t, err)
		a, ok := record.(*Attempt)
		if !ok {
			continue
		}
		seen[a.ID]++
		require.Equal(t, 1, seen[a.ID], a.ID)
		seq[a.Run]++
		require.Equal(t, seq[a.Run], a.Seq)
	}
	require.GreaterOrEqual(t, len(acknowledged), kills*each)
	for id := range acknowledged {
		require.Equal(t, 1, seen[id], id)
	}
}

// appendUntilKilled runs an appender, kills it after so many acknowledgements, and gives all that it managed to say. (A line this short is in a pipe
// whole, or not at all.)
func appendUntilKilled(t *testing.T, dir, run string, after int) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), appenderDir+"="+dir, appenderDir+"_RUN="+run)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var ids []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		ids = append(ids, lines.Text())
		if len(ids) == after {
			require.NoError(t, cmd.Process.Kill())
		}
	}
	require.NoError(t, lines.Err())
	require.ErrorContains(t, cmd.Wait(), "signal: killed")
	return ids
}
