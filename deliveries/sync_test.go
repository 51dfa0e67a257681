package deliveries

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSyncFails: after a failed sync a new segment is begun. What was to be synced before it is acknowledged is taken back and written there.
func TestSyncFails(t *testing.T) {
	broken := errors.New("input/output error")
	tests := []struct {
		name  string
		mode  SyncMode
		syncs []error // results of the syncs after the start
		lost  uint64
		want  []string // what is in the segments
	}{
		{"interval", SyncInterval, []error{broken}, 0, []string{"run attempt", "run attempt"}},
		{"always", SyncAlways, []error{broken}, 0, []string{"run", "run attempt attempt"}},
		{"always, twice", SyncAlways, []error{broken, broken}, 1, []string{"run", "", "run gap attempt"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, health, dir := &disk{}, &told{}, t.TempDir()
				var syncs int
				cfg := Config{Dir: dir, openFile: d.open, Health: health.take, Sync: Sync{Mode: tt.mode}, Synced: func(time.Duration) { syncs++ }}
				w := begin(t, cfg)
				time.Sleep(time.Second)
				synctest.Wait()
				d.set(func(d *disk) { d.syncs = tt.syncs })
				require.NoError(t, w.Append(context.Background(), attempt("a")))
				time.Sleep(150 * time.Millisecond)
				synctest.Wait()
				require.NoError(t, w.Append(context.Background(), attempt("b")))
				time.Sleep(time.Second)
				synctest.Wait()
				require.NoError(t, w.Err())
				require.Equal(t, tt.lost, w.Stats().Lost)
				require.NoError(t, w.Close(context.Background()))
				for i, want := range tt.want {
					require.Equal(t, want, kinds(all(t, filepath.Join(dir, segmentName(i+1)))))
				}
				require.Len(t, names(t, dir), len(tt.want)+1)
				require.GreaterOrEqual(t, syncs, 3)
				require.Len(t, health.errs, 2)
				require.EqualError(t, health.errs[0], "sync log: input/output error")
				require.NoError(t, health.errs[1])
			})
		})
	}
}

// TestSyncs: how often each mode syncs, by virtual time.
func TestSyncs(t *testing.T) {
	tests := []struct {
		name    string
		mode    Sync
		appends int // 10 ms apart, the first at once
		want    int
	}{
		{"always", Sync{Mode: SyncAlways}, 10, 11},
		{"interval", Sync{Mode: SyncInterval, Every: 35 * time.Millisecond}, 10, 3},
		{"interval, the run line only", Sync{}, 0, 1},
		{"never", Sync{Mode: SyncNever}, 10, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told int
				d := &disk{}
				w := begin(t, Config{Dir: t.TempDir(), openFile: d.open, Sync: tt.mode, Synced: func(time.Duration) { told++ }})
				for range tt.appends {
					require.NoError(t, w.Append(context.Background(), attempt("a")))
					time.Sleep(10 * time.Millisecond)
				}
				time.Sleep(time.Second)
				synctest.Wait()
				require.Equal(t, tt.want, told)
				require.Len(t, d.synced, tt.want)
			})
		})
	}
}

// TestSlowSync: nobody waits for a sync of an interval; what was written meanwhile is synced after it, a full segment once more before it is closed.
func TestSlowSync(t *testing.T) {
	tests := []struct {
		name    string
		segment int64
		result  error
		want    []string // what is synced, up to the close
		names   []string
	}{
		{"the same segment", 1 << 20, nil, []string{"000001.jsonl", "000001.jsonl", "000001.jsonl"}, []string{"000001.jsonl", "writer.lock"}},
		{"full meanwhile", 10, nil, []string{"000001.jsonl", "000001.jsonl", "000002.jsonl", "000002.jsonl"},
			[]string{"000001.jsonl", "000002.jsonl", "writer.lock"}},
		{"full meanwhile, the sync fails", 10, syscall.EIO, []string{"000001.jsonl", "000001.jsonl", "000002.jsonl", "000002.jsonl"},
			[]string{"000001.jsonl", "000002.jsonl", "writer.lock"}},
		{"the sync fails", 1 << 20, syscall.EIO, []string{"000001.jsonl"}, []string{"000001.jsonl", "writer.lock"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				slow := make(chan struct{})
				d := &disk{slow: slow, atSync: make(chan struct{}, 9), syncs: []error{tt.result}}
				w := begin(t, Config{Dir: dir, openFile: d.open, SegmentSize: tt.segment})
				<-d.atSync // of the run line
				require.NoError(t, w.Append(context.Background(), attempt("a")))
				d.set(func(d *disk) { d.slow = nil })
				close(slow)
				time.Sleep(time.Second)
				synctest.Wait()
				require.NoError(t, w.Close(context.Background()))
				require.Equal(t, tt.want, d.synced)
				require.Equal(t, tt.names, names(t, dir))
			})
		})
	}
}

// TestGroupCommit: what comes while a sync is under way shares the next one, however many there are, and nobody waits for a tick.
func TestGroupCommit(t *testing.T) {
	tests := []struct {
		name   string
		others int // that append while the first one is synced
		want   int // syncs: the opening's, the first one's, then one a batch
	}{
		{"nobody", 0, 2},
		{"one", 1, 3},
		{"a thousand", 1000, 3},
		{"more than a batch takes", batchRecords + 1, 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &disk{}
				w := begin(t, Config{Dir: t.TempDir(), openFile: d.open, Sync: Sync{Mode: SyncAlways}})
				begun := time.Now()
				slow := make(chan struct{})
				d.set(func(d *disk) { d.slow, d.atSync = slow, make(chan struct{}, 1) })
				var appenders sync.WaitGroup
				add := func() {
					if err := w.Append(context.Background(), attempt("a")); err != nil {
						t.Error(err)
					}
				}
				appenders.Go(add)
				<-d.atSync
				for range tt.others {
					appenders.Go(add)
				}
				synctest.Wait()
				d.set(func(d *disk) { d.slow = nil })
				close(slow)
				appenders.Wait()
				require.Zero(t, time.Since(begun), "of virtual time")
				require.Len(t, d.synced, tt.want)
			})
		})
	}
}
