package deliveries

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// seals collects what Config.Sealed is told.
type seals struct {
	mu   sync.Mutex
	told []string
	came chan struct{}
}

func newSeals() *seals { return &seals{came: make(chan struct{}, 1000)} }

func (s *seals) take(segment string, _ int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		segment += " " + err.Error()
	}
	s.told = append(s.told, segment)
	s.came <- struct{}{}
}

// wait waits for n of them, and gives all.
func (s *seals) wait(n int) []string {
	for range n {
		<-s.came
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told
}

// idsIn are the ids of a log's attempts, in their order.
func idsIn(t *testing.T, dir string) []string {
	t.Helper()
	var ids []string
	for record, err := range Read(dir) {
		require.NoError(t, err)
		if a, ok := record.(*Attempt); ok {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// TestSeal: full segments are compressed, one after the other; the one that is written stays plain; a log reads the same before and after, by whoever has
// its list of segments from before.
func TestSeal(t *testing.T) {
	dir, sealed := t.TempDir(), newSeals()
	w := begin(t, Config{Dir: dir, SegmentSize: 1, Seal: true, Sealed: sealed.take})
	before, err := listSegments(dir)
	require.NoError(t, err)
	appendNamed(t, w, "a", "b", "c")
	require.Equal(t, []string{"000001.jsonl.zst", "000002.jsonl.zst", "000003.jsonl.zst"}, sealed.wait(3))
	require.Equal(t, []string{"000001.jsonl.zst", "000002.jsonl.zst", "000003.jsonl.zst", "000004.jsonl", lockName}, names(t, dir))
	require.Equal(t, []string{"a", "b", "c"}, idsIn(t, dir))
	require.True(t, newLineReader(true).segment(before[0], func(record Record, err error) bool { return err == nil && record != nil }))
}

// TestSealWaits: sealing waits while much is written, for a quieter second or until too many segments wait.
func TestSealWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		w := begin(t, Config{Dir: dir, SegmentSize: 64 << 10, Seal: true})
		many := func(n int) (plain int) {
			for range n {
				require.NoError(t, w.Append(t.Context(), attempt("a")))
			}
			synctest.Wait() // no time passes
			return len(plainSegments(t, dir))
		}
		fill := func() { // what is written, to its end
			for segments := len(names(t, dir)); len(names(t, dir)) == segments; {
				many(1)
			}
		}
		require.Equal(t, 1, many(busyRecords))
		time.Sleep(lookEvery) // virtual
		for waiting := range mostWaiting {
			require.Equal(t, 1+waiting, many(0))
			fill()
		}
		fill()
		require.Equal(t, 1+mostWaiting, many(0), "one had to go")
		time.Sleep(lookEvery)
		require.Equal(t, 1, many(0))
	})
}

// TestSealSavesRoom: that is what it is for.
func TestSealSavesRoom(t *testing.T) {
	dir, sealed := t.TempDir(), newSeals()
	w := begin(t, Config{Dir: dir, SegmentSize: 256 << 10, Seal: true, Sealed: sealed.take})
	for i := range 2000 {
		a := attempt(fmt.Sprintf("%08x", rand.Uint32()))
		a.Attempt = i
		require.NoError(t, w.Append(context.Background(), a))
	}
	sealed.wait(1)
	segments, err := listSegments(dir)
	require.NoError(t, err)
	plain, err := segments[0].plainSize()
	require.NoError(t, err)
	require.GreaterOrEqual(t, plain, int64(256<<10))
	require.Less(t, segments[0].size, plain/5)
}

// TestSealAfterACrash: whatever moment of a sealing a crash came at, the log reads the same, and the next start tidies up and goes on.
func TestSealAfterACrash(t *testing.T) {
	tests := []struct {
		name  string
		crash func(t *testing.T, dir string)
	}{
		{"while it was written", func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "000001.jsonl.zst.tmp"), []byte("\x28\xb5\x2f\xfd half"), 0o644))
		}},
		{"before the plain one was removed", func(t *testing.T, dir string) {
			plain := text(t, dir, "000001.jsonl")
			_, err := seal(t.Context(), listed{filepath.Join(dir, "000001.jsonl"), int64(len(plain))})
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "000001.jsonl"), []byte(plain), 0o644))
		}},
		{"after", func(t *testing.T, dir string) {
			_, err := seal(t.Context(), listed{filepath.Join(dir, "000001.jsonl"), int64(len(text(t, dir, "000001.jsonl")))})
			require.NoError(t, err)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, sealed := t.TempDir(), newSeals()
			write(t, Config{Dir: dir, SegmentSize: 1}, attempt("a"), attempt("b"))
			tt.crash(t, dir)
			require.Equal(t, []string{"a", "b"}, idsIn(t, dir))
			w := begin(t, Config{Dir: dir, SegmentSize: 1, Seal: true, Sealed: sealed.take})
			sealed.wait(len(plainSegments(t, dir)) - 1)
			require.NoError(t, w.Close(context.Background()))
			require.Equal(t, []string{"a", "b"}, idsIn(t, dir))
			require.Equal(t, []string{"000001.jsonl.zst", "000002.jsonl.zst", "000003.jsonl.zst", "000004.jsonl", lockName}, names(t, dir))
		})
	}
}

