package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/e2e/harness"
)

// Who removes the log of a running proxy is told so, without any traffic; the log goes on in a new folder, and what it says there is no pass.
func TestRemovedLog(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, nil)
	proxy := start(t, "")
	sender := newSender(t, proxy)
	require.Equal(t, "200", sender.result(target.URL+"/hook", "wh_1"))
	require.Equal(t, "200", sender.result(target.URL+"/hook", "wh_2"))

	require.NoError(t, os.RemoveAll(proxy.Log.Dir))
	harness.Until(t, "a new folder", harness.Patience, func() bool {
		_, err := os.Stat(filepath.Join(proxy.Log.Dir, "000002.jsonl"))
		return err == nil
	})
	gap := proxy.Log.WaitFor(t, "gap", 1)[0]
	require.Equal(t, "log segment 000001.jsonl was removed, or moved away, while it was written", gap.Error)
	harness.Until(t, "a line on stderr", harness.Patience, func() bool { return strings.Contains(proxy.Stderr(), gap.Error) })
	_, text := get(t, proxy.Admin+"/metrics")
	require.Contains(t, text, "faultline_log_lost_records_total 2")
	status, _ := get(t, proxy.Admin+"/readyz")
	require.Equal(t, 200, status)

	require.Equal(t, "200", sender.result(target.URL+"/hook", "wh_3"))
	grouped, err := deliveries.Group(t.Context(), deliveries.Reading{}, proxy.Log.Dir)
	require.NoError(t, err)
	defer grouped.Close() // holds no files
	require.Equal(t, uint64(2), grouped.Folders[0].Lost())
	require.Len(t, proxy.Log.Attempts(t), 1)
}
