package deliveries

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// lookEvery is how often it is looked whether the segment is still in its folder. Who removes it has the kernel take what is written to it, for nobody.
const lookEvery = time.Second

// look goes on in another segment where the one that is written was removed, and says in it what that cost.
func (k *keeper) look() {
	if k.giveUpRemoved() {
		k.writeGap()
	}
}

// giveUpRemoved leaves a segment that was removed, or moved away, and counts as lost what was written to it.
func (k *keeper) giveUpRemoved() (removed bool) {
	if k.seg == nil || !k.seg.removed() {
		return false
	}
	gone := k.seg
	k.syncer.retired = append(k.syncer.retired, retired{gone.file, false})
	k.seg, k.headDue = nil, true
	k.full = slices.DeleteFunc(k.full, listed.removed)
	err := fmt.Errorf("log segment %s was removed, or moved away, while it was written", filepath.Base(gone.path))
	k.health.wrote(err)
	if gone.records > 0 {
		k.missing(gone.records, gone.since, time.Now(), err)
		k.counts.lost.Add(gone.records - gone.told)
	}
	return true
}

func (s *segment) removed() bool { return movedOff(s.file, s.path) }

// movedOff reports whether a path leads no more to the file that was opened there. Where that cannot be found out, it does.
func movedOff(opened interface{ Stat() (fs.FileInfo, error) }, path string) bool {
	own, err := opened.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return isMissing(err) || err == nil && !os.SameFile(own, there)
}

func (l listed) removed() bool {
	_, err := os.Stat(l.path)
	return isMissing(err)
}

func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// claim makes the folder anew where it was removed, and locks it. What another has written there meanwhile is left alone.
func (k *keeper) claim() error {
	if k.lock == nil { // the Writer is being opened: the folder was claimed before
		return nil
	}
	if !movedOff(k.lock, k.lock.Name()) {
		return nil
	}
	if err := os.MkdirAll(k.cfg.Dir, 0o755); err != nil {
		return fmt.Errorf("create log folder: %w", err)
	}
	held, err := lock(k.cfg.Dir, 0)
	if err != nil {
		return err
	}
	_ = k.lock.Close() // of a file that is no lock any more
	k.lock = held
	segments, err := listSegments(k.cfg.Dir)
	for _, s := range segments {
		k.next = max(k.next, s.number()+1)
	}
	return err
}
