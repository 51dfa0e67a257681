package deliveries

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
)

// BadLine is a line that could not be read. Reading goes on after it; who judges must count it: a verdict without it is no pass.
type BadLine struct {
	File string
	Line int // from 1
	Err  error
}

func (b *BadLine) Error() string { return fmt.Sprintf("%s:%d: %v", b.File, b.Line, b.Err) }
func (b *BadLine) Unwrap() error { return b.Err }

// Read gives the records of logs, each a folder or a single file, in the order written. It holds little more than a line at a time. A *BadLine is an error
// after which the next record follows; any other ends the reading. Amends are records like others: Group applies them. The records are the caller's.
func Read(paths ...string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		reader := newLineReader(true)
		for _, path := range paths {
			segments, err := segmentsOf(path)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, segment := range segments {
				if !reader.segment(segment, yield) {
					return
				}
			}
		}
	}
}

func (r *lineReader) segment(segment listed, yield func(Record, error) bool) bool {
	f, err := openSegment(segment.path, unmetered)
	if err != nil {
		yield(nil, fmt.Errorf("read log: %w", err))
		return false
	}
	defer func() { _ = f.Close() }() // was only read
	for line, err := range segment.linesIn(f) {
		var record Record
		if err == nil {
			record, err = r.record(line)
		}
		more := yield(record, err)
		if err != nil && !errors.As(err, new(*BadLine)) || !more {
			return false
		}
	}
	return true
}

// segmentsOf gives a folder's segments, or the file itself.
func segmentsOf(path string) ([]listed, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	if !info.IsDir() {
		return []listed{{path, info.Size()}}, nil
	}
	segments, err := listSegments(path)
	if err == nil && len(segments) == 0 {
		err = fmt.Errorf("read log: no segments (*%s, *%s) in %q", segmentSuffix, sealedSuffix, path)
	}
	return segments, err
}

// decode reads a line.
func decode(line []byte) (Record, error) {
	kind, err := kindOf(line)
	if err != nil {
		return nil, err
	}
	record, err := empty(kind)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(line, record); err != nil {
		return nil, err
	}
	return normal(record), nil
}

// kindOf is a line's event. In the lines that faultline writes it stands where it is looked for first.
func kindOf(line []byte) (Event, error) {
	const head = `{"v":1,"event":"`
	if rest, found := bytes.CutPrefix(line, []byte(head)); found {
		kind, _, _ := bytes.Cut(rest, []byte{'"'})
		return Event(kind), nil
	}
	var line1 struct {
		V     int
		Event Event
	}
	if err := json.Unmarshal(line, &line1); err != nil {
		return "", err
	}
	if line1.V != version {
		return "", fmt.Errorf("line has v %d, want %d", line1.V, version)
	}
	return line1.Event, nil
}

func empty(kind Event) (Record, error) {
	switch kind {
	case EventRun:
		return &Run{}, nil
	case EventAttempt:
		return &Attempt{}, nil
	case EventOpen:
		return &Open{}, nil
	case EventAmend:
		return &Amend{}, nil
	case EventConnect:
		return &Connect{}, nil
	case EventTunnel:
		return &Tunnel{}, nil
	case EventOther:
		return &Other{}, nil
	case EventGap:
		return &Gap{}, nil
	case EventChange:
		return &Change{}, nil
	default:
		return nil, fmt.Errorf("line has event %q, which this version does not know", kind)
	}
}
