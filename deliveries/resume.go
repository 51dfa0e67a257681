package deliveries

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Resumed is what the tail of a log tells a process that goes on with it.
type Resumed struct {
	Deliveries []ResumedDelivery // in the order in which they first appeared
	BadLines   int               // lines that could not be read
}

// ResumedDelivery is a delivery as its attempts in the log's tail tell it. An attempt that was under way in a crash counts, if it had got an open line.
type ResumedDelivery struct {
	Delivery         string
	Key, KeyFrom     string // the key may be redacted
	Endpoint, Host   string
	Attempts         int       // the highest number used
	First            time.Time // start of the first attempt that was seen
	FirstAttempt     string    // id of attempt 1, "" when it was not seen
	LastStart, Last  time.Time // start of the latest attempt; the last sign of life, as far as it is known
	Acknowledged     bool
	Delivered        bool // the target answered one of the attempts with success
	acknowledgements int
}

// Body tells whether the key is a body's hash: an acknowledgement ends such a delivery.
func (d ResumedDelivery) Body() bool { return d.KeyFrom == "body" || d.KeyFrom == "body-prefix" }

// Open is how many deliveries are not acknowledged, and when the oldest of them began.
func (r Resumed) Open() (n int, since time.Time) {
	for _, d := range r.Deliveries {
		if d.Acknowledged {
			continue
		}
		n++
		if since.IsZero() || d.First.Before(since) {
			since = d.First
		}
	}
	return n, since
}

// Resume reads the last limit bytes of a log folder, however many segments that is; nothing of a folder that has none. 64 MiB take well
// under a second. It is called before the folder has a writer, or by it.
func Resume(dir string, limit int64) (Resumed, error) {
	segments, err := listSegments(dir)
	if errors.Is(err, os.ErrNotExist) {
		return Resumed{}, nil
	}
	if err != nil {
		return Resumed{}, err
	}
	r := resumer{byID: make(map[string]int), acknowledged: make(map[string]string), lines: newLineReader(false)}
	first, skip, err := tail(segments, limit)
	if err != nil {
		return Resumed{}, fmt.Errorf("resume log: %w", err)
	}
	for i, segment := range segments[first:] {
		from := int64(0)
		if i == 0 {
			from = skip
		}
		if err := r.segment(segment, from); err != nil {
			return Resumed{}, fmt.Errorf("resume log: %w", err)
		}
	}
	return r.result, nil
}

// tail is where the last limit bytes begin: in which segment, and where in it.
func tail(segments []listed, limit int64) (first int, skip int64, err error) {
	for i := len(segments) - 1; i >= 0; i-- {
		size, err := segments[i].plainSize()
		if err != nil {
			return 0, 0, err
		}
		if size > limit {
			return i, size - limit, nil
		}
		limit -= size
	}
	return 0, 0, nil
}

type resumer struct {
	result       Resumed
	byID         map[string]int    // index in result.Deliveries
	acknowledged map[string]string // attempt id → delivery id, for amends
	lines        *lineReader
}

// segment reads a segment, from the first line on that begins behind so many bytes.
func (r *resumer) segment(segment listed, bytes int64) error {
	f, err := openSegment(segment.path, unmetered)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // was only read
	within, err := skipBytes(f, bytes)
	if err != nil {
		return err
	}
	for line, err := range segment.linesIn(f) {
		switch {
		case err != nil && !errors.As(err, new(*BadLine)):
			return err
		case err != nil:
			r.result.BadLines++
		case !within:
			r.line(line)
		}
		within = false
	}
	return nil
}

// skipBytes passes over the beginning of a segment, without reading it where that is possible. within: what follows is the rest of a line.
func skipBytes(r io.Reader, n int64) (within bool, err error) {
	if n == 0 {
		return false, nil
	}
	if file, plain := r.(io.Seeker); plain {
		_, err = file.Seek(n-1, io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, r, n-1)
	}
	if err != nil {
		return false, err
	}
	var last [1]byte
	_, err = io.ReadFull(r, last[:])
	return last[0] != '\n', err
}

func (r *resumer) line(l line) {
	record, err := r.lines.record(l)
	if err != nil {
		r.result.BadLines++
		return
	}
	switch record := record.(type) {
	case *Attempt:
		r.attempt(record)
	case *Open:
		r.open(record)
	case *Amend:
		r.amend(record)
	case *Run, *Connect, *Tunnel, *Other, *Gap: // nothing of a delivery
	}
}

func (r *resumer) attempt(a *Attempt) {
	d := r.open(a.begun())
	if d == nil {
		return
	}
	d.Last = later(d.Last, a.Ended())
	d.Delivered = d.Delivered || a.Delivered != nil && *a.Delivered
	if a.Outcome == Acknowledged {
		d.acknowledgements++
		d.Acknowledged = true
		r.acknowledged[a.ID] = a.Delivery
	}
}

// open takes note that an attempt has begun. It gives its delivery, nil for one that cannot be counted.
func (r *resumer) open(o *Open) *ResumedDelivery {
	if o.Delivery == "" || o.ID == "" || o.Attempt < 1 {
		r.result.BadLines++
		return nil
	}
	i, known := r.byID[o.Delivery]
	if !known {
		i = len(r.result.Deliveries)
		r.byID[o.Delivery] = i
		r.result.Deliveries = append(r.result.Deliveries, ResumedDelivery{})
	}
	d := &r.result.Deliveries[i]
	anew := o.Attempt == 1 && d.FirstAttempt != "" && d.FirstAttempt != o.ID // forgotten, or left behind by --fresh, and begun again
	if !known || anew {
		*d = ResumedDelivery{Delivery: o.Delivery, Key: o.Key, KeyFrom: o.KeyFrom, Endpoint: o.Endpoint, Host: o.Host, First: o.Start}
	}
	if o.Attempt == 1 {
		d.FirstAttempt = o.ID
	}
	if o.Start.Before(d.First) {
		d.First = o.Start
	}
	d.Attempts = max(d.Attempts, o.Attempt)
	d.LastStart = later(d.LastStart, o.Start)
	d.Last = later(d.Last, o.Start)
	return d
}

func (r *resumer) amend(one *Amend) {
	id, known := r.acknowledged[one.ID]
	if !known || one.Outcome == Acknowledged {
		return
	}
	delete(r.acknowledged, one.ID)
	d := &r.result.Deliveries[r.byID[id]]
	d.acknowledgements--
	d.Acknowledged = d.acknowledgements > 0
}
