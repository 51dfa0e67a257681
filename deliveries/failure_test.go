package deliveries

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// told collects what Config.Health is told.
type told struct {
	mu   sync.Mutex
	errs []error
}

func (h *told) take(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.errs = append(h.errs, err)
}

// TestDiskFull: forwarding goes on, every lost record is counted, and a gap is written when there is room again. A short write leaves nothing behind.
func TestDiskFull(t *testing.T) {
	for name, room := range map[string]int{"no room at all": 0, "room for a part of a line": 100} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, health, dir := &disk{}, &told{}, t.TempDir()
				w := begin(t, Config{Dir: dir, openFile: d.open, Health: health.take})
				require.NoError(t, w.Append(context.Background(), attempt("a")))
				whole := text(t, dir, "000001.jsonl")

				d.set(func(d *disk) { d.full, d.room = true, room })
				lostFrom := time.Now()
				require.NoError(t, w.Append(context.Background(), attempt("b")))
				time.Sleep(300 * time.Millisecond) // virtual
				lostUntil := time.Now()
				require.NoError(t, w.Append(context.Background(), &Amend{ID: "a", Outcome: Broken}))
				require.Equal(t, whole, text(t, dir, "000001.jsonl"))
				require.EqualError(t, w.Err(), "write log: write "+filepath.Join(dir, "000001.jsonl")+": no space left on device")
				require.Equal(t, uint64(2), w.Stats().Lost)

				d.set(func(d *disk) { d.full = false })
				last := attempt("c")
				require.NoError(t, w.Append(context.Background(), last))
				require.NoError(t, w.Err())
				require.NoError(t, w.Close(context.Background()))
				require.Equal(t, uint64(2), w.Stats().Lost, "a total")
				require.Equal(t, uint64(3), last.Seq, "the lost attempt is a hole")

				records := all(t, dir)
				require.Len(t, records, 4)
				require.Equal(t, &Gap{
					V: 1, Event: EventGap, Start: wall(lostFrom), Until: wall(lostUntil), Records: 2, Error: "no space left on device", Run: "run-1",
				}, records[2])
				require.Equal(t, normal(last), records[3])
				require.Len(t, health.errs, 2)
				require.ErrorIs(t, health.errs[0], syscall.ENOSPC)
				require.NoError(t, health.errs[1])
			})
		})
	}
}

// all reads a folder of which every line must be readable.
func all(t *testing.T, dir string) []Record {
	t.Helper()
	var records []Record
	for record, err := range Read(dir) {
		require.NoError(t, err)
		records = append(records, record)
	}
	return records
}

// TestGapWithoutTraffic: a proxy that is not ready gets no traffic, so the log gets well without a record.
func TestGapWithoutTraffic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, dir := &disk{}, t.TempDir()
		w := begin(t, Config{Dir: dir, openFile: d.open})
		d.set(func(d *disk) { d.full = true })
		require.NoError(t, w.Append(context.Background(), attempt("a")))
		time.Sleep(1500 * time.Millisecond) // the first try to write the gap fails
		require.Error(t, w.Err())
		d.set(func(d *disk) { d.full = false })
		time.Sleep(time.Second)
		require.NoError(t, w.Err())
		require.IsType(t, &Gap{}, all(t, dir)[1])
	})
}

// TestGapAtTheEnd: the end of the process is the last chance to say what is missing.
func TestGapAtTheEnd(t *testing.T) {
	tests := []struct {
		name  string
		still bool
		err   string
		want  int
	}{
		{name: "room again", want: 2},
		{name: "still full", still: true, err: "write log: write FILE: no space left on device", want: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, dir := &disk{}, t.TempDir()
			w, _, err := openForTest(Config{Dir: dir, openFile: d.open})
			require.NoError(t, err)
			d.set(func(d *disk) { d.full = true })
			require.NoError(t, w.Append(context.Background(), attempt("a")))
			d.set(func(d *disk) { d.full = tt.still })
			err = w.Close(context.Background())
			if tt.err == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, strings.ReplaceAll(tt.err, "FILE", filepath.Join(dir, "000001.jsonl")))
			}
			require.Len(t, all(t, dir), tt.want)
		})
	}
}

