package deliveries

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestFolder: what a folder holds besides its deliveries, above all what is missing in it.
func TestFolder(t *testing.T) {
	started, reloaded := &Run{Run: "a", Start: at(0), Seed: 1}, &Run{Run: "a", Start: at(50), Seed: 2, Reload: true}
	head := &Run{Run: "a", Start: at(50), Seed: 2}
	later := &Run{Run: "b", Start: at(1000)}
	gap := &Gap{Run: "a", Start: at(60), Until: at(70), Records: 3, Error: "no space left on device"}
	line := func(records ...Record) (lines []string) {
		for _, r := range records {
			lines = append(lines, lineOf(t, r))
		}
		return lines
	}
	tests := []struct {
		name     string
		segments map[int][]string
		want     Folder
		lost     uint64
	}{
		{
			name:     "whole",
			segments: map[int][]string{1: line(started, seen("a", 1, 1, 10), seen("a", 2, 2, 20))},
			want:     Folder{Oldest: 1, Runs: []*Trace{{Run: "a", Said: []*Run{started}, First: at(0), Last: at(30), Attempts: 2}}},
		},
		{
			name:     "without a run line",
			segments: map[int][]string{1: line(seen("", 0, 1, 10))},
			want:     Folder{Oldest: 1, Runs: []*Trace{{First: at(10), Last: at(20), Attempts: 1}}},
		},
		{
			name: "two runs, a reload, and a segment that begins with it",
			segments: map[int][]string{
				1: line(started, seen("a", 1, 1, 10), reloaded), 2: line(head, seen("a", 2, 2, 60), later, seen("b", 1, 3, 2000)),
			},
			want: Folder{Oldest: 1, Runs: []*Trace{
				{Run: "a", Said: []*Run{started, reloaded}, First: at(0), Last: at(70), Attempts: 2},
				{Run: "b", Said: []*Run{later}, First: at(1000), Last: at(2010), Attempts: 1},
			}},
		},
		{
			name:     "lost records",
			segments: map[int][]string{1: line(seen("a", 2, 1, 10), seen("a", 5, 2, 20))},
			want: Folder{Oldest: 1, Runs: []*Trace{
				{Run: "a", First: at(10), Last: at(30), Attempts: 2, Missing: []Numbers{{1, 1}, {3, 4}}, Lost: 3},
			}},
			lost: 3,
		},
		{
			name:     "numbers that are all alike",
			segments: map[int][]string{1: line(seen("a", 7, 1, 10), seen("a", 7, 2, 20))},
			want:     Folder{Oldest: 1, Runs: []*Trace{{Run: "a", First: at(10), Last: at(30), Attempts: 2}}},
		},
		{
			name:     "cut by log.keep",
			segments: map[int][]string{4: line(seen("a", 7, 1, 10), seen("a", 9, 2, 20)), 5: line(seen("b", 2, 1, 30))},
			want: Folder{Oldest: 4, Runs: []*Trace{
				{Run: "a", First: at(10), Last: at(30), Attempts: 2, Missing: []Numbers{{8, 8}}, Lost: 1, Cut: 6},
				{Run: "b", First: at(30), Last: at(40), Attempts: 1, Missing: []Numbers{{1, 1}}, Lost: 1},
			}},
			lost: 2,
		},
		{
			name:     "segments gone from between",
			segments: map[int][]string{1: line(seen("a", 1, 1, 10)), 4: line(seen("a", 2, 2, 20))},
			want:     Folder{Oldest: 1, Absent: []int{2, 3}, Runs: []*Trace{{Run: "a", First: at(10), Last: at(30), Attempts: 2}}},
		},
		{
			name:     "a gap, and lines that cannot be read",
			segments: map[int][]string{1: append(line(gap), "\n", "garbage\n", `{"v":1`)},
			want: Folder{
				Oldest: 1, Runs: []*Trace{{Run: "a", First: at(70), Last: at(70)}}, Gaps: []*Gap{gap}, Unread: 2,
				Bad: []*BadLine{{Line: 3}, {Line: 4}},
			},
			lost: 5,
		},
		{
			name:     "a clock that was set back",
			segments: map[int][]string{1: line(seen("a", 1, 1, 60_000), seen("a", 2, 1, 0))},
			want:     Folder{Oldest: 1, Runs: []*Trace{{Run: "a", First: at(0), Last: at(10), Attempts: 2, SetBack: 1}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for number, lines := range tt.segments {
				writeSegment(t, dir, number, lines...)
			}
			g, _ := grouped(t, Reading{}, Settle{}, dir)
			require.Len(t, g.Folders, 1)
			got := g.Folders[0]
			require.Equal(t, dir, got.Path)
			require.Equal(t, tt.lost, got.Lost())
			for _, run := range got.Runs {
				run.clock, run.seqs, run.since = clock{}, sequence{}, time.Time{}
			}
			for _, bad := range got.Bad {
				require.Equal(t, filepath.Join(dir, segmentName(1)), bad.File)
				bad.File, bad.Err = "", nil
			}
			got.Path, got.traces = "", traces{}
			require.Equal(t, tt.want, *got)
		})
	}
}

// TestManyBadLines: all are counted, the first are held.
func TestManyBadLines(t *testing.T) {
	dir := t.TempDir()
	writeLines(t, dir, strings.Repeat("garbage\n", 1000))
	g, all := grouped(t, Reading{}, Settle{}, dir)
	require.Empty(t, all)
	require.Equal(t, 1000, g.Folders[0].Unread)
	require.Len(t, g.Folders[0].Bad, mostBad)
	require.EqualError(t, g.Folders[0].Bad[99], filepath.Join(dir, segmentName(1))+":100: invalid character 'g' looking for beginning of value")
}

// TestFileAsFolder: a segment by itself tells by its name that it is not the first; another file tells nothing.
func TestFileAsFolder(t *testing.T) {
	dir := t.TempDir()
	writeSegment(t, dir, 3, lineOf(t, seen("a", 5, 1, 10)))
	third := filepath.Join(dir, segmentName(3))
	g, all := grouped(t, Reading{}, Settle{}, third)
	require.Len(t, all, 1)
	require.Equal(t, 3, g.Folders[0].Oldest)
	require.Equal(t, uint64(4), g.Folders[0].Runs[0].Cut)

	picked := filepath.Join(dir, "picked.json")
	require.NoError(t, os.Rename(third, picked))
	g, _ = grouped(t, Reading{}, Settle{}, picked)
	require.Zero(t, g.Folders[0].Oldest)
	require.Equal(t, uint64(4), g.Folders[0].Lost())
}

// TestNamedTwice: what is named twice, or by another name, is read once.
func TestNamedTwice(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	writeLines(t, dir, lineOf(t, seen("a", 1, 1, 10)))
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(dir, link))
	t.Chdir(filepath.Dir(dir))
	g, all := grouped(t, Reading{}, Settle{}, dir, dir+"/", "log", link, filepath.Join(link, segmentName(1)))
	require.Equal(t, 1, g.Attempts)
	require.Len(t, all, 1)
	require.Len(t, g.Folders, 5)
}

