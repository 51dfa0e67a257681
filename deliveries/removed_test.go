package deliveries

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestRemovedUnderTheWriter: who removes the log while it is written, or moves it away, is told so, and the log goes on in another segment that says how many
// records are not there.
func TestRemovedUnderTheWriter(t *testing.T) {
	tests := []struct {
		name   string
		remove func(t *testing.T, dir string)
		there  []string // after the removal, and what was written after it
	}{
		{"the segment", func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "000001.jsonl")))
		}, []string{"000002.jsonl", "writer.lock"}},
		{"all that is in the folder", func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "000001.jsonl")))
			require.NoError(t, os.Remove(filepath.Join(dir, "writer.lock")))
		}, []string{"000002.jsonl", "writer.lock"}},
		{"the folder", func(t *testing.T, dir string) {
			require.NoError(t, os.RemoveAll(dir))
		}, []string{"000002.jsonl", "writer.lock"}},
		{"the folder, moved away", func(t *testing.T, dir string) {
			require.NoError(t, os.Rename(dir, dir+".1"))
		}, []string{"000002.jsonl", "writer.lock"}},
		{"the folder, with another in its place", func(t *testing.T, dir string) {
			require.NoError(t, os.Rename(dir, dir+".1"))
			write(t, Config{Dir: dir}, attempt("of another"))
			require.NoError(t, os.Rename(filepath.Join(dir, "000001.jsonl"), filepath.Join(dir, "000008.jsonl")))
		}, []string{"000008.jsonl", "000009.jsonl", "writer.lock"}},
		{"the segment, with another in its place", func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "000001.jsonl")))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "000001.jsonl"), nil, 0o644))
		}, []string{"000001.jsonl", "000002.jsonl", "writer.lock"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir, health := filepath.Join(t.TempDir(), "log"), &told{}
				w := begin(t, Config{Dir: dir, Health: health.take})
				require.NoError(t, w.Append(t.Context(), attempt("a")))
				time.Sleep(300 * time.Millisecond) // virtual
				since := time.Now().Add(-300 * time.Millisecond)
				tt.remove(t, dir)
				require.NoError(t, w.Append(t.Context(), &Amend{ID: "a", Outcome: Broken}))
				time.Sleep(time.Second)
				require.NoError(t, w.Err(), "it goes on")
				require.Len(t, health.errs, 2)
				require.EqualError(t, health.errs[0], "log segment 000001.jsonl was removed, or moved away, while it was written")
				require.NoError(t, health.errs[1])
				require.Equal(t, uint64(2), w.Stats().Lost)

				require.NoError(t, w.Append(t.Context(), attempt("b")))
				require.Equal(t, tt.there, names(t, dir))
				records := all(t, filepath.Join(dir, tt.there[len(tt.there)-2]))
				require.Equal(t, "run gap attempt", kinds(records))
				gap := records[1].(*Gap)
				require.Equal(t, uint64(2), gap.Records)
				require.Equal(t, health.errs[0].Error(), gap.Error)
				require.Equal(t, since, gap.Start.Local())
				require.Equal(t, uint64(2), records[2].(*Attempt).Seq)

				_, _, err := openForTest(Config{Dir: dir})
				require.ErrorContains(t, err, "is written by another process", "the folder is locked")
			})
		})
	}
}

// TestRemovedWhileFull: what ends a segment that is not there any more is the loss of all that was in it.
func TestRemovedWhileFull(t *testing.T) {
	dir := t.TempDir()
	w := begin(t, Config{Dir: dir, SegmentSize: 1})
	require.NoError(t, w.Append(t.Context(), attempt("a")))
	require.NoError(t, w.Append(t.Context(), attempt("b")))
	require.NoError(t, os.Remove(filepath.Join(dir, "000003.jsonl")))
	require.NoError(t, w.Append(t.Context(), attempt("c")))
	require.Equal(t, []string{"000001.jsonl", "000002.jsonl", "000004.jsonl", "writer.lock"}, names(t, dir))
	require.Equal(t, "run gap attempt", kinds(all(t, filepath.Join(dir, "000004.jsonl"))))
}

// TestRemovedTwice: a loss that was told in what is lost as well is told again.
func TestRemovedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "log")
		w := begin(t, Config{Dir: dir})
		for range 2 {
			require.NoError(t, w.Append(t.Context(), attempt("a")))
			require.NoError(t, os.RemoveAll(dir))
			time.Sleep(lookEvery) // virtual
			synctest.Wait()
		}
		require.Equal(t, uint64(2), w.Stats().Lost)
		records := all(t, dir)
		require.Equal(t, "run gap", kinds(records))
		require.Equal(t, uint64(2), records[1].(*Gap).Records)
	})
}

// TestRemovedForGood: where the folder cannot be made anew, all that comes is lost, until it can.
func TestRemovedForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, health := filepath.Join(t.TempDir(), "log"), &told{}
		w := begin(t, Config{Dir: dir, Health: health.take})
		require.NoError(t, os.RemoveAll(dir))
		require.NoError(t, os.WriteFile(dir, nil, 0o644))
		time.Sleep(lookEvery) // virtual
		synctest.Wait()
		require.NoError(t, w.Append(t.Context(), attempt("a")))
		require.Error(t, w.Err())
		require.Equal(t, uint64(1), w.Stats().Lost)
		require.NoError(t, os.Remove(dir))
		time.Sleep(2 * retryAfter)
		require.NoError(t, w.Err())
		require.Equal(t, "run gap", kinds(all(t, dir)))
		require.Len(t, health.errs, 2)
	})
}

// TestRemovedAtTheEnd: the end of the process is the last moment to notice.
func TestRemovedAtTheEnd(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	w, _, err := openForTest(Config{Dir: dir})
	require.NoError(t, err)
	require.NoError(t, w.Append(t.Context(), attempt("a")))
	require.NoError(t, os.RemoveAll(dir))
	require.NoError(t, w.Close(t.Context()))
	require.Equal(t, uint64(1), w.Stats().Lost)
	require.Equal(t, "run gap", kinds(all(t, dir)))
}
