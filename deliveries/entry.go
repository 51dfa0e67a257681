package deliveries

import "bytes"

// entry is a record on its way to the file.
type entry struct {
	line    []byte     // up to a body
	seqAt   int        // where the line has its number; -1: it has none
	body    *Body      // that is written from its pieces; nil: the line has all
	behind  []byte     // what follows the body
	seq     uint64     // set before done is sent to
	head    []byte     // of a run record: the line that segments begin with from now on
	written chan error // gets one value
}

func newEntry(record Record) (*entry, error) {
	bare, body := withoutBody(record)
	line, err := encode(bare)
	if err != nil {
		return nil, err
	}
	e := &entry{line: line, seqAt: -1, written: make(chan error, 1)}
	switch r := record.(type) {
	case *Attempt:
		e.seqAt = seqAt(line)
	case *Run:
		head := *r
		head.Reload = false
		if e.head, err = encode(&head); err != nil {
			return nil, err
		}
	}
	if body != nil {
		at := bodyAt(line)
		e.line, e.body, e.behind = line[:at], body, line[at+len(noBody):]
	}
	return e, nil
}

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
	line := e.appendTo(make([]byte, 0, len(e.line)+maxDigits+len(noBody)+len(e.behind)))
	if e.body == nil {
		return line
	}
	return append(append(line, noBody...), e.behind...)
}

// maxDigits is how many digits a number may have.
const maxDigits = 20
