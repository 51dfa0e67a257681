package deliveries

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
)

// Writer appends records to a log folder. Open one with OpenWriter, end it with Close. All methods may be called by any number of goroutines.
type Writer struct {
	cfg   Config
	queue chan *entry
	lent  entries
	keep  *keeper

	begin   sync.Once
	closing chan struct{} // closed when Close is called
	ended   chan struct{} // closed when the keeper has ended
}

// ErrClosed is returned for a record that came after Close.
var ErrClosed = errors.New("log is closed")

// queueLength is how many records may wait while a batch is written; beyond, Append blocks.
const queueLength = 1024

// OpenWriter opens a folder for writing, creates it when missing, cuts torn last lines off its segments, and writes the run line, which goes into the
// newest segment. It fails when the folder cannot be written, or has another writer. The caller closes the Writer.
func OpenWriter(cfg Config, run Run) (*Writer, []Torn, error) {
	cfg = cfg.withDefaults()
	if err := os.MkdirAll(cfg.Dir, 0o755); err != nil {
		return nil, nil, fmt.Errorf("create log folder: %w", err)
	}
	held, err := lock(cfg.Dir, dyingWait)
	if err != nil {
		return nil, nil, err
	}
	keep, torn, err := newKeeper(cfg, run)
	if err != nil {
		return nil, nil, errors.Join(err, held.Close())
	}
	keep.lock = held
	w := &Writer{cfg: cfg, queue: make(chan *entry, queueLength), keep: keep, closing: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(w.ended)
		keep.run(w.queue, w.closing)
	}()
	return w, torn, nil
}

// Append writes a record and returns when its line has been handed to the kernel (with SyncAlways: is on the disk). It blocks while the queue is full.
// It fills in the fields of the record that are the Writer's; the caller must not change the record until Append has returned.
//
// When the line cannot be written, the error is nil unless Config.Required is set: the loss is counted and becomes a gap line. When ctx ends first,
// the error is the context's and the record is written all the same, once. After Close the error is ErrClosed.
func (w *Writer) Append(ctx context.Context, record Record) error {
	if err := stamp(record, w.cfg.Run, w.cfg.Proxy); err != nil {
		return err
	}
	e, err := w.lent.of(record)
	if err != nil {
		return err
	}
	select {
	case <-w.closing:
		return ErrClosed
	default:
	}
	select {
	case w.queue <- e:
	case <-w.ended:
		return ErrClosed
	}
	if err := w.await(ctx, e); err != nil {
		return err
	}
	if a, ok := record.(*Attempt); ok {
		a.Seq = e.seq
	}
	w.cfg.Written(record, e.shown())
	w.lent.takeBack(e)
	return nil
}

func (w *Writer) await(ctx context.Context, e *entry) error {
	select {
	case err := <-e.written:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for the log (the record is queued and will be written): %w", ctx.Err())
	case <-w.ended:
	}
	select {
	case err := <-e.written: // by the keeper's last batch
		return err
	default:
		return ErrClosed
	}
}

// Reload writes a run line for a scenario that came into force, and lets segments begin with it from now on.
func (w *Writer) Reload(ctx context.Context, run Run) error {
	run.Reload = true
	return w.Append(ctx, &run)
}

// Close writes what is queued, syncs (unless SyncNever), and gives the folder free. It returns what stands in the way, the context's error when ctx
// ends first. A second call waits for the same end.
func (w *Writer) Close(ctx context.Context) error {
	w.begin.Do(func() { close(w.closing) })
	select {
	case <-w.ended:
		return w.keep.err
	case <-ctx.Done():
		return fmt.Errorf("close log: %w", ctx.Err())
	}
}

// Stats are totals since OpenWriter.
type Stats struct {
	Records uint64 // lines written, of all kinds
	Lost    uint64 // records that could not be written
	Bytes   uint64 // bytes written
}

// counts are the Stats as the keeper keeps them.
type counts struct{ records, lost, bytes atomic.Uint64 }

// Stats gives the totals as they are now.
func (w *Writer) Stats() Stats {
	c := &w.keep.counts
	return Stats{Records: c.records.Load(), Lost: c.lost.Load(), Bytes: c.bytes.Load()}
}

// Err is why records are being lost or cannot be synced at this moment; nil while the log is well.
func (w *Writer) Err() error { return w.keep.health.err() }
