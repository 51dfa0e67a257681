package deliveries

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// begin opens a log that is closed at the test's end, unless the test has closed it.
func begin(t *testing.T, cfg Config) *Writer {
	t.Helper()
	w, torn, err := openForTest(cfg)
	require.NoError(t, err)
	require.Empty(t, torn)
	t.Cleanup(func() { require.NoError(t, w.Close(context.Background())) })
	return w
}

func openForTest(cfg Config) (*Writer, []Torn, error) {
	cfg.Run, cfg.Proxy = "run-1", "host-a"
	return OpenWriter(cfg, Run{Start: at(0), Version: "0.1", Seed: 42, Scenario: ScenarioText{Name: "claims", Hash: "3f2a", Text: "seed = 42\n"}})
}

// at is a wall clock time, so many milliseconds into the tests' day.
func at(ms int) time.Time {
	return time.Date(2026, 11, 24, 1, 53, 51, 0, time.UTC).Add(time.Duration(ms) * time.Millisecond)
}

// text is what the segment has.
func text(t *testing.T, dir, segment string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, segment))
	require.NoError(t, err)
	return string(b)
}

// names are the files of a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

const runLine = `{"v":1,"event":"run","run":"run-1","start":"2026-11-24T01:53:51.000000000Z","version":"0.1","proxy":"host-a","seed":42,` +
	`"scenario":{"name":"claims","hash":"3f2a","text":"seed = 42\n"},"reload":false}` + "\n"

func attempt(id string) *Attempt {
	return &Attempt{Delivery: "d-" + id, Start: at(1), Attempt: 1, Outcome: Rejected, Reached: None, ID: id, End: Complete, EndedBy: ByProxy}
}

// TestReload: a reload writes a run line, and segments begin with it from then on.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	w := begin(t, Config{Dir: dir, SegmentSize: 600})
	require.NoError(t, w.Reload(context.Background(), Run{Start: at(1), Version: "0.1", Seed: 43}))
	require.NoError(t, w.Append(context.Background(), attempt("a")))
	require.NoError(t, w.Append(context.Background(), attempt("b")))
	reload := `{"v":1,"event":"run","run":"run-1","start":"2026-11-24T01:53:51.001000000Z","version":"0.1","proxy":"host-a","seed":43,` +
		`"scenario":{"name":"","hash":"","text":""},"reload":true}` + "\n"
	first := text(t, dir, "000001.jsonl")
	require.True(t, strings.HasPrefix(first, runLine+reload), first)
	require.Equal(t, 3, strings.Count(first, "\n"))
	second := text(t, dir, "000002.jsonl")
	require.True(t, strings.HasPrefix(second, strings.Replace(reload, "true}", "false}", 1)), second)
	require.Contains(t, second, `"id":"b"`)
}

// TestNotBeforeItIsWritten: while the disk does not take the line, Append does not return.
func TestNotBeforeItIsWritten(t *testing.T) {
	d := &disk{atGate: make(chan struct{}, 1)}
	dir := t.TempDir()
	w := begin(t, Config{Dir: dir, openFile: d.open})
	gate := make(chan struct{})
	d.set(func(d *disk) { d.gate = gate })
	returned := make(chan error, 1)
	go func() { returned <- w.Append(context.Background(), attempt("a")) }()
	<-d.atGate
	select {
	case <-returned:
		t.Fatal("Append returned while the write was blocked")
	case <-time.After(50 * time.Millisecond): // long enough for one that does not wait
	}
	require.Equal(t, runLine, text(t, dir, "000001.jsonl"))
	d.set(func(d *disk) { d.gate = nil })
	close(gate)
	require.NoError(t, <-returned)
	require.Contains(t, text(t, dir, "000001.jsonl"), `"id":"a"`)
}

// attemptWith is one with a body that was kept.
func attemptWith(id, body string) *Attempt {
	a := attempt(id)
	a.Request.Body = bodyText{redact: &Redactor{}}.encode(keptOf(body))
	return a
}

