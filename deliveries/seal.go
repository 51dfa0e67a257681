package deliveries

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// sealedSuffix is what a full segment's name ends in once it is compressed (zstd, RFC 8878).
const sealedSuffix = segmentSuffix + ".zst"

// sealer compresses full segments, one at a time, in a goroutine beside the keeper, which begins it and takes its results.
type sealer struct {
	due     []listed // full and plain, oldest first
	traffic traffic
	running bool
	results chan sealing
	cancel  context.CancelFunc
}

// sealing is a segment that was sealed, or could not be.
type sealing struct {
	plain, sealed listed
	err           error
}

// sealNext begins to seal the oldest segment that is due, unless another is under way.
func (k *keeper) sealNext() {
	s := &k.sealer
	s.due = slices.DeleteFunc(s.due, func(due listed) bool { return !slices.Contains(k.full, due) }) // log.keep has removed it
	if !k.cfg.Seal || s.running || len(s.due) == 0 || s.traffic.busy && len(s.due) <= mostWaiting {
		return
	}
	next := s.due[0]
	s.due = s.due[1:]
	ctx, cancel := context.WithCancel(context.Background())
	s.running, s.cancel = true, cancel
	go func() {
		sealed, err := seal(ctx, next)
		s.results <- sealing{next, sealed, err}
	}()
}

// mostWaiting is how many segments may wait for a quieter second: what sealing takes while attempts come one after the other, they wait for.
const mostWaiting = 2

// traffic is how much is written.
type traffic struct {
	records uint64 // by the last look
	busy    bool
}

// busyRecords a second are much.
const busyRecords = 2000

// look is told once in lookEvery how many records were written so far.
func (t *traffic) look(records uint64) {
	t.busy = records-t.records >= busyRecords*uint64(lookEvery/time.Second)
	t.records = records
}

// sealInQuiet takes up what was put off.
func (k *keeper) sealInQuiet() {
	k.sealer.traffic.look(k.counts.records.Load())
	k.sealNext()
}

// sealed takes a result. What could not be sealed stays plain, and is tried again after the next start.
func (k *keeper) sealed(result sealing) {
	k.sealer.running = false
	k.sealer.cancel()
	if result.err != nil {
		k.cfg.Sealed(filepath.Base(result.plain.path), 0, result.err)
	} else {
		k.cfg.Sealed(filepath.Base(result.sealed.path), result.sealed.size, nil)
		at := slices.IndexFunc(k.full, func(s listed) bool { return s.path == result.plain.path })
		if at >= 0 {
			k.full[at] = result.sealed
		} else if err := removeSegment(result.sealed.path); err != nil { // log.keep has removed it meanwhile
			k.cfg.Removed(filepath.Base(result.sealed.path), result.sealed.size, err)
		}
	}
	k.sealNext()
}

// stopSealing ends what is under way: the segment stays plain.
func (k *keeper) stopSealing() {
	if k.sealer.running {
		k.sealer.cancel()
		<-k.sealer.results
	}
}

// seal compresses a segment: into a file of another name, which is synced and renamed before the plain one goes. So at every moment one of the two is whole.
func seal(ctx context.Context, plain listed) (listed, error) {
	from, err := os.Open(plain.path)
	if err != nil {
		return listed{}, fmt.Errorf("seal log segment: %w", err)
	}
	defer func() { _ = from.Close() }() // was only read
	path := strings.TrimSuffix(plain.path, segmentSuffix) + sealedSuffix
	size, err := compress(ctx, path+tempSuffix, from, plain.size)
	if err == nil {
		err = os.Rename(path+tempSuffix, path)
	}
	if err != nil {
		return listed{}, errors.Join(fmt.Errorf("seal log segment: %w", err), removeIfThere(path+tempSuffix))
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return listed{}, err // both are there, and a reader takes the sealed one
	}
	if err := os.Remove(plain.path); err != nil {
		return listed{}, fmt.Errorf("remove sealed log segment: %w", err)
	}
	return listed{path, size}, nil
}

// tempSuffix is that of a file that is being written.
const tempSuffix = ".tmp"

// compress writes the first size bytes of from into a new file, and syncs it. It ends early with ctx.
func compress(ctx context.Context, path string, from io.Reader, size int64) (written int64, err error) {
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return 0, err
	}
	encoder.ResetContentSize(to, size)
	_, err = io.CopyN(encoder, untilDone{ctx, from}, size)
	if err = errors.Join(err, encoder.Close()); err != nil {
		return 0, err
	}
	if err := to.Sync(); err != nil {
		return 0, err
	}
	return to.Seek(0, io.SeekCurrent)
}

// untilDone reads until a context ends.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// tidy removes what a crash left of a sealing: a file that was being written, and a plain segment whose sealed one is whole.
func tidy(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("list log segments: %w", err)
	}
	for _, entry := range entries {
		left := entry.Name()
		switch {
		case strings.HasSuffix(left, sealedSuffix+tempSuffix):
		case strings.HasSuffix(left, sealedSuffix):
			left = strings.TrimSuffix(left, sealedSuffix) + segmentSuffix
		default:
			continue
		}
		if err := removeIfThere(filepath.Join(dir, left)); err != nil {
			return fmt.Errorf("remove what a sealing has left: %w", err)
		}
	}
	return nil
}

// openSegment opens a segment for reading, plain or sealed; one that is sealed at this very moment is found under its new name. read is told how many bytes
// of the file were read.
func openSegment(path string, read func(n int)) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(path, segmentSuffix) {
		if sealed, e := os.Open(strings.TrimSuffix(path, segmentSuffix) + sealedSuffix); e == nil {
			f, err = sealed, nil
		}
	}
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(f.Name(), sealedSuffix) {
		return metered{f, read}, nil
	}
	decoder, err := zstd.NewReader(bufio.NewReaderSize(metered{f, read}, 256<<10), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxWindow))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &sealedReader{decoder, f}, nil
}

// maxWindow bounds the memory that reading a sealed segment takes, whoever made it.
const maxWindow = 64 << 20

// unmetered is for who does not want to know.
func unmetered(int) {}

// metered is a file that tells how far it was read.
type metered struct {
	file *os.File
	read func(n int)
}

func (m metered) Read(p []byte) (int, error) {
	n, err := m.file.Read(p)
	m.read(n)
	return n, err
}

func (m metered) Seek(offset int64, whence int) (int64, error) { return m.file.Seek(offset, whence) }
func (m metered) Close() error                                 { return m.file.Close() }

type sealedReader struct {
	*zstd.Decoder
	file *os.File
}

func (s *sealedReader) Close() error {
	s.Decoder.Close()
	return s.file.Close()
}

// plainSize is how many bytes of text a segment has: of a sealed one, what its head says.
func (l listed) plainSize() (int64, error) {
	if !strings.HasSuffix(l.path, sealedSuffix) {
		return l.size, nil
	}
	f, err := os.Open(l.path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // was only read
	start := make([]byte, zstd.HeaderMaxSize)
	n, err := io.ReadFull(f, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, err
	}
	var head zstd.Header
	if err := head.Decode(start[:n]); err != nil {
		return 0, err
	}
	if !head.HasFCS {
		return l.size, nil // not made here: no more is known
	}
	return int64(head.FrameContentSize), nil
}
