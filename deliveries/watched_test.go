package deliveries

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWatchedUntil(t *testing.T) {
	now := time.Now()
	dir := t.TempDir()
	until, err := WatchedUntil(dir, now)
	require.NoError(t, err)
	require.True(t, until.IsZero(), "nothing has ever written here")

	w, _, err := OpenWriter(Config{Dir: dir, Run: "r"}, Run{})
	require.NoError(t, err)
	until, err = WatchedUntil(dir, now)
	require.NoError(t, err)
	require.Equal(t, now, until, "the writer is there")
	until, err = WatchedUntil(filepath.Join(dir, "000001.jsonl"), now)
	require.NoError(t, err)
	require.True(t, until.IsZero(), "a file has no writer")

	require.NoError(t, w.Close(context.Background()))
	until, err = WatchedUntil(dir, now.Add(time.Hour))
	require.NoError(t, err)
	require.WithinRange(t, until, now.Round(0), time.Now())

	lock := filepath.Join(dir, lockName)
	require.NoError(t, os.WriteFile(lock, []byte("4711\n"), 0o600))
	until, err = WatchedUntil(dir, now)
	require.NoError(t, err)
	require.True(t, until.IsZero(), "the writer was killed")

	require.NoError(t, os.WriteFile(lock, []byte("closed yesterday\n"), 0o600))
	_, err = WatchedUntil(dir, now)
	require.ErrorContains(t, err, `look for the log's writer: parsing time "yesterday"`)
}
