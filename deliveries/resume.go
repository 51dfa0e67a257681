package deliveries

import (
	"bufio"
	"bytes"
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

// Resume reads the last limit bytes of a log folder, however many segments that is; nothing of a folder that has none. It decodes no more of a line
// than what it needs: 64 MiB take well under a second. It is called before the folder has a writer, or by it.
func Resume(dir string, limit int64) (Resumed, error) {
	segments, err := listSegments(dir)
	if errors.Is(err, os.ErrNotExist) {
		return Resumed{}, nil
	}
	if err != nil {
		return Resumed{}, err
	}
	r := resumer{byID: make(map[string]int), acknowledged: make(map[string]string)}
	first, skip, err := tail(segments, limit)
	if err != nil {
		return Resumed{}, fmt.Errorf("resume log: %w", err)
	}
	for i, segment := range segments[first:] {
		from := int64(0)
		if i == 0 {
			from = skip
		}
		if err := r.segment(segment.path, from); err != nil {
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
}

func (r *resumer) segment(path string, from int64) (err error) {
	f, err := openSegment(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // was only read
	if from > 0 {
		if err := skipBytes(f, from-1); err != nil {
			return err
		}
	}
	lines := bufio.NewReaderSize(f, 256<<10)
	if from > 0 {
		if _, err := readLine(lines); err != nil && !errors.Is(err, io.EOF) { // to the next line's beginning
			return err
		}
	}
	for {
		line, err := readLine(lines)
		if len(line) > 0 {
			r.line(line)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// skipBytes passes over the beginning of a segment, without reading it where that is possible.
func skipBytes(r io.Reader, n int64) error {
	if file, plain := r.(*os.File); plain {
		_, err := file.Seek(n, io.SeekStart)
		return err
	}
	_, err := io.CopyN(io.Discard, r, n)
	return err
}

// readLine gives the next line, valid until the next call.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	long := bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = r.ReadSlice('\n')
		long = append(long, line...)
	}
	return long, err
}

func (r *resumer) line(line []byte) {
	h, ok := readHead(line)
	if !ok {
		r.result.BadLines++
		return
	}
	switch h.event {
	case EventAttempt:
		r.attempt(h)
	case EventOpen:
		r.seen(h)
	case EventAmend:
		r.amend(h)
	case EventRun, EventConnect, EventTunnel, EventOther, EventGap: // nothing of a delivery
	default:
		r.result.BadLines++
	}
}

func (r *resumer) attempt(h head) {
	d := r.seen(h)
	d.Last = later(d.Last, h.start.Add(time.Duration(h.total*float64(time.Millisecond))))
	d.Delivered = d.Delivered || h.delivered
	if h.outcome == Acknowledged {
		d.acknowledgements++
		d.Acknowledged = true
		r.acknowledged[h.id] = h.delivery
	}
}

// seen takes note that an attempt has begun.
func (r *resumer) seen(h head) *ResumedDelivery {
	i, known := r.byID[h.delivery]
	if !known {
		i = len(r.result.Deliveries)
		r.byID[h.delivery] = i
		r.result.Deliveries = append(r.result.Deliveries, ResumedDelivery{})
	}
	d := &r.result.Deliveries[i]
	anew := h.attempt == 1 && d.FirstAttempt != "" && d.FirstAttempt != h.id // forgotten, or left behind by --fresh, and begun again
	if !known || anew {
		*d = ResumedDelivery{Delivery: h.delivery, Key: h.key, KeyFrom: h.keyFrom, Endpoint: h.endpoint, Host: h.host, First: h.start}
	}
	if h.attempt == 1 {
		d.FirstAttempt = h.id
	}
	if h.start.Before(d.First) {
		d.First = h.start
	}
	d.Attempts = max(d.Attempts, h.attempt)
	d.LastStart = later(d.LastStart, h.start)
	d.Last = later(d.Last, h.start)
	return d
}

func (r *resumer) amend(h head) {
	id, known := r.acknowledged[h.id]
	if !known || h.outcome == Acknowledged {
		return
	}
	delete(r.acknowledged, h.id)
	d := &r.result.Deliveries[r.byID[id]]
	d.acknowledgements--
	d.Acknowledged = d.acknowledgements > 0
}
