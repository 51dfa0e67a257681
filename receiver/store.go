package receiver

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Payload files are named by when their request was received and a number that no two in a folder share: never by anything that the sender said.
const (
	filePrefix = "webhook_data_"
	fileSuffix = ".json"
	partSuffix = ".part" // what is being written; hidden by a dot in front
	fileTime   = "20060102T150405.000000Z"
)

// Store keeps each payload in a file of its own. Make it with OpenStore. Safe for concurrent use.
type Store struct {
	root *os.Root
	keep int

	mu    sync.Mutex
	last  int      // the number of the newest
	files []string // the oldest first
}

// OpenStore keeps payloads in a folder, which is made when it is missing. Files of an earlier receiver count as kept; what it was writing when it ended is
// removed. keep is how many files are kept, the newest ones; 0: all. The Store must be closed.
func OpenStore(dir string, keep int) (_ *Store, err error) {
	if keep < 0 {
		return nil, fmt.Errorf("keep %d payload files: want 0 (all) or more", keep)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of payloads: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of payloads: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, root.Close())
		}
	}()
	s := &Store{root: root, keep: keep}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("read the folder of payloads: %w", err)
	}
	for _, entry := range entries {
		if err := s.found(entry.Name()); err != nil {
			return nil, err
		}
	}
	slices.Sort(s.files) // their names begin with their time
	return s, s.drop()
}

func (s *Store) found(name string) error {
	if strings.HasPrefix(name, "."+filePrefix) && strings.HasSuffix(name, partSuffix) {
		if err := s.root.Remove(name); err != nil {
			return fmt.Errorf("remove what was not finished: %w", err)
		}
		return nil
	}
	stem, isData := strings.CutSuffix(name, fileSuffix)
	_, number, ours := strings.Cut(strings.TrimPrefix(stem, filePrefix), "_")
	n, err := strconv.Atoi(number)
	if !isData || !ours || err != nil || !strings.HasPrefix(name, filePrefix) {
		return nil
	}
	s.last = max(s.last, n)
	s.files = append(s.files, name)
	return nil
}

// Close lets go of the folder.
func (s *Store) Close() error { return s.root.Close() }

// name is what the file of a payload received at a time is called.
func (s *Store) name(at time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	return fmt.Sprintf("%s%s_%06d%s", filePrefix, at.UTC().Format(fileTime), s.last, fileSuffix)
}

// spool is for the body of the payload with that name.
func (s *Store) spool(name string) *spool {
	return &spool{root: s.root, name: "." + name + ".body" + partSuffix}
}

// file is a payload as it stands in its file, but for the body, which follows.
type file struct {
	Payload
	URL      string      `json:"url"` // as sent
	Proto    string      `json:"proto"`
	Client   string      `json:"client"`
	Header   http.Header `json:"header"`
	Trailer  http.Header `json:"trailer,omitempty"`
	Transfer []string    `json:"transfer_encoding,omitempty"`
}

// put writes a payload's file; it is there whole, or not at all.
func (s *Store) put(name string, f file, body *spool, isText bool) error {
	part := "." + name + partSuffix
	out, err := s.root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write a payload: %w", err)
	}
	buffered := bufio.NewWriterSize(out, 64<<10)
	err = errors.Join(f.writeTo(buffered, body, isText), buffered.Flush(), out.Close())
	if err == nil {
		err = s.root.Rename(part, name)
	}
	if err != nil {
		return fmt.Errorf("write a payload: %w", errors.Join(err, s.root.Remove(part)))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = append(s.files, name)
	return nil
}

// drop removes the oldest files beyond those that are kept.
func (s *Store) drop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.keep > 0 && len(s.files) > s.keep {
		if err := s.root.Remove(s.files[0]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the oldest payload: %w", err)
		}
		s.files = s.files[1:]
	}
	return nil
}

// writeTo writes a payload as JSON: its description; body, text as a string and other bytes as {"base64"}; and json, the payload itself, where it is small
// enough to be looked at.
func (f file) writeTo(w *bufio.Writer, body *spool, isText bool) error {
	head, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	_, _ = w.Write(head[:len(head)-len("\n}")]) // what fails is told by Flush
	_, _ = w.WriteString(",\n  \"body\": ")
	from, err := body.reader()
	if err != nil {
		return err
	}
	if isText {
		err = writeString(w, from)
	} else {
		err = writeBase64(w, from)
	}
	if held, ok := body.held(); ok && f.Type == structure && f.Encoding == "" && json.Valid(held) {
		_, _ = w.WriteString(",\n  \"json\": ")
		_, _ = w.Write(held)
	}
	_, _ = w.WriteString("\n}\n")
	return err
}

// writeString writes text as one JSON string, a piece at a time.
func writeString(w *bufio.Writer, from io.Reader) error {
	buf := make([]byte, 0, 32<<10)
	_ = w.WriteByte('"')
	for {
		n, err := io.ReadFull(from, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		whole := len(buf)
		if err == nil {
			whole -= unfinished(buf)
		}
		_, _ = w.Write(quoted(string(buf[:whole])))
		buf = buf[:copy(buf, buf[whole:])]
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			_ = w.WriteByte('"')
			return nil
		case err != nil:
			return err
		}
	}
}

// quoted is text as it stands in a JSON string.
func quoted(text string) []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a Builder takes all that is written
	return []byte(b.String()[1 : b.Len()-len("\"\n")])
}

func writeBase64(w *bufio.Writer, from io.Reader) error {
	_, _ = w.WriteString(`{"base64": "`)
	enc := base64.NewEncoder(base64.StdEncoding, w)
	_, err := io.Copy(enc, from)
	err = errors.Join(err, enc.Close())
	_, _ = w.WriteString(`"}`)
	return err
}
