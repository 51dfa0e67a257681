package deliveries

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// syncer syncs in a goroutine of its own, so that no append waits for it. At most one sync is under way; the keeper begins and ends it.
type syncer struct {
	jobs    chan syncJob
	results chan syncResult
	done    sync.WaitGroup

	due     <-chan time.Time // when the next sync begins; nil: nothing is unsynced, or a sync is under way
	current file             // what the running sync syncs and leaves open
	running bool
	again   bool      // something was written since the running sync began
	retired []retired // to be closed with the next sync
	release bool      // with the next sync memory is given back
}

// retired is a segment's file that nothing is written to any more.
type retired struct {
	file
	unsynced bool // and worth a sync
}

type syncJob struct {
	current file // nil: none
	retired []retired
	release bool
}

type syncResult struct {
	current, retired error
	took             time.Duration
}

func (s *syncer) start() {
	s.jobs = make(chan syncJob, 1)
	s.results = make(chan syncResult, 1)
	s.done.Go(func() {
		for job := range s.jobs {
			s.results <- job.do()
		}
	})
}

func (j syncJob) do() syncResult {
	begun := time.Now()
	var errs []error
	for _, f := range j.retired {
		if f.unsynced {
			errs = append(errs, f.Sync())
		}
		errs = append(errs, f.Close())
	}
	result := syncResult{retired: errors.Join(errs...)}
	if j.current != nil {
		result.current = j.current.Sync()
	}
	result.took = time.Since(begun)
	if j.release {
		debug.FreeOSMemory()
	}
	return result
}

func (r syncResult) err() error {
	if err := errors.Join(r.retired, r.current); err != nil {
		return fmt.Errorf("sync log: %w", err)
	}
	return nil
}

// scheduleSync takes note that something was written, or a segment retired.
func (k *keeper) scheduleSync() {
	s := &k.syncer
	switch {
	case k.cfg.Sync.Mode != SyncInterval && len(s.retired) == 0 && !s.release: // nothing to do
	case s.running:
		s.again = true
	case s.due == nil:
		s.due = time.After(k.cfg.Sync.Every)
	}
}

func (k *keeper) beginSync() {
	s := &k.syncer
	job := syncJob{retired: s.retired, release: s.release}
	if k.seg != nil && k.cfg.Sync.Mode == SyncInterval {
		job.current = k.seg.file
	}
	s.due, s.retired, s.release, s.current, s.running = nil, nil, false, job.current, true
	s.jobs <- job
}

// endSync takes the result of a sync. After a failed one a new segment is begun: what of the old one is on the disk, nobody knows.
func (k *keeper) endSync(result syncResult) {
	s := &k.syncer
	s.running = false
	k.cfg.Synced(result.took)
	if result.current != nil && k.seg != nil && k.seg.file == s.current {
		k.dropSegment(false)
	}
	k.health.synced(result.err())
	if s.again || len(s.retired) > 0 || s.release {
		s.again = false
		k.scheduleSync()
	}
}

// lastSync waits for the sync under way, does the last one, and ends the syncer. The segment stays open.
func (k *keeper) lastSync() error {
	if k.syncer.running {
		k.endSync(<-k.syncer.results)
	}
	close(k.syncer.jobs)
	k.syncer.done.Wait()
	job := syncJob{retired: k.syncer.retired}
	if k.seg != nil && k.cfg.Sync.Mode != SyncNever {
		job.current = k.seg.file
	}
	return job.do().err()
}