// plainSegments are the names of the segments that are not sealed yet.
func plainSegments(t *testing.T, dir string) []string {
	t.Helper()
	var plain []string
	for _, name := range names(t, dir) {
		if strings.HasSuffix(name, segmentSuffix) {
			plain = append(plain, name)
		}
	}
	return plain
}

// TestSealIsStopped: a writer that is closed does not wait for what is being sealed; that stays plain.
func TestSealIsStopped(t *testing.T) {
	dir := t.TempDir()
	write(t, Config{Dir: dir, SegmentSize: 1}, attempt("a"), attempt("b"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := seal(ctx, listed{filepath.Join(dir, "000001.jsonl"), int64(len(text(t, dir, "000001.jsonl")))})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{"000001.jsonl", "000002.jsonl", "000003.jsonl", lockName}, names(t, dir))
}

// TestSealFails: a segment that cannot be compressed stays plain, and is tried again by the next start. The log goes on.
func TestSealFails(t *testing.T) {
	dir, sealed := t.TempDir(), newSeals()
	w := begin(t, Config{Dir: dir, SegmentSize: 1, Seal: true, Sealed: sealed.take})
	inTheWay := filepath.Join(dir, "000001.jsonl.zst.tmp")
	require.NoError(t, os.MkdirAll(filepath.Join(inTheWay, "something"), 0o755))
	appendNamed(t, w, "a")
	require.Contains(t, sealed.wait(1)[0], "000001.jsonl seal log segment: open "+inTheWay+": is a directory")
	appendNamed(t, w, "b")
	require.Equal(t, "000002.jsonl.zst", sealed.wait(1)[1])
	require.NoError(t, w.Err())
	require.NoError(t, w.Close(context.Background()))
	require.Equal(t, []string{"a", "b"}, idsIn(t, dir))

	_, _, err := openForTest(Config{Dir: dir})
	require.ErrorContains(t, err, "remove what a sealing has left: remove "+inTheWay)
	require.NoError(t, os.RemoveAll(inTheWay))
	begin(t, Config{Dir: dir, SegmentSize: 1, Seal: true, Sealed: sealed.take})
	require.Contains(t, sealed.wait(1), "000001.jsonl.zst")
}

// TestSealedIsDamaged: what cannot be read of a sealed segment is told, with its place, and the next one is read.
func TestSealedIsDamaged(t *testing.T) {
	dir := t.TempDir()
	write(t, Config{Dir: dir, SegmentSize: 1}, attempt("a"), attempt("b"))
	sealed, err := seal(t.Context(), listed{filepath.Join(dir, "000002.jsonl"), int64(len(text(t, dir, "000002.jsonl")))})
	require.NoError(t, err)
	data, err := os.ReadFile(sealed.path)
	require.NoError(t, err)
	for _, damage := range []struct {
		name string
		data []byte
	}{
		{"cut", data[:len(data)-8]},
		{"flipped", append(append([]byte(nil), data[:len(data)-10]...), append([]byte{data[len(data)-10] ^ 1}, data[len(data)-9:]...)...)},
		{"empty", nil},
		{"no zstd", []byte("hello, hello, hello")},
	} {
		t.Run(damage.name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(sealed.path, damage.data, 0o644))
			var bad []*BadLine
			var ids []string
			for record, err := range Read(dir) {
				if err != nil {
					var line *BadLine
					require.ErrorAs(t, err, &line)
					bad = append(bad, line)
					continue
				}
				if a, ok := record.(*Attempt); ok {
					ids = append(ids, a.ID)
				}
			}
			require.Len(t, bad, 1)
			require.Equal(t, sealed.path, bad[0].File)
			require.Contains(t, ids, "b")
		})
	}
}

