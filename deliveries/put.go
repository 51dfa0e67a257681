package deliveries

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// put writes the batch, before it the run line and the gap that are due. On an error nothing of it is in the log.
func (k *keeper) put() error {
	err := k.write()
	if unsynced := (*syncError)(nil); errors.As(err, &unsynced) && unsynced.takenBack {
		err = k.write() // into the segment that is begun now
	}
	k.health.wrote(err)
	if err == nil {
		k.scheduleSync()
	}
	return err
}

func (k *keeper) write() error {
	if err := k.openSegment(); err != nil {
		return err
	}
	gap, err := k.loss.line(k.cfg.Run)
	if err != nil {
		return err
	}
	lines := len(k.batch.entries)
	k.buf = emptied(k.buf)
	if k.headDue {
		k.buf = append(k.buf, k.head...)
		lines++
	}
	if gap != nil {
		k.buf = append(k.buf, gap...)
		lines++
	}
	before := len(k.buf)
	k.buf = append(k.buf, k.batch.text...)
	written := k.seg.size
	if stuck, err := k.writeSegment(append([][]byte{k.buf}, k.batch.large...)); err != nil {
		if stuck >= before {
			k.loss = loss{} // it is told
		}
		return err
	}
	k.seg.holds(len(k.batch.entries), k.loss)
	k.large.took(k.batch.large)
	k.headDue, k.loss, k.retry = false, loss{}, nil
	k.counts.records.Add(uint64(lines))
	k.counts.bytes.Add(uint64(k.seg.size - written))
	return nil
}

// openSegment begins a segment where there is none, or the one there is is full.
func (k *keeper) openSegment() error {
	if full := k.seg != nil && k.seg.size >= k.cfg.SegmentSize; full && !k.giveUpRemoved() {
		k.dropSegment(k.cfg.Sync.Mode == SyncInterval)
	}
	if k.seg != nil {
		return nil
	}
	if err := k.claim(); err != nil {
		return err
	}
	path := filepath.Join(k.cfg.Dir, segmentName(k.next))
	f, err := k.cfg.openFile(path)
	if err != nil {
		return fmt.Errorf("begin log segment: %w", err)
	}
	k.next++
	k.seg = &segment{path: path, file: f}
	k.headDue = true
	k.trim()
	k.sealNext()
	if k.cfg.Sync.Mode == SyncNever {
		return nil
	}
	if err := syncDir(k.cfg.Dir); err != nil {
		k.health.synced(err) // the segment can be written all the same
	}
	return nil
}

// dropSegment ends the segment: it is closed with the next sync, and synced, if it is worth that.
func (k *keeper) dropSegment(unsynced bool) {
	k.syncer.retired = append(k.syncer.retired, retired{k.seg.file, unsynced})
	k.full = append(k.full, listed{k.seg.path, k.seg.size})
	if !k.seg.torn { // else what cannot be read of it is put aside by the next start
		k.sealer.due = append(k.sealer.due, listed{k.seg.path, k.seg.size})
	}
	k.seg = nil
	k.headDue = true
}

// writeSegment writes all parts, or nothing. A segment that cannot be relied on is dropped; so many bytes of them are then stuck in it.
func (k *keeper) writeSegment(parts [][]byte) (stuck int, err error) {
	before := k.seg.size
	written, err := k.seg.append(parts)
	if err != nil {
		if k.seg.torn {
			k.dropSegment(k.cfg.Sync.Mode == SyncInterval)
			stuck = written
		}
		return stuck, err
	}
	if k.cfg.Sync.Mode != SyncAlways {
		return 0, nil
	}
	begun := time.Now()
	err = k.seg.file.Sync()
	k.cfg.Synced(time.Since(begun))
	if err == nil {
		k.health.synced(nil)
		return 0, nil
	}
	err = fmt.Errorf("sync log: %w", err)
	k.health.synced(err)
	cut := k.seg.cut(before)
	k.dropSegment(false)
	if cut != nil {
		stuck = written
	}
	return stuck, &syncError{error: errors.Join(err, cut), takenBack: cut == nil}
}

// syncError is a failed sync before an acknowledgement: nobody knows what of the segment is on the disk.
type syncError struct {
	error
	takenBack bool // the lines are out of the segment again: they can be written to another
}

func (e *syncError) Unwrap() error { return e.error }
