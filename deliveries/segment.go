package deliveries

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// file is what a segment is written to: *os.File, or one that fails as a disk does.
type file interface {
	Write(p []byte) (int, error)
	Sync() error
	Truncate(size int64) error
	Stat() (fs.FileInfo, error)
	Close() error
}

// openFile opens a segment for appending: after a cut the next write goes to the new end.
func openFile(path string) (file, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
}

const segmentSuffix = ".jsonl"

func segmentName(number int) string { return fmt.Sprintf("%06d"+segmentSuffix, number) }

// segmentNumber is the number in a segment's name, 0 for the name of anything else.
func segmentNumber(name string) int {
	digits, found := strings.CutSuffix(strings.TrimSuffix(name, sealedSuffix[len(segmentSuffix):]), segmentSuffix)
	if !found {
		return 0
	}
	number, err := strconv.Atoi(digits)
	if err != nil || number < 0 {
		return 0
	}
	return number
}

// listed is a segment in a folder, by any name that ends as a segment's does.
type listed struct {
	path string
	size int64
}

// number is the one in its name, 0 when a Writer gives no such names.
func (l listed) number() int { return segmentNumber(filepath.Base(l.path)) }

func (l listed) isSealed() bool { return strings.HasSuffix(l.path, sealedSuffix) }

// plainOnes are those that are not sealed, and that a Writer has made.
func plainOnes(segments []listed) []listed {
	return slices.DeleteFunc(slices.Clone(segments), listed.isSealed)
}

// withoutDoubles leaves out plain segments that were sealed, where a crash came before they were removed. The sealed ones are whole.
func withoutDoubles(segments []listed) []listed {
	sealed := make(map[string]bool)
	for _, s := range segments {
		sealed[s.path] = s.isSealed()
	}
	return slices.DeleteFunc(segments, func(s listed) bool {
		return sealed[strings.TrimSuffix(s.path, segmentSuffix)+sealedSuffix] && !s.isSealed()
	})
}

// listSegments gives the folder's segments in the order of their names, which is the order in which they were written.
func listSegments(dir string) ([]listed, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list log segments: %w", err)
	}
	var segments []listed
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), segmentSuffix) && !strings.HasSuffix(entry.Name(), sealedSuffix) {
			continue
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed since it was listed
		}
		if err != nil {
			return nil, fmt.Errorf("list log segments: %w", err)
		}
		segments = append(segments, listed{filepath.Join(dir, entry.Name()), info.Size()})
	}
	return withoutDoubles(segments), nil
}

// segment is the file that lines go to.
type segment struct {
	path string
	file file
	size int64 // of the good bytes: whole lines, all of them reported written
	torn bool  // there may be bytes beyond size that could not be cut off: nothing may be written here any more

	records uint64    // that were written here, and those that gaps here tell of
	told    uint64    // of these, those of gaps
	since   time.Time // when the first of them was written, or lost
}

// holds takes note that records were written to the segment, among them a gap.
func (s *segment) holds(records int, gap loss) {
	if s.records == 0 {
		s.since = time.Now()
		if gap.records > 0 {
			s.since = gap.first
		}
	}
	s.records += uint64(records) + gap.records
	s.told += gap.records
}

// append writes all parts, or leaves the segment as it was. Where it can do neither, the segment is torn, and what was written of them is in it.
func (s *segment) append(parts [][]byte) (written int, err error) {
	for _, p := range parts {
		n, err := s.file.Write(p)
		written += n
		if err != nil {
			return written, errors.Join(fmt.Errorf("write log: %w", err), s.cut(s.size))
		}
	}
	s.size += int64(written)
	return written, nil
}

// cut takes back what stands beyond size.
func (s *segment) cut(size int64) error {
	s.size = size
	if err := s.file.Truncate(size); err != nil {
		s.torn = true
		return fmt.Errorf("cut log back to byte %d: %w", size, err)
	}
	return nil
}

// syncDir makes the names in a folder survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync log folder: %w", err)
	}
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync log folder: %w", errors.Join(err, d.Close()))
	}
	return d.Close()
}
