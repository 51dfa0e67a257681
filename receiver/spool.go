package receiver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// inMemory is how much of a body is kept in memory until its file is written; a larger one waits on the disk.
const inMemory = 1 << 20

// spool keeps a body until its end, when it is known how it is to be written. Close removes it.
type spool struct {
	root *os.Root
	name string // of its file, once it needs one
	head bytes.Buffer
	file *os.File
}

func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.head.Len()+len(p) <= inMemory {
		return s.head.Write(p)
	}
	if s.file == nil {
		f, err := s.root.OpenFile(s.name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return 0, fmt.Errorf("keep a body: %w", err)
		}
		s.file = f
		if _, err := f.Write(s.head.Bytes()); err != nil {
			return 0, fmt.Errorf("keep a body: %w", err)
		}
		s.head = bytes.Buffer{}
	}
	n, err := s.file.Write(p)
	if err != nil {
		err = fmt.Errorf("keep a body: %w", err)
	}
	return n, err
}

// held is the body, where it is in memory.
func (s *spool) held() (body []byte, ok bool) { return s.head.Bytes(), s.file == nil }

// reader reads it from its beginning. One reader at a time.
func (s *spool) reader() (io.Reader, error) {
	if s.file == nil {
		return bytes.NewReader(s.head.Bytes()), nil
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read a body again: %w", err)
	}
	return s.file, nil
}

func (s *spool) Close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), s.root.Remove(s.name))
}
