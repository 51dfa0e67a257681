package deliveries

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// removals collects what Config.Removed is told, as text.
type removals struct {
	mu   sync.Mutex
	told []string
}

func (r *removals) take(segment string, bytes int64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	line := fmt.Sprintf("%s %d", segment, bytes)
	if err != nil {
		line += " " + err.Error()
	}
	r.told = append(r.told, line)
}

// all gives what was told, and forgets it.
func (r *removals) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	told := r.told
	r.told = nil
	return told
}

// appendNamed writes attempts of these ids; with SegmentSize 1 each goes into a segment of its own.
func appendNamed(t *testing.T, w *Writer, ids ...string) {
	t.Helper()
	for _, id := range ids {
		require.NoError(t, w.Append(context.Background(), attempt(id)))
	}
}

// sizeOf is the size of a segment.
func sizeOf(t *testing.T, dir, segment string) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, segment))
	require.NoError(t, err)
	return info.Size()
}

// TestKeep: when a segment is begun the oldest full ones go, in their order, until what is left is within Keep. Nothing counts as lost.
func TestKeep(t *testing.T) {
	measured := t.TempDir()
	write(t, Config{Dir: measured, SegmentSize: 1}, attempt("a"))
	first, segment := sizeOf(t, measured, "000001.jsonl"), sizeOf(t, measured, "000002.jsonl")
	one, two := fmt.Sprintf("000001.jsonl %d", first), fmt.Sprintf("000002.jsonl %d", segment)
	three, four := fmt.Sprintf("000003.jsonl %d", segment), fmt.Sprintf("000004.jsonl %d", segment)
	tests := []struct {
		name    string
		keep    int64
		kept    []string
		removed []string
	}{
		{name: "everything", keep: 0, kept: []string{"000001.jsonl", "000002.jsonl", "000003.jsonl", "000004.jsonl", "000005.jsonl"}},
		{name: "more than there is", keep: 1 << 30, kept: []string{"000001.jsonl", "000002.jsonl", "000003.jsonl", "000004.jsonl", "000005.jsonl"}},
		{name: "two full ones", keep: 2 * segment, kept: []string{"000003.jsonl", "000004.jsonl", "000005.jsonl"}, removed: []string{one, two}},
		{name: "a byte less", keep: 2*segment - 1, kept: []string{"000004.jsonl", "000005.jsonl"}, removed: []string{one, two, three}},
		{name: "less than a segment", keep: 1, kept: []string{"000005.jsonl"}, removed: []string{one, two, three, four}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, removed := t.TempDir(), &removals{}
			w := begin(t, Config{Dir: dir, SegmentSize: 1, Keep: tt.keep, Removed: removed.take})
			appendNamed(t, w, "a", "b", "c", "d")
			require.Equal(t, append(tt.kept, lockName), names(t, dir))
			require.Equal(t, tt.removed, removed.all())
			require.Equal(t, segment, sizeOf(t, dir, "000005.jsonl"))
			require.Zero(t, w.Stats().Lost)
			require.Equal(t, uint64(9), w.Stats().Records)
			require.NoError(t, w.Err())
		})
	}
}

// TestKeepAtTheOpening: a folder that has grown, or a Keep that has shrunk, is seen to before the first record. What was torn goes with its segment;
// the segment that is gone on in stays.
func TestKeepAtTheOpening(t *testing.T) {
	full := strings.Repeat("x", 99) + "\n"
	tests := []struct {
		name    string
		keep    int64
		kept    []string
		removed []string
	}{
		{name: "all of it", keep: 210 + int64(len(runLine)),
			kept: []string{"000001.jsonl", "000001.jsonl.torn", "000002.jsonl", "000003.jsonl", "writer.lock"}},
		{name: "the oldest goes", keep: 209 + int64(len(runLine)),
			kept: []string{"000002.jsonl", "000003.jsonl", "writer.lock"}, removed: []string{"000001.jsonl 100"}},
		{name: "only the newest stays", keep: 1,
			kept: []string{"000003.jsonl", "writer.lock"}, removed: []string{"000001.jsonl 100", "000002.jsonl 100"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, removed := t.TempDir(), &removals{}
			for name, text := range map[string]string{
				"000001.jsonl": full, "000001.jsonl.torn": "torn\n", "000002.jsonl": full, "000003.jsonl": "123456789\n",
			} {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
			}
			w := begin(t, Config{Dir: dir, Keep: tt.keep, Removed: removed.take})
			require.Equal(t, tt.kept, names(t, dir))
			require.Equal(t, tt.removed, removed.all())
			require.NoError(t, w.Close(context.Background()))
			require.Equal(t, "123456789\n"+runLine, text(t, dir, "000003.jsonl"))
		})
	}
}

