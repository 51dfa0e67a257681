package harness

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Log is a log folder, read as any user would: as lines of JSON, without a line of faultline's own code.
type Log struct{ Dir string }

// Line is any line of the log. Fields that its kind does not have are zero.
type Line struct {
	Event     string
	Delivery  string
	Start     time.Time
	Attempt   int
	Outcome   string
	Reached   string
	Delivered *bool
	Host      string
	MS        struct{ Total, Target float64 }
	Key       string
	KeyFrom   string `json:"key_from"`
	Endpoint  string
	ID        string
	Run       string
	Seq       uint64
	Try       string
	Replay    string
	Placement string
	Method    string
	URL       string
	Request   struct {
		Bytes  int64
		SHA256 string
		Header http.Header
	}
	Rules    []string
	Faults   []string
	Scenario json.RawMessage // of an attempt its label, of a run the text
	Target   *struct {
		Status int
		Reused bool
	}
	Answer *struct {
		Status int
		Bytes  int64
	}
	End     string
	EndedBy string `json:"ended_by"`
	Error   string

	Up, Down int64 // of a tunnel
	Count    int   // of other
}

// Status is the status of the answer that the sender was shown, 0 when there was none.
func (l Line) Status() int {
	if l.Answer == nil {
		return 0
	}
	return l.Answer.Status
}

// Lines reads all lines that are written to their end. One that does not parse fails the test.
func (l Log) Lines(t testing.TB) []Line {
	t.Helper()
	var lines []Line
	for _, text := range strings.SplitAfter(l.Text(t), "\n") {
		if !strings.HasSuffix(text, "\n") {
			continue // being written
		}
		var line Line
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("a line of the log does not parse: %v\n%s", err, text)
		}
		lines = append(lines, line)
	}
	return lines
}

// Of returns the lines of one kind, in the order written.
func (l Log) Of(t testing.TB, event string) []Line {
	t.Helper()
	var of []Line
	for _, line := range l.Lines(t) {
		if line.Event == event {
			of = append(of, line)
		}
	}
	return of
}

// Attempts returns the finished attempts, in the order written.
func (l Log) Attempts(t testing.TB) []Line {
	t.Helper()
	return l.Of(t, "attempt")
}

// WaitFor waits until there are n lines of a kind, and returns all of that kind.
func (l Log) WaitFor(t testing.TB, event string, n int) []Line {
	t.Helper()
	var lines []Line
	Until(t, event+" lines in the log", Patience, func() bool {
		lines = l.Of(t, event)
		return len(lines) >= n
	})
	return lines
}

// Text is all segments of the folder and of its sub-folders, in the order of their names.
func (l Log) Text(t testing.TB) string {
	t.Helper()
	var all bytes.Buffer
	err := filepath.WalkDir(l.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".jsonl") && !strings.HasSuffix(path, sealed) {
			return err
		}
		text, err := segment(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

const sealed = ".jsonl.zst"

// segment reads a segment as it is; one that is sealed at this very moment is there under its new name.
func segment(path string) ([]byte, error) {
	if !strings.HasSuffix(path, sealed) {
		text, err := os.ReadFile(path)
		if !errors.Is(err, fs.ErrNotExist) {
			return text, err
		}
		path = strings.TrimSuffix(path, ".jsonl") + sealed
	}
	compressed, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		return nil, err
	}
	defer decoder.Close()
	return decoder.DecodeAll(compressed, nil)
}
