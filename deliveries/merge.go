package deliveries

import (
	"bufio"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// sortedBin is a bin whose deliveries are in order, in memory or in a file.
type sortedBin struct {
	text string
	file *os.File // nil: in memory
	size int64
}

// put puts it into a file.
func (s *sortedBin) put(dir string) error {
	f, err := tempFile(dir)
	if err != nil {
		return err
	}
	s.file, s.size = f, int64(len(s.text))
	if _, err := io.WriteString(f, s.text); err != nil {
		return fmt.Errorf("put deliveries aside: %w", err)
	}
	s.text = ""
	return nil
}

func (s *sortedBin) close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// packedDelivery is a delivery as it is packed.
type packedDelivery struct {
	gatheredHead
	records string
}

// packed gives the deliveries of all bins in one order. Once it has given all of them, that is known.
func (g *Grouped) packed(yield func(packedDelivery, error) bool) {
	var all fronts
	for i := range g.bins {
		all = append(all, g.bins[i].front(i))
	}
	if g.turns != nil {
		for _, bin := range g.turns {
			if !all[bin].give(yield) {
				return
			}
		}
		return
	}
	all = slices.DeleteFunc(all, func(f *front) bool { return f.ended })
	heap.Init(&all)
	var turns []uint8
	for len(all) > 0 {
		first := all[0]
		turns = append(turns, first.bin)
		if !first.give(yield) {
			return
		}
		if first.ended {
			heap.Pop(&all)
		} else {
			heap.Fix(&all, 0)
		}
	}
	g.turns = turns
}

// front is the next delivery of a bin.
type front struct {
	packedDelivery
	bin   uint8
	text  string        // what follows it, of a bin in memory
	file  *bufio.Reader // and of one on the disk
	ended bool          // there is none
	err   error
}

// front is the first.
func (s *sortedBin) front(bin int) *front {
	f := &front{bin: uint8(bin), text: s.text}
	if s.file != nil {
		f.file = bufio.NewReaderSize(io.NewSectionReader(s.file, 0, s.size), chunkSize)
	}
	f.next()
	return f
}

// give gives it, and goes on to the one behind it.
func (f *front) give(yield func(packedDelivery, error) bool) bool {
	if f.err != nil {
		yield(packedDelivery{}, f.err)
		return false
	}
	if !yield(f.packedDelivery, nil) {
		return false
	}
	f.next()
	return true
}

// next goes on to the delivery behind it.
func (f *front) next() {
	var text string
	if f.file == nil {
		text = f.cut()
	} else {
		text = f.read()
	}
	if text == "" {
		f.ended = f.err == nil
		return
	}
	c := unpack(nil, text)
	c.gatheredHead(&f.gatheredHead)
	f.records = text[c.at:]
}

func (f *front) cut() (text string) {
	if f.text != "" {
		c := unpack(nil, f.text)
		c.string(&text)
		f.text = f.text[c.at:]
	}
	return text
}

func (f *front) read() string {
	size, err := binary.ReadUvarint(f.file)
	if errors.Is(err, io.EOF) {
		return ""
	}
	var text strings.Builder
	if err == nil {
		text.Grow(int(size))
		_, err = io.CopyN(&text, f.file, int64(size))
	}
	if err != nil {
		f.err = fmt.Errorf("read deliveries that were put aside: %w", err)
		return ""
	}
	return text.String()
}

// fronts are the next deliveries of all bins, as a heap.
type fronts []*front

func (f fronts) Len() int           { return len(f) }
func (f fronts) Less(a, b int) bool { return f[a].compare(&f[b].gatheredHead) < 0 }
func (f fronts) Swap(a, b int)      { f[a], f[b] = f[b], f[a] }
func (f *fronts) Push(x any)        { *f = append(*f, x.(*front)) }
func (f *fronts) Pop() any {
	last := len(*f) - 1
	x := (*f)[last]
	*f = (*f)[:last]
	return x
}