// TestKeepIsNoLoss: what log.keep has removed is told apart from what was lost.
func TestKeepIsNoLoss(t *testing.T) {
	d, dir := &disk{}, t.TempDir()
	w := begin(t, Config{Dir: dir, SegmentSize: 1, Keep: 1200, openFile: d.open})
	appendNamed(t, w, "a", "b", "c")
	d.set(func(d *disk) { d.full = true })
	appendNamed(t, w, "d")
	d.set(func(d *disk) { d.full = false })
	appendNamed(t, w, "e")
	require.NoError(t, w.Close(context.Background()))
	g, all := grouped(t, Reading{}, Settle{}, dir)
	require.Len(t, all, 2)
	f := g.Folders[0]
	require.Equal(t, 4, f.Oldest)
	require.Equal(t, uint64(2), f.Runs[0].Cut)
	require.Equal(t, []Numbers{{4, 4}}, f.Runs[0].Missing)
	require.Equal(t, uint64(1), f.Gaps[0].Records)
}

// TestGroupWhatIsDamaged: what a sealed segment lacks is a line that could not be read, and the others are read.
func TestGroupWhatIsDamaged(t *testing.T) {
	dir, sealed := t.TempDir(), newSeals()
	w := begin(t, Config{Dir: dir, SegmentSize: 1, Seal: true, Sealed: sealed.take})
	appendNamed(t, w, "a", "b")
	sealed.wait(2)
	require.NoError(t, w.Close(context.Background()))
	second := filepath.Join(dir, "000002.jsonl.zst")
	data, err := os.ReadFile(second)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(second, data[:len(data)-8], 0o644))
	g, all := grouped(t, Reading{}, Settle{}, dir)
	require.Len(t, all, 1)
	require.Equal(t, 1, g.Folders[0].Unread)
	require.EqualError(t, g.Folders[0].Bad[0], second+":1: the rest cannot be read: unexpected EOF")
}