// TestLargeBodyInTheLog: a line with a body is like any other, whether the body went out with its batch or by itself.
func TestLargeBodyInTheLog(t *testing.T) {
	dir := t.TempDir()
	w := begin(t, Config{Dir: dir, SegmentSize: 100 << 20})
	want := []string{"", "small", strings.Repeat("ä", batchBytes/4), strings.Repeat("\"x\n", batchBytes), "small again"}
	var all sync.WaitGroup
	for i, body := range want {
		all.Go(func() { assert.NoError(t, w.Append(t.Context(), attemptWith(fmt.Sprint(i), body))) })
	}
	all.Wait()
	got := make([]string, len(want))
	lines := strings.SplitAfter(text(t, dir, "000001.jsonl"), "\n")
	for record, err := range Read(dir) {
		require.NoError(t, err)
		a, ok := record.(*Attempt)
		if !ok {
			continue
		}
		i, err := strconv.Atoi(a.ID)
		require.NoError(t, err)
		got[i] = a.Request.Body.(string)
		line, err := Line(a)
		require.NoError(t, err)
		require.Contains(t, lines, string(line))
	}
	require.Equal(t, want, got)
}

// TestWritten: who is shown what was written has the log's own lines but for their bodies.
func TestWritten(t *testing.T) {
	dir := t.TempDir()
	var logs []string // as they were then
	var kept [][]byte
	w := begin(t, Config{Dir: dir, Written: func(record Record, line []byte) {
		logs, kept = append(logs, text(t, dir, "000001.jsonl")), append(kept, bytes.Clone(line))
		if a, ok := record.(*Attempt); ok {
			require.Contains(t, string(line), fmt.Sprintf(`"seq":%d,`, a.Seq))
		}
	}})
	for _, record := range []Record{attempt("a"), &Open{ID: "b"}, attempt("b"), &Amend{ID: "b"}} {
		require.NoError(t, w.Append(t.Context(), record))
	}
	require.Equal(t, runLine+string(bytes.Join(kept, nil)), text(t, dir, "000001.jsonl"))
	for i, line := range kept {
		require.True(t, strings.HasSuffix(logs[i], string(line)), "the log's last line by then")
	}
	require.NoError(t, w.Append(t.Context(), attemptWith("c", "secret")))
	require.Contains(t, text(t, dir, "000001.jsonl"), `"body":"secret"}`)
	require.Contains(t, string(kept[4]), `"body":null}`)
}

// TestContextEnds: who stops waiting gets its context's error, and the record is written once.
func TestContextEnds(t *testing.T) {
	d := &disk{atGate: make(chan struct{}, 1)}
	dir := t.TempDir()
	w := begin(t, Config{Dir: dir, openFile: d.open})
	gate := make(chan struct{})
	d.set(func(d *disk) { d.gate = gate })
	ctx, cancel := context.WithCancel(context.Background())
	returned := make(chan error, 1)
	go func() { returned <- w.Append(ctx, attempt("a")) }()
	<-d.atGate
	cancel()
	err := <-returned
	require.EqualError(t, err, "wait for the log (the record is queued and will be written): context canceled")
	require.ErrorIs(t, err, context.Canceled)
	d.set(func(d *disk) { d.gate = nil })
	close(gate)
	require.NoError(t, w.Append(context.Background(), attempt("b")))
	got := text(t, dir, "000001.jsonl")
	require.Equal(t, 1, strings.Count(got, `"id":"a"`))
	require.Less(t, strings.Index(got, `"id":"a"`), strings.Index(got, `"id":"b"`))
}

// TestManyAppend: every record is there once, numbered in the order written.
func TestManyAppend(t *testing.T) {
	for _, mode := range []Sync{{Mode: SyncNever}, {Mode: SyncInterval, Every: time.Millisecond}, {Mode: SyncAlways}} {
		t.Run(string(mode.Mode), func(t *testing.T) {
			const senders, each = 64, 20
			dir := t.TempDir()
			w := begin(t, Config{Dir: dir, Sync: mode, SegmentSize: 100 << 10})
			var all sync.WaitGroup
			for i := range senders {
				all.Go(func() {
					for j := range each {
						a := attempt(fmt.Sprintf("%d-%d", i, j))
						if err := w.Append(context.Background(), a); err != nil || a.Seq == 0 {
							t.Errorf("append: %v, seq %d", err, a.Seq)
						}
					}
				})
			}
			all.Wait()
			require.NoError(t, w.Close(context.Background()))
			seen, seq := map[string]bool{}, uint64(0)
			for record, err := range Read(dir) {
				require.NoError(t, err)
				a, ok := record.(*Attempt)
				if !ok {
					continue
				}
				seq++
				require.Equal(t, seq, a.Seq)
				require.False(t, seen[a.ID], a.ID)
				seen[a.ID] = true
			}
			require.Len(t, seen, senders*each)
			require.Equal(t, uint64(senders*each), seq)
			require.Greater(t, len(names(t, dir)), 5)
			require.Zero(t, w.Stats().Lost)
		})
	}
}

