package receiver

import (
	"bufio"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
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
	root   *os.Root
	shared *os.File // the folder, locked
	keep   int

	mu    sync.Mutex
	last  int      // the number of the newest
	files []string // the oldest first
}

// Close lets go of the folder.
func (s *Store) Close() error { return errors.Join(s.shared.Close(), s.root.Close()) }

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
	err = cmp.Or(f.writeTo(buffered, body, isText), buffered.Flush()) // a full disk fails both
	err = cmp.Or(err, out.Close())
	if err == nil {
		err = s.finish(part, name)
	}
	if err != nil {
		return fmt.Errorf("write a payload: %w", errors.Join(err, s.root.Remove(part)))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = append(s.files, name)
	return nil
}

// finish gives a file its name, unless another receiver has written one of that name, in the same microsecond and of the same number.
func (s *Store) finish(part, name string) error {
	if _, err := s.root.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s is there already", name))
	}
	return s.root.Rename(part, name)
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
	if held, ok := body.held(); ok && f.Type == structure && len(codings(f.Encoding)) == 0 && json.Valid(held) {
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
