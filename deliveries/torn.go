package deliveries

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const tornSuffix = ".torn"

// Torn is a last line that a crash left unfinished: it was cut off its segment and put into the Copy.
type Torn struct {
	Segment string // path
	Copy    string // path
	Bytes   int64
}

func (t Torn) String() string {
	return fmt.Sprintf("cut a torn last line of %d bytes from %s, kept in %s", t.Bytes, filepath.Base(t.Segment), filepath.Base(t.Copy))
}

// mendTorn cuts torn last lines off all segments of a folder.
func mendTorn(segments []listed) ([]Torn, error) {
	var mended []Torn
	for i := range segments {
		if segments[i].isSealed() {
			continue
		}
		torn, err := mendSegment(&segments[i])
		if err != nil {
			return nil, fmt.Errorf("mend %q: %w", segments[i].path, err)
		}
		if torn.Bytes > 0 {
			mended = append(mended, torn)
		}
	}
	return mended, nil
}

func mendSegment(s *listed) (_ Torn, err error) {
	f, err := os.OpenFile(s.path, os.O_RDWR, 0)
	if err != nil {
		return Torn{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	whole, err := wholeLines(f, s.size)
	if err != nil || whole == s.size {
		return Torn{}, err
	}
	torn := Torn{Segment: s.path, Copy: s.path + tornSuffix, Bytes: s.size - whole}
	if err := keep(torn.Copy, io.NewSectionReader(f, whole, torn.Bytes)); err != nil {
		return Torn{}, err
	}
	s.size = whole
	return torn, f.Truncate(whole)
}

// wholeLines is how many of the file's bytes are whole lines.
func wholeLines(f io.ReaderAt, size int64) (int64, error) {
	buf := make([]byte, 64<<10)
	for end := size; end > 0; {
		begin := max(0, end-int64(len(buf)))
		part := buf[:end-begin]
		if _, err := f.ReadAt(part, begin); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			return begin + int64(i) + 1, nil
		}
		end = begin
	}
	return 0, nil
}

// keep appends what is cut off, as a line, before it is cut off.
func keep(path string, torn io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, io.MultiReader(torn, bytes.NewReader([]byte{'\n'})))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
