package deliveries

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
)

// BadLine is a line that could not be read. Reading goes on after it; who judges must count it: a verdict without it is no pass.
type BadLine struct {
	File string
	Line int // from 1
	Err  error
}

func (b *BadLine) Error() string { return fmt.Sprintf("%s:%d: %v", b.File, b.Line, b.Err) }
func (b *BadLine) Unwrap() error { return b.Err }

// Read gives the records of logs, each a folder or a single file, in the order written. It holds one line at a time. A *BadLine is an error after
// which the next record follows; any other ends the reading. Amends are records like others: Group applies them. The records are the caller's.
func Read(paths ...string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for _, path := range paths {
			if !readPath(path, yield) {
				return
			}
		}
	}
}

func readPath(path string, yield func(Record, error) bool) bool {
	segments, err := segmentsOf(path)
	if err != nil {
		yield(nil, err)
		return false
	}
	for _, segment := range segments {
		if !readSegment(segment.path, yield) {
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

func readSegment(path string, yield func(Record, error) bool) bool {
	f, err := openSegment(path)
	if err != nil {
		yield(nil, fmt.Errorf("read log: %w", err))
		return false
	}
	defer func() { _ = f.Close() }() // was only read
	lines := bufio.NewReaderSize(f, 64<<10)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 && !yieldLine(path, number, line, yield) {
			return false
		}
		if errors.Is(err, io.EOF) && number == 1 && len(line) == 0 && strings.HasSuffix(path, sealedSuffix) {
			err = errors.New("it is empty") // no full segment is
		} else if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil && strings.HasSuffix(path, sealedSuffix) {
			return yield(nil, &BadLine{path, number, fmt.Errorf("the rest cannot be read: %w", err)}) // it is damaged; others are not
		}
		if err != nil {
			yield(nil, fmt.Errorf("read log: %w", err))
			return false
		}
	}
}

func yieldLine(path string, number int, line []byte, yield func(Record, error) bool) bool {
	if len(bytes.TrimSpace(line)) == 0 {
		return true
	}
	record, err := decode(line)
	if err == nil {
		return yield(record, nil)
	}
	if line[len(line)-1] != '\n' {
		err = fmt.Errorf("line without an end: %w", err)
	}
	return yield(nil, &BadLine{path, number, err})
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
	default:
		return nil, fmt.Errorf("line has event %q, which this version does not know", kind)
	}
}
