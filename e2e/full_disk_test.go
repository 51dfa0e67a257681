package e2e

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/e2e/harness"
)

// A disk without room, by the kernel's limit on the size of files: faultline goes on forwarding, or refuses with log.required, and says what is missing once
// there is room again, without any traffic.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, scenario string
		during         []string // what the sender gets, of three attempts
		lost           uint64   // records; who is refused before there is an attempt has none
		arrived        int      // at the target
	}{
		{"goes on", "", []string{"200", "200", "200"}, 3, 5},
		{"refuses", "[log]\nrequired = true\n", []string{"no answer", "503", "503"}, 1, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target := harness.NewTarget(t, nil)
			proxy := start(t, tt.scenario)
			sender := newSender(t, proxy)
			require.Equal(t, "200", sender.result(target.URL+"/hook", "wh_1"))

			limitFiles(t, proxy, sizeOf(t, proxy.Log.Dir)+100)
			for i, want := range tt.during {
				require.Equal(t, want, sender.result(target.URL+"/hook", fmt.Sprintf("wh_%d", i+2)))
			}
			status, text := get(t, proxy.Admin+"/readyz")
			require.Equal(t, 503, status)
			require.Contains(t, text, "file too large")
			_, text = get(t, proxy.Admin+"/metrics")
			require.Contains(t, text, fmt.Sprintf("faultline_log_lost_records_total %d", tt.lost))
			require.Len(t, proxy.Log.Lines(t), 2, "and half a line of none")

			limitFiles(t, proxy, math.MaxUint64)
			gap := proxy.Log.WaitFor(t, "gap", 1)[0]
			require.Equal(t, "file too large", gap.Error)
			status, _ = get(t, proxy.Admin+"/readyz")
			require.Equal(t, 200, status)
			require.Equal(t, "200", sender.result(target.URL+"/hook", "wh_5"))
			require.Len(t, target.Seen(), tt.arrived)
			require.Contains(t, proxy.Stderr(), "file too large")

			grouped, err := deliveries.Group(t.Context(), deliveries.Reading{}, proxy.Log.Dir)
			require.NoError(t, err)
			defer grouped.Close() // holds no files
			require.Equal(t, tt.lost, grouped.Folders[0].Gaps[0].Records)
			require.Equal(t, []deliveries.Numbers{{From: 2, To: 1 + tt.lost}}, grouped.Folders[0].Runs[0].Missing)
		})
	}
}

// limitFiles makes writes fail that would make a file longer.
func limitFiles(t *testing.T, proxy *harness.Faultline, bytes uint64) {
	t.Helper()
	require.NoError(t, unix.Prlimit(proxy.Pid(), unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: math.MaxUint64}, nil))
}

// sizeOf is how many bytes of log a folder has.
func sizeOf(t *testing.T, dir string) (bytes uint64) {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	require.NoError(t, err)
	for _, path := range segments {
		info, err := os.Stat(path)
		require.NoError(t, err)
		bytes += uint64(info.Size())
	}
	return bytes
}
