package trial

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Emitted is the file in which an application notes the keys that it publishes, one a line.
type Emitted struct {
	name string
	was  os.FileInfo // before the sender ran; nil: it was not there
	held [sha256.Size]byte
}

// OpenEmitted looks at the file as it is before the sender runs, and takes in its bytes: what stands in it now does not count. It need not be there yet.
func OpenEmitted(name string) (*Emitted, error) {
	e := &Emitted{name: name}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return e, nil
	}
	if err != nil {
		return nil, fmt.Errorf("keys that were emitted: %w", err)
	}
	defer f.Close() // it was only read
	if e.was, err = f.Stat(); err == nil {
		e.held, err = digest(f, e.was.Size())
	}
	if err != nil {
		return nil, fmt.Errorf("keys that were emitted: %w", err)
	}
	return e, nil
}

// digest is that of the next n bytes, or of as many as there are.
func digest(f io.Reader, n int64) (sum [sha256.Size]byte, err error) {
	hash := sha256.New()
	_, err = io.Copy(hash, io.LimitReader(f, n))
	hash.Sum(sum[:0])
	return sum, err
}

// Keys are those that were noted since, each once, in their order. A file that was written anew counts from its beginning: its first bytes are others, there are fewer
// of them, it is another file, or it has as many and was touched.
func (e *Emitted) Keys() (keys []string, err error) {
	f, err := os.Open(e.name)
	if err != nil {
		return nil, fmt.Errorf("keys that were emitted: %w", err)
	}
	defer f.Close() // it was only read
	if err := e.skipOld(f); err != nil {
		return nil, fmt.Errorf("keys that were emitted: %w", err)
	}
	seen := make(map[string]bool)
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if key := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff")); key != "" && !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("keys that were emitted: %w", err)
	}
	return keys, nil
}

// skipOld goes to where the new keys begin.
func (e *Emitted) skipOld(f *os.File) error {
	if e.was == nil {
		return nil
	}
	now, err := f.Stat()
	if err != nil {
		return err
	}
	same := os.SameFile(e.was, now) && now.Size() >= e.was.Size() && (now.Size() > e.was.Size() || now.ModTime().Equal(e.was.ModTime()))
	if same {
		held, err := digest(f, e.was.Size())
		if err != nil {
			return err
		}
		if held == e.held {
			return nil // just behind what was held
		}
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
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
const maxNamed = 100

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