// TestResumeSealed: a start goes on with what sealed segments say, and reads no more of them than it is told to.
func TestResumeSealed(t *testing.T) {
	dir, sealed := t.TempDir(), newSeals()
	w := begin(t, Config{Dir: dir, SegmentSize: 2000, Seal: true, Sealed: sealed.take})
	for i := range 40 {
		appendNamed(t, w, fmt.Sprint(i))
	}
	require.NoError(t, w.Close(context.Background()))
	all, err := Resume(dir, 1<<30)
	require.NoError(t, err)
	require.Len(t, all.Deliveries, 40)
	require.Zero(t, all.BadLines)
	some, err := Resume(dir, 6000)
	require.NoError(t, err)
	require.Zero(t, some.BadLines)
	require.NotEmpty(t, some.Deliveries)
	require.Less(t, len(some.Deliveries), 30)
	require.Equal(t, all.Deliveries[len(all.Deliveries)-len(some.Deliveries):], some.Deliveries)
}

// TestResumeDamaged: a sealed segment that cannot be read is counted, and does not keep a proxy from starting.
func TestResumeDamaged(t *testing.T) {
	dir, sealed := t.TempDir(), newSeals()
	w := begin(t, Config{Dir: dir, SegmentSize: 1, Seal: true, Sealed: sealed.take})
	appendNamed(t, w, "a", "b")
	sealed.wait(2)
	require.NoError(t, w.Close(context.Background()))
	second := filepath.Join(dir, "000002.jsonl.zst")
	data, err := os.ReadFile(second)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(second, data[:len(data)-8], 0o644))
	got, err := Resume(dir, 1<<30)
	require.NoError(t, err)
	require.Equal(t, 1, got.BadLines)
	require.Len(t, got.Deliveries, 1)
	require.Equal(t, "d-b", got.Deliveries[0].Delivery)
}

// TestKeepSealed: log.keep counts what sealed segments take, and removes them as it removes plain ones.
func TestKeepSealed(t *testing.T) {
	dir, sealed, removed := t.TempDir(), newSeals(), &removals{}
	w := begin(t, Config{Dir: dir, SegmentSize: 1, Keep: 1 << 20, Seal: true, Sealed: sealed.take})
	appendNamed(t, w, "a", "b", "c")
	sealed.wait(3)
	require.NoError(t, w.Close(context.Background()))
	size := sizeOf(t, dir, "000003.jsonl.zst")
	w = begin(t, Config{Dir: dir, SegmentSize: 1, Keep: size, Removed: removed.take})
	require.NoError(t, w.Close(context.Background()))
	require.Equal(t, []string{"000005.jsonl", lockName}, names(t, dir)[max(0, len(names(t, dir))-2):])
	require.NotContains(t, names(t, dir), "000001.jsonl.zst")
	require.NotContains(t, names(t, dir), "000002.jsonl.zst")
	require.NotEmpty(t, removed.all())
}