// TestRequired: with log.required the caller is told, and can refuse the attempt.
func TestRequired(t *testing.T) {
	d, dir := &disk{}, t.TempDir()
	w := begin(t, Config{Dir: dir, openFile: d.open, Required: true})
	d.set(func(d *disk) { d.full = true })
	err := w.Append(context.Background(), attempt("a"))
	require.EqualError(t, err, "write log: write "+filepath.Join(dir, "000001.jsonl")+": no space left on device")
	require.Equal(t, uint64(1), w.Stats().Lost)
	d.set(func(d *disk) { d.full = false })
	require.NoError(t, w.Append(context.Background(), attempt("b")))
	require.Equal(t, "run gap attempt", kinds(all(t, dir)))
}

func kinds(records []Record) string {
	var kinds []string
	for _, r := range records {
		kinds = append(kinds, string(r.event()))
	}
	return strings.Join(kinds, " ")
}

// TestDevFull: the kernel's own full device.
func TestDevFull(t *testing.T) {
	open := func(string) (file, error) { return os.OpenFile("/dev/full", os.O_WRONLY, 0) }
	_, _, err := openForTest(Config{Dir: t.TempDir(), openFile: open})
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.ErrorContains(t, err, "write log: write /dev/full: no space left on device")
}

// TestTornAndStuck: what cannot be cut back stands in a segment to which nothing is written any more.
func TestTornAndStuck(t *testing.T) {
	d, dir := &disk{}, t.TempDir()
	w := begin(t, Config{Dir: dir, openFile: d.open})
	d.set(func(d *disk) { d.full, d.room, d.truncate = true, 50, syscall.EIO })
	require.NoError(t, w.Append(context.Background(), attempt("a")))
	d.set(func(d *disk) { d.full = false })
	require.NoError(t, w.Append(context.Background(), attempt("b")))
	require.NoError(t, w.Close(context.Background()))
	require.Equal(t, runLine+`{"v":1,"event":"attempt","delivery":"d-a","start":`, text(t, dir, "000001.jsonl"))
	require.Equal(t, "run gap attempt", kinds(all(t, filepath.Join(dir, "000002.jsonl"))))
}

// TestTornLine: what a crash left unfinished is cut off, kept, and reported.
func TestTornLine(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	tests := []struct {
		name, tail, kept string
	}{
		{"a part of a line", `{"v":1,"event":"att`, `{"v":1,"event":"att` + "\n"},
		{"longer than a block", long, long + "\n"},
		{"zeros after a power cut", "\x00\x00\x00", "\x00\x00\x00\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, Config{Dir: dir}, attempt("a"))
			path := filepath.Join(dir, "000001.jsonl")
			whole := text(t, dir, "000001.jsonl")
			require.NoError(t, os.WriteFile(path, []byte(whole+tt.tail), 0o644))
			w, torn, err := openForTest(Config{Dir: dir})
			require.NoError(t, err)
			require.NoError(t, w.Close(context.Background()))
			require.Equal(t, []Torn{{path, path + ".torn", int64(len(tt.tail))}}, torn)
			require.Equal(t, whole+runLine, text(t, dir, "000001.jsonl"))
			require.Equal(t, tt.kept, text(t, dir, "000001.jsonl.torn"))
		})
	}
	require.Equal(t, "cut a torn last line of 143 bytes from 000003.jsonl, kept in 000003.jsonl.torn",
		Torn{"log/000003.jsonl", "log/000003.jsonl.torn", 143}.String())
}

// TestTornWhole: a segment of which nothing is whole, and one that is empty.
func TestTornWhole(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "000007.jsonl"), []byte(`{"v":1`), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "000008.jsonl"), nil, 0o644))
	w, torn, err := openForTest(Config{Dir: dir})
	require.NoError(t, err)
	require.NoError(t, w.Close(context.Background()))
	require.Len(t, torn, 1)
	require.Empty(t, text(t, dir, "000007.jsonl"))
	require.Equal(t, runLine, text(t, dir, "000008.jsonl"))
}

// TestNextSegment: a full segment is followed by the next number, and no name that is taken is used.
func TestNextSegment(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "000041.jsonl"), []byte(strings.Repeat("x", 99)+"\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "merged.jsonl"), []byte("{}\n"), 0o644))
	write(t, Config{Dir: dir, SegmentSize: 100})
	require.Equal(t, []string{"000041.jsonl", "000042.jsonl", "merged.jsonl", "writer.lock"}, names(t, dir))
	require.Equal(t, runLine, text(t, dir, "000042.jsonl"))
}
