package deliveries

import (
	"errors"
	"syscall"
	"time"
)

// loss is what could not be written since something was written last.
type loss struct {
	records      uint64
	first, until time.Time
	err          error // the first
}

// retryAfter is how long a gap waits for a batch to go along with. It is written alone then: a proxy whose readiness is red may get no traffic.
const retryAfter = time.Second

// lost takes note that the batch could not be written.
func (k *keeper) lost(err error) {
	now := time.Now()
	k.missing(uint64(len(k.batch.entries)), now, now, err)
	k.counts.lost.Add(uint64(len(k.batch.entries)))
}

// missing takes note of records that are in no segment.
func (k *keeper) missing(records uint64, first, until time.Time, err error) {
	if k.loss.records == 0 {
		k.loss.err = err
	}
	if k.loss.records == 0 || first.Before(k.loss.first) {
		k.loss.first = first
	}
	k.loss.until = until
	k.loss.records += records
	k.retry = time.After(retryAfter)
}

// writeGap tries to write the gap without a batch.
func (k *keeper) writeGap() {
	if err := k.put(); err != nil {
		k.retry = time.After(retryAfter)
	}
}

// line is the gap's line, nil when nothing was lost.
func (l loss) line(run string) ([]byte, error) {
	if l.records == 0 {
		return nil, nil
	}
	gap := &Gap{Start: l.first, Until: l.until, Records: l.records, Error: cause(l.err)}
	if err := stamp(gap, run, ""); err != nil {
		return nil, err
	}
	return encode(gap)
}

// cause is what the system says, without the paths of this machine.
func cause(err error) string {
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		return errno.Error()
	}
	return err.Error()
}
