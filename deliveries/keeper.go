package deliveries

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"
)

// keeper is the one goroutine that owns the file. What is queued when it comes round is a batch: one write(2), one sync.
type keeper struct {
	cfg    Config
	counts counts
	health health
	lock   *os.File
	err    error // of the end

	seg     *segment // nil: the next write begins one
	full    []listed // those that nothing is written to any more, oldest first
	next    int      // number of the next segment
	head    []byte   // the run line
	headDue bool     // the next write begins with head
	seq     uint64   // of the attempt written last

	loss  loss
	retry <-chan time.Time // when to write a gap that no batch has taken along

	syncer syncer
	sealer sealer
	batch  batch
	large  memory // of those that were written
	buf    []byte
}

// newKeeper opens the newest segment, or the first, and writes the run line.
func newKeeper(cfg Config, run Run) (*keeper, []Torn, error) {
	if err := stamp(&run, cfg.Run, cfg.Proxy); err != nil {
		return nil, nil, err
	}
	head, err := encode(&run)
	if err != nil {
		return nil, nil, err
	}
	k := &keeper{cfg: cfg, health: health{tell: cfg.Health}, head: head, headDue: true, next: 1}
	k.sealer.results = make(chan sealing, 1)
	torn, err := k.resume()
	if err != nil {
		return nil, nil, err
	}
	if err := k.put(); err != nil {
		return nil, nil, errors.Join(err, k.closeSegment())
	}
	k.trim()
	k.sealer.due = plainOnes(k.full)
	k.syncer.start()
	k.sealNext()
	return k, torn, nil
}

// resume goes on in the newest segment, if it is one of ours.
func (k *keeper) resume() ([]Torn, error) {
	if err := tidy(k.cfg.Dir); err != nil {
		return nil, err
	}
	segments, err := listSegments(k.cfg.Dir)
	if err != nil || len(segments) == 0 {
		return nil, err
	}
	torn, err := mendTorn(segments)
	if err != nil {
		return nil, err
	}
	for _, s := range segments {
		k.next = max(k.next, s.number()+1)
	}
	k.full = numbered(segments)
	newest := segments[len(segments)-1]
	if newest.number() == 0 || newest.isSealed() || newest.size >= k.cfg.SegmentSize {
		return torn, nil
	}
	f, err := k.cfg.openFile(newest.path)
	if err != nil {
		return nil, fmt.Errorf("open log segment: %w", err)
	}
	k.seg = &segment{path: newest.path, file: f, size: newest.size}
	k.full = slices.DeleteFunc(k.full, func(s listed) bool { return s.path == newest.path })
	return torn, nil
}

// run serves the queue until closing is closed and the queue is empty.
func (k *keeper) run(queue <-chan *entry, closing <-chan struct{}) {
	looks := time.NewTicker(lookEvery)
	defer looks.Stop()
	for {
		select {
		case e := <-queue:
			k.commit(e, queue)
		case <-k.syncer.due:
			k.beginSync()
		case result := <-k.syncer.results:
			k.endSync(result)
		case result := <-k.sealer.results:
			k.sealed(result)
		case <-k.retry:
			k.writeGap()
		case <-looks.C:
			k.look()
			k.giveBack()
			k.sealInQuiet()
		case <-closing:
			k.drain(queue)
			k.err = k.close()
			return
		}
	}
}

func (k *keeper) drain(queue <-chan *entry) {
	for {
		select {
		case e := <-queue:
			k.commit(e, queue)
		default:
			return
		}
	}
}

// commit writes an entry and all that is queued behind it, and tells those who wait.
func (k *keeper) commit(first *entry, queue <-chan *entry) {
	runtime.Gosched() // who is about to append gets there first: the batch grows with the load, and nobody waits for it when there is none
	k.gather(first, queue)
	err := k.put()
	if err != nil {
		k.lost(err)
	}
	if !k.cfg.Required {
		err = nil
	}
	for _, e := range k.batch.entries {
		e.written <- err
	}
	k.batch.reset()
}

// close writes the gap that is due, if it can, syncs, and lets everything go.
func (k *keeper) close() error {
	k.stopSealing()
	k.giveUpRemoved()
	var errs []error
	if k.loss.records > 0 {
		errs = append(errs, k.put())
	}
	errs = append(errs, k.lastSync(), k.closeSegment(), unlock(k.lock, time.Now()))
	return errors.Join(errs...)
}

func (k *keeper) closeSegment() error {
	if k.seg == nil {
		return nil
	}
	f := k.seg.file
	k.seg = nil
	return f.Close()
}
