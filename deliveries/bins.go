package deliveries

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// bins hold packed records by the hash of their delivery: all of a delivery are in one bin, in the order in which they came. As long as they are few they are
// in memory; beyond the limit each bin has a file.
type bins struct {
	limit int64  // bytes in memory
	dir   string // for the files

	seed   maphash.Seed
	all    [binCount]bin
	held   int64
	onDisk bool
}

// binCount is how many bins there are: one is to fit into memory, with its deliveries, when all of them do not.
const binCount = 256

// bin is one of them. Before each record in it stand its steps and its length.
type bin struct {
	chunks []*strings.Builder // in memory; a record is in one of them
	file   *os.File           // what came before them; nil: nothing
}

// chunkSize is how much of a bin is written at once. A record may be larger.
const chunkSize = 32 << 10

func newBins(limit int64, dir string) *bins {
	return &bins{limit: limit, dir: dir, seed: maphash.MakeSeed()}
}

// of is the bin of a delivery.
func (b *bins) of(delivery string) int { return int(maphash.String(b.seed, delivery) % binCount) }

// add puts a record into a bin. steps is how often the clock of its run had been set back before.
func (b *bins) add(bin, steps int, record []byte) error {
	into := &b.all[bin]
	b.held += int64(into.add(steps, record))
	if b.onDisk && len(into.chunks) > 1 {
		return b.write(into)
	}
	if !b.onDisk && b.held > b.limit {
		return b.spill()
	}
	return nil
}

func (b *bin) add(steps int, record []byte) int {
	var head [2 * binary.MaxVarintLen64]byte
	n := binary.PutUvarint(head[:], uint64(steps))
	n += binary.PutUvarint(head[n:], uint64(len(record)))
	if last := len(b.chunks) - 1; last < 0 || b.chunks[last].Len()+n+len(record) > chunkSize {
		b.chunks = append(b.chunks, new(strings.Builder))
		if last >= 0 { // the first may stay small
			b.chunks[last+1].Grow(chunkSize)
		}
	}
	into := b.chunks[len(b.chunks)-1]
	into.Write(head[:n])
	into.Write(record)
	return n + len(record)
}

// spill goes on on the disk.
func (b *bins) spill() error {
	b.onDisk = true
	for i := range b.all {
		if err := b.write(&b.all[i]); err != nil {
			return err
		}
	}
	return nil
}

// write puts what a bin has in memory into its file.
func (b *bins) write(from *bin) error {
	if from.file == nil {
		f, err := tempFile(b.dir)
		if err != nil {
			return err
		}
		from.file = f
	}
	for _, chunk := range from.chunks {
		if _, err := io.WriteString(from.file, chunk.String()); err != nil {
			return fmt.Errorf("put attempts aside: %w", err)
		}
		b.held -= int64(chunk.Len())
	}
	from.chunks = nil
	return nil
}

// tempFile is a file that has no name any more: whatever becomes of this process, nothing of it stays.
func tempFile(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "faultline-*")
	if err != nil {
		return nil, fmt.Errorf("put attempts aside: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("put attempts aside: %w", err), f.Close())
	}
	return f, nil
}

// take gives all that is in a bin, piece by piece, and empties it.
func (b *bin) take() (pieces []string, err error) {
	if b.file != nil {
		var written strings.Builder
		size, err := b.file.Seek(0, io.SeekCurrent)
		if err == nil {
			written.Grow(int(size))
			_, err = io.Copy(&written, io.NewSectionReader(b.file, 0, size))
		}
		if err := errors.Join(err, b.file.Close()); err != nil {
			return nil, fmt.Errorf("read attempts that were put aside: %w", err)
		}
		pieces = append(pieces, written.String())
	}
	for _, chunk := range b.chunks {
		pieces = append(pieces, chunk.String())
	}
	*b = bin{}
	return pieces, nil
}

// sort puts the deliveries of each bin into order. The bins are empty then.
func (b *bins) sort(ctx context.Context) ([]sortedBin, error) {
	sorted, errs := make([]sortedBin, binCount), make([]error, binCount)
	var workers sync.WaitGroup
	var next atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < binCount && ctx.Err() == nil; i = next.Add(1) - 1 {
				sorted[i], errs[i] = b.sortOne(&b.all[i])
			}
		})
	}
	workers.Wait()
	err := errors.Join(append(errs, ctx.Err())...)
	if err != nil {
		for _, s := range sorted {
			err = errors.Join(err, s.close())
		}
		return nil, err
	}
	return sorted, nil
}

// sortOne puts one into order. It stays in memory, or on the disk, as it was.
func (b *bins) sortOne(one *bin) (sortedBin, error) {
	onDisk := one.file != nil
	pieces, err := one.take()
	if err != nil {
		return sortedBin{}, err
	}
	sorted := sortedBin{text: sortRecords(pieces)}
	if onDisk {
		err = sorted.put(b.dir)
	}
	return sorted, err
}

func (b *bins) close() error {
	var errs []error
	for i := range b.all {
		if f := b.all[i].file; f != nil {
			errs = append(errs, f.Close())
		}
		b.all[i] = bin{}
	}
	return errors.Join(errs...)
}
