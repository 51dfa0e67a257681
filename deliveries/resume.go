package deliveries

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// Resumed is what the tail of a log tells a process that goes on with it.
type Resumed struct {
	Deliveries []ResumedDelivery // in the order in which they first appeared
	BadLines   int               // lines that could not be read
	Bad        []*BadLine        // the first 100 of them
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
	r.lines.bodies = false
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
	parts        parts // of the line that is read
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
	var bad []*BadLine
	for line, err := range segment.linesIn(f) {
		damage := (*BadLine)(nil)
		switch {
		case errors.As(err, &damage):
		case err != nil:
			return err
		case !within || line.number > 1: // the first is the rest of one
			damage = r.line(line)
		}
		if damage == nil {
			continue
		}
		r.result.BadLines++
		if len(r.result.Bad)+len(bad) < mostBad {
			bad = append(bad, damage)
		}
	}
	r.result.Bad = append(r.result.Bad, bad...)
	return numberFrom(bytes, segment, bad)
}

// numberFrom corrects the numbers of lines that were counted from so many bytes on.
func numberFrom(bytes int64, segment listed, lines []*BadLine) error {
	if len(lines) == 0 {
		return nil
	}
	before, err := linesWithin(segment, bytes)
	for _, line := range lines {
		line.Line += before
	}
	return err
}

// linesWithin is how many lines end within the first bytes of a segment.
func linesWithin(segment listed, bytes int64) (int, error) {
	if bytes == 0 {
		return 0, nil
	}
	f, err := openSegment(segment.path, unmetered)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // was only read
	var lines newlines
	_, err = io.CopyN(&lines, f, bytes)
	return int(lines), err
}

// newlines counts those that are written to it.
type newlines int

func (n *newlines) Write(p []byte) (int, error) {
	*n += newlines(bytes.Count(p, []byte{'\n'}))
	return len(p), nil
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

// line takes a line, of which nothing is held; one that cannot be read is given back.
func (r *resumer) line(l line) *BadLine {
	record, err := r.lines.look(l, l.text, &r.parts)
	if damage := (*BadLine)(nil); errors.As(err, &damage) {
		return damage
	}
	counts := true
	switch record := record.(type) {
	case *Attempt:
		counts = r.attempt(record)
	case *Open:
		counts = r.open(record) != nil
	case *Amend:
		r.amend(record)
	case *Run, *Connect, *Tunnel, *Other, *Gap, *Change: // nothing of a delivery
	}
	if !counts {
		return l.bad(errors.New("an attempt without a delivery, an id or a number from 1"))
	}
	return nil
}

func (r *resumer) attempt(a *Attempt) (counts bool) {
	d := r.open(a.begun())
	if d == nil {
		return false
	}
	d.Last = later(d.Last, a.Ended())
	d.Delivered = d.Delivered || a.Delivered != nil && *a.Delivered
	if a.Outcome == Acknowledged {
		d.acknowledgements++
		d.Acknowledged = true
		r.acknowledged[strings.Clone(a.ID)] = d.Delivery
	}
	return true
}

// open takes note that an attempt has begun. It gives its delivery, nil for one that cannot be counted.
func (r *resumer) open(o *Open) *ResumedDelivery {
	if o.Delivery == "" || o.ID == "" || o.Attempt < 1 {
		return nil
	}
	i, known := r.byID[o.Delivery]
	if !known {
		i = len(r.result.Deliveries)
		r.result.Deliveries = append(r.result.Deliveries, ResumedDelivery{Delivery: strings.Clone(o.Delivery)})
		r.byID[r.result.Deliveries[i].Delivery] = i
	}
	d := &r.result.Deliveries[i]
	anew := o.Attempt == 1 && d.FirstAttempt != "" && d.FirstAttempt != o.ID // forgotten, or left behind by --fresh, and begun again
	if !known || anew {
		*d = ResumedDelivery{
			Delivery: d.Delivery, Key: strings.Clone(o.Key), KeyFrom: strings.Clone(o.KeyFrom), Endpoint: strings.Clone(o.Endpoint),
			Host: strings.Clone(o.Host), First: o.Start,
		}
	}
	if o.Attempt == 1 {
		d.FirstAttempt = strings.Clone(o.ID)
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