// TestKeepLeavesWhatIsNotOurs: a file that a user has put beside the segments is read as one, and is not the Writer's to count or remove.
func TestKeepLeavesWhatIsNotOurs(t *testing.T) {
	dir, removed := t.TempDir(), &removals{}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "000002.jsonl"), []byte("{}\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "000010.jsonl"), []byte("{}\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "1.jsonl"), []byte("{}\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "merged.jsonl"), []byte(strings.Repeat("x", 999)+"\n"), 0o644))
	begin(t, Config{Dir: dir, Keep: int64(len(runLine)) + 3, Removed: removed.take})
	require.Equal(t, []string{"000010.jsonl", "000011.jsonl", "merged.jsonl", "writer.lock"}, names(t, dir))
	require.Equal(t, []string{"1.jsonl 3", "000002.jsonl 3"}, removed.all(), "by number, not by name")
}

// TestKeepCannotRemove: what cannot be removed is told, nothing newer goes before it, and the next segment's beginning tries again. The log is written
// all the while.
func TestKeepCannotRemove(t *testing.T) {
	dir, removed := t.TempDir(), &removals{}
	w := begin(t, Config{Dir: dir, SegmentSize: 1, Keep: 1, Removed: removed.take})
	torn := filepath.Join(dir, "000001.jsonl.torn")
	require.NoError(t, os.MkdirAll(filepath.Join(torn, "in the way"), 0o755))
	first := sizeOf(t, dir, "000001.jsonl")

	appendNamed(t, w, "a")
	told := fmt.Sprintf("000001.jsonl %d remove %s: directory not empty", first, torn)
	require.Equal(t, []string{told}, removed.all())
	appendNamed(t, w, "b")
	require.Equal(t, []string{told}, removed.all())
	require.Equal(t, []string{"000001.jsonl", "000001.jsonl.torn", "000002.jsonl", "000003.jsonl", "writer.lock"}, names(t, dir))
	require.NoError(t, w.Err(), "the log can be written")

	second := sizeOf(t, dir, "000002.jsonl")
	third := sizeOf(t, dir, "000003.jsonl")
	require.NoError(t, os.Remove(filepath.Join(torn, "in the way")))
	appendNamed(t, w, "c")
	require.Equal(t, []string{
		fmt.Sprintf("000001.jsonl %d", first), fmt.Sprintf("000002.jsonl %d", second), fmt.Sprintf("000003.jsonl %d", third),
	}, removed.all())
	require.Equal(t, []string{"000004.jsonl", "writer.lock"}, names(t, dir))
	require.Zero(t, w.Stats().Lost)
}

// TestKeepOfWhatIsGone: a segment that somebody else has removed is not in the way of the others.
func TestKeepOfWhatIsGone(t *testing.T) {
	dir, removed := t.TempDir(), &removals{}
	w := begin(t, Config{Dir: dir, SegmentSize: 1, Keep: 1000, Removed: removed.take})
	first := sizeOf(t, dir, "000001.jsonl")
	appendNamed(t, w, "a")
	require.NoError(t, os.Remove(filepath.Join(dir, "000001.jsonl")))
	appendNamed(t, w, "b", "c")
	require.Equal(t, []string{"000003.jsonl", "000004.jsonl", "writer.lock"}, names(t, dir))
	require.Equal(t, fmt.Sprintf("000001.jsonl %d", first), removed.all()[0])
}

// TestKeepReadsOn: what is left of a log is read like any other, from a run line on.
func TestKeepReadsOn(t *testing.T) {
	dir := t.TempDir()
	write(t, Config{Dir: dir, SegmentSize: 1, Keep: 1}, attempt("a"), attempt("b"))
	require.Equal(t, "run attempt", kinds(all(t, dir)))
	resumed := begin(t, Config{Dir: dir, SegmentSize: 1, Keep: 1})
	appendNamed(t, resumed, "c")
	require.Equal(t, []string{"000005.jsonl", "writer.lock"}, names(t, dir))
}

// TestReadWhatIsRemovedMeanwhile: a reader that comes to a segment that is gone since it began says so: what it gave is not the whole log.
func TestReadWhatIsRemovedMeanwhile(t *testing.T) {
	dir := t.TempDir()
	write(t, Config{Dir: dir, SegmentSize: 1}, attempt("a"))
	var got []Record
	var failed error
	for record, err := range Read(dir) {
		if err != nil {
			failed = err
			continue
		}
		got = append(got, record)
		require.NoError(t, removeSegment(filepath.Join(dir, "000002.jsonl")))
	}
	require.Equal(t, "run", kinds(got))
	require.EqualError(t, failed, "read log: open "+filepath.Join(dir, "000002.jsonl")+": no such file or directory")
}
