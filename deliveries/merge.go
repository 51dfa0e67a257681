package deliveries

import (
	"bufio"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
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

// merge gives the deliveries of all bins in one order.
func merge(bins []sortedBin) iter.Seq2[packedDelivery, error] {
	return func(yield func(packedDelivery, error) bool) {
		var all fronts
		for i := range bins {
			f := bins[i].front()
			if f.next() {
				all = append(all, f)
			} else if f.err != nil {
				yield(packedDelivery{}, f.err)
				return
			}
		}
		heap.Init(&all)
		for len(all) > 0 {
			first := all[0]
			if !yield(first.packedDelivery, nil) {
				return
			}
			switch more := first.next(); {
			case first.err != nil:
				yield(packedDelivery{}, first.err)
				return
			case more:
				heap.Fix(&all, 0)
			default:
				heap.Pop(&all)
			}
		}
	}
}

// front is the next delivery of a bin.
type front struct {
	packedDelivery
	text string        // what follows it, of a bin in memory
	file *bufio.Reader // and of one on the disk
	err  error
}

func (s *sortedBin) front() *front {
	f := &front{text: s.text}
	if s.file != nil {
		f.file = bufio.NewReaderSize(io.NewSectionReader(s.file, 0, s.size), chunkSize)
	}
	return f
}

// next goes on to the delivery behind it.
func (f *front) next() bool {
	var text string
	if f.file == nil {
		text = f.cut()
	} else {
		text = f.read()
	}
	if text == "" {
		return false
	}
	c := unpack(nil, text)
	c.gatheredHead(&f.gatheredHead)
	f.records = text[c.at:]
	return true
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
func (f fronts) Less(a, b int) bool { return f[a].compare(f[b].gatheredHead) < 0 }
func (f fronts) Swap(a, b int)      { f[a], f[b] = f[b], f[a] }
func (f *fronts) Push(x any)        { *f = append(*f, x.(*front)) }
func (f *fronts) Pop() any {
	last := len(*f) - 1
	x := (*f)[last]
	*f = (*f)[:last]
	return x
}