func TestClose(t *testing.T) {
	dir := t.TempDir()
	w, _, err := openForTest(Config{Dir: dir})
	require.NoError(t, err)
	require.NoError(t, w.Append(context.Background(), attempt("a")))
	require.NoError(t, w.Close(context.Background()))
	require.NoError(t, w.Close(context.Background()), "a second time")
	require.ErrorIs(t, w.Append(context.Background(), attempt("b")), ErrClosed)
	require.Equal(t, Stats{Records: 2, Bytes: uint64(len(text(t, dir, "000001.jsonl")))}, w.Stats())

	again := begin(t, Config{Dir: dir})
	require.NoError(t, again.Append(context.Background(), attempt("c")))
	got := text(t, dir, "000001.jsonl")
	require.Equal(t, 2, strings.Count(got, runLine), "the restart goes on in the newest segment, after a run line")
	require.NotContains(t, got, `"id":"b"`)
	require.Equal(t, []string{"000001.jsonl", "writer.lock"}, names(t, dir))
}

// TestCloseWaitsOnlySoLong: a disk that hangs does not hold up the end of the process.
func TestCloseWaitsOnlySoLong(t *testing.T) {
	d := &disk{atGate: make(chan struct{}, 1)}
	w := begin(t, Config{Dir: t.TempDir(), openFile: d.open})
	gate := make(chan struct{})
	d.set(func(d *disk) { d.gate = gate })
	returned := make(chan error, 1)
	go func() { returned <- w.Append(context.Background(), attempt("a")) }()
	<-d.atGate
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.EqualError(t, w.Close(ctx), "close log: context canceled")
	d.set(func(d *disk) { d.gate = nil })
	close(gate)
	require.NoError(t, <-returned, "what was queued is written by the close")
}

func TestOpenFails(t *testing.T) {
	dir := t.TempDir()
	occupied := filepath.Join(dir, "occupied")
	require.NoError(t, os.WriteFile(occupied, nil, 0o644))
	used := filepath.Join(dir, "used")
	begin(t, Config{Dir: used})
	blocked := filepath.Join(dir, "blocked")
	require.NoError(t, os.MkdirAll(filepath.Join(blocked, lockName), 0o755))
	tests := []struct{ name, dir, want string }{
		{"a file in its place", occupied, `create log folder: mkdir ` + occupied + `: not a directory`},
		{"another writer", used, fmt.Sprintf(`log folder %q is written by another process, pid %d`, used, os.Getpid())},
		{"a lock that cannot be", blocked, `lock log folder: open ` + filepath.Join(blocked, lockName) + `: is a directory`},
		{"a device in its place", "/dev/full", `create log folder: mkdir /dev/full: not a directory`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := openForTest(Config{Dir: tt.dir})
			require.EqualError(t, err, tt.want)
		})
	}
}

func TestParseSync(t *testing.T) {
	tests := []struct {
		text, err string
		want      Sync
	}{
		{text: "", want: Sync{}},
		{text: "always", want: Sync{Mode: SyncAlways}},
		{text: "never", want: Sync{Mode: SyncNever}},
		{text: "interval 250ms", want: Sync{Mode: SyncInterval, Every: 250 * time.Millisecond}},
		{text: "interval", err: `got "interval", want "always", "never" or "interval 100ms"`},
		{text: "sometimes", err: `got "sometimes", want "always", "never" or "interval 100ms"`},
		{text: "interval 0s", err: `got "interval 0s", want an interval above zero such as "interval 100ms"`},
		{text: "interval soon", err: `got "interval soon", want an interval above zero such as "interval 100ms"`},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := ParseSync(tt.text)
			if tt.err != "" {
				require.EqualError(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}
