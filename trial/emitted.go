package trial

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Emitted is the file in which an application notes the keys that it publishes, one a line.
type Emitted struct {
	name string
	from int64 // what stood in it before does not count
}

// OpenEmitted looks at the file as it is before the sender runs; it need not be there yet.
func OpenEmitted(name string) (*Emitted, error) {
	info, err := os.Stat(name)
	switch {
	case os.IsNotExist(err):
		return &Emitted{name: name}, nil
	case err != nil:
		return nil, fmt.Errorf("keys that were emitted: %w", err)
	}
	return &Emitted{name: name, from: info.Size()}, nil
}

// Keys are those that were noted since, each once, in their order. A file that has become shorter was begun anew, and counts from its beginning.
func (e *Emitted) Keys() (keys []string, err error) {
	f, err := os.Open(e.name)
	if err != nil {
		return nil, fmt.Errorf("keys that were emitted: %w", err)
	}
	defer f.Close() // it was only read
	if info, err := f.Stat(); err == nil && info.Size() >= e.from {
		if _, err := f.Seek(e.from, io.SeekStart); err != nil {
			return nil, fmt.Errorf("keys that were emitted: %w", err)
		}
	}
	seen := make(map[string]bool)
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if key := strings.TrimSpace(lines.Text()); key != "" && !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("keys that were emitted: %w", err)
	}
	return keys, nil
}

// Reconciled is what became of the keys that an application has emitted.
type Reconciled struct {
	Emitted, Attempted, Delivered int
	NeverAttempted                []string // they died before the wire
	Undelivered                   []string // attempted, and did not arrive
	Unknown                       []string // attempted, and not emitted: of an earlier run, or keyed by something else
}

// Reconcile compares what was emitted with what was attempted: each key, and whether it arrived wherever it was attempted.
func Reconcile(emitted []string, arrived map[string]bool) Reconciled {
	r := Reconciled{Emitted: len(emitted)}
	known := make(map[string]bool, len(emitted))
	for _, key := range emitted {
		known[key] = true
		all, attempted := arrived[key]
		switch {
		case !attempted:
			r.NeverAttempted = append(r.NeverAttempted, key)
			continue
		case all:
			r.Delivered++
		default:
			r.Undelivered = append(r.Undelivered, key)
		}
		r.Attempted++
	}
	for key := range arrived {
		if !known[key] {
			r.Unknown = append(r.Unknown, key)
		}
	}
	slices.Sort(r.Unknown)
	return r
}

// maxNamed is how many keys of a kind are named.
const maxNamed = 20

// Text is what people read of it.
func (r Reconciled) Text() string {
	text := fmt.Sprintf("  emitted %d, attempted %d, delivered %d\n", r.Emitted, r.Attempted, r.Delivered)
	for _, part := range [...]struct {
		what string
		keys []string
	}{
		{"never attempted (died before the wire: a worker that was killed, a purged queue, a time limit)", r.NeverAttempted},
		{"attempted, and did not arrive", r.Undelivered},
		{"attempted, and not emitted", r.Unknown},
	} {
		if len(part.keys) == 0 {
			continue
		}
		named := strings.Join(part.keys[:min(len(part.keys), maxNamed)], ", ")
		if more := len(part.keys) - maxNamed; more > 0 {
			named += fmt.Sprintf(", and %d more", more)
		}
		text += fmt.Sprintf("  %d %s: %s\n", len(part.keys), part.what, named)
	}
	return text
}
