package deliveries

import (
	"bytes"
	"sync"
)

// entry is a record on its way to the file.
type entry struct {
	line    []byte     // up to a body
	seqAt   int        // where the line has its number; -1: it has none
	body    *Body      // that is written from its pieces; nil: the line has all
	behind  []byte     // what follows the body
	seq     uint64     // set before written is sent to
	head    []byte     // of a run record: the line that segments begin with from now on
	written chan error // gets one value
	text    []byte     // that line and behind are parts of: an attempt's, to be used again
	show    []byte     // what is shown of it, to be used again
}

// entries lends entries out: an attempt's line is most of what its record costs. The zero value is ready.
type entries struct{ pool sync.Pool }

// of is the entry of a record.
func (l *entries) of(record Record) (*entry, error) {
	bare, body := withoutBody(record)
	e, used := l.pool.Get().(*entry)
	if !used {
		e = &entry{written: make(chan error, 1)}
	}
	if err := e.encode(bare); err != nil {
		return nil, err
	}
	if body != nil {
		at := bodyAt(e.line)
		e.line, e.body, e.behind = e.line[:at], body, e.line[at+len(noBody):]
	}
	return e, nil
}

func (e *entry) encode(record Record) (err error) {
	e.seqAt = -1
	switch r := record.(type) {
	case *Attempt:
		e.text, err = appendAttempt(e.text[:0], r)
		e.line = e.text
		if err == nil {
			e.seqAt = seqAt(e.line)
		}
		return err
	case *Run:
		head := *r
		head.Reload = false
		if e.head, err = encode(&head); err != nil {
			return err
		}
	}
	e.line, err = encode(record)
	return err
}

// takeBack takes an entry back that nobody uses any more.
func (l *entries) takeBack(e *entry) {
	if cap(e.text) > mostLent {
		return
	}
	*e = entry{written: e.written, text: e.text, show: e.show}
	l.pool.Put(e)
}

// mostLent is how long a line may have been whose memory is used again.
const mostLent = 64 << 10

// withoutBody is the record without a body that is held in pieces: its line is made without it.
func withoutBody(record Record) (Record, *Body) {
	a, ok := record.(*Attempt)
	if !ok {
		return record, nil
	}
	body, ok := a.Request.Body.(*Body)
	if !ok {
		return record, nil
	}
	bare := *a
	bare.Request.Body = nil
	return &bare, body
}

const (
	noBody    = "null"
	bodyPlace = `,"body":` + noBody
)

// bodyAt is where a body is to be put into an attempt's line. A header's field has a list, so the pattern finds nothing but the body.
func bodyAt(line []byte) int {
	return bytes.Index(line, []byte(bodyPlace)) + len(bodyPlace) - len(noBody)
}

// appendTo appends the line up to the body.
func (e *entry) appendTo(text []byte) []byte {
	if e.seqAt < 0 {
		return append(text, e.line...)
	}
	return appendNumbered(text, e.line, e.seqAt, e.seq)
}

// shown is the line as it is shown to others: without a body.
func (e *entry) shown() []byte {
	e.show = e.appendTo(e.show[:0])
	if e.body != nil {
		e.show = append(append(e.show, noBody...), e.behind...)
	}
	return e.show
}
