package deliveries

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestWhateverTheDiskDoes: full, short of room, unable to sync, to cut back or to open a file, in any order: each record is in the log once, or is counted as lost
// by a gap; lost attempts are holes in seq; and with log.required its caller is told.
func TestWhateverTheDiskDoes(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const records = 100
				r := rand.New(rand.NewPCG(seed, 7))
				mode := []SyncMode{SyncAlways, SyncInterval, SyncNever}[r.IntN(3)]
				d, dir, required := &disk{}, t.TempDir(), r.IntN(2) == 0
				w := begin(t, Config{Dir: dir, SegmentSize: 1 << (9 + r.IntN(8)), Sync: Sync{Mode: mode}, Required: required, openFile: d.open})
				lostAttempts := 0
				for i := range records {
					d.set(func(d *disk) { d.misbehave(r, mode) })
					var record Record = attempt(fmt.Sprint(i))
					switch r.IntN(20) {
					case 0:
						record = attemptWith(fmt.Sprint(i), strings.Repeat("x", r.IntN(2*batchBytes)>>(2*r.IntN(3)))) // of any order, up to more than a batch holds
					case 1, 2, 3, 4:
						record = &Amend{ID: fmt.Sprint(i), Outcome: Broken}
					}
					before := w.Stats().Lost
					err := w.Append(context.Background(), record)
					lost := w.Stats().Lost > before
					require.Equal(t, required && lost, err != nil)
					if record.event() == EventAttempt && lost {
						lostAttempts++
					}
					time.Sleep(time.Duration(r.IntN(1500)) * time.Millisecond) // virtual
				}
				d.set(func(d *disk) { d.full, d.syncs, d.truncate, d.closed = false, nil, nil, nil })
				require.NoError(t, w.Append(context.Background(), attempt("last")))
				time.Sleep(time.Minute) // virtual: the sync that is due finds the disk well
				require.NoError(t, w.Err())
				require.NoError(t, w.Close(context.Background()))
				lost := w.Stats().Lost

				again, _, err := openForTest(Config{Dir: dir}) // cuts off what could not be cut back
				require.NoError(t, err)
				require.NoError(t, again.Close(context.Background()))
				there, told := timesThere(all(t, dir))
				for id, times := range there {
					require.Equal(t, 1, times, id)
				}
				require.Equal(t, records+1, len(there)+int(lost))
				require.Equal(t, lost, told)
				g, _ := grouped(t, Reading{}, Settle{}, dir)
				require.Equal(t, lostAttempts, int(g.Folders[0].Runs[0].Lost))
				require.Equal(t, int(lost)+lostAttempts, int(g.Folders[0].Lost()))
			})
		})
	}
}

// timesThere is how often each attempt or amend is in a log, by id, and how many records its gaps tell of.
func timesThere(records []Record) (there map[string]int, told uint64) {
	there = map[string]int{}
	for _, record := range records {
		switch r := record.(type) {
		case *Attempt:
			there[r.ID]++
		case *Amend:
			there[r.ID]++
		case *Gap:
			told += r.Records
		}
	}
	return there, told
}

// misbehave changes what the disk does. With SyncAlways it can cut back: what can neither be synced nor taken back counts as lost, and is there.
func (d *disk) misbehave(r *rand.Rand, mode SyncMode) {
	d.full, d.room, d.truncate, d.closed = r.IntN(4) == 0, r.IntN(700), nil, nil
	if d.full && mode != SyncAlways && r.IntN(3) == 0 {
		d.truncate = syscall.EIO
	}
	if r.IntN(10) == 0 {
		d.closed = syscall.EMFILE
	}
	if r.IntN(8) == 0 {
		d.syncs = append(d.syncs, syscall.EIO)
	}
}
