package deliveries

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unsafe"
)

// blockReader reads lines many at a time, into blocks that are lent to it. A line that is longer than a block is held besides.
type blockReader struct {
	r      io.Reader
	rest   []byte // what was read behind the last newline, in the block before
	behind Kept   // of a long line all that has come, held once
	err    error
}

// blockSize is how much is read at once. Lines may be longer.
const blockSize = 256 << 10

// next gives the next lines, which are there until the block is used for something else. It may be the one before. The last line has no newline when there is none
// at the end. The error is io.EOF behind it, or that of the reader.
func (b *blockReader) next(block []byte) (string, error) {
	n := copy(block, b.rest)
	b.rest = nil
	for b.err == nil {
		read, err := b.r.Read(block[n:])
		b.err = err
		if at := bytes.LastIndexByte(block[n:n+read], '\n'); at >= 0 {
			end := n + at + 1
			b.rest = block[end : n+read]
			return b.lines(block[:end]), nil
		}
		n += read
		if n == len(block) {
			b.behind.Append(block)
			n = 0
		}
	}
	b.behind.Append(block[:n])
	if b.behind.Size() > 0 && errors.Is(b.err, io.EOF) {
		return b.lines(nil), nil
	}
	return "", b.err
}

// lines are those that end with a part of a block.
func (b *blockReader) lines(end []byte) string {
	if b.behind.Size() == 0 {
		return unsafe.String(unsafe.SliceData(end), len(end)) // the block, and no copy of it
	}
	var text strings.Builder
	text.Grow(int(b.behind.Size()) + len(end))
	for _, piece := range b.behind.pieces {
		text.Write(piece)
	}
	text.Write(end)
	b.behind = Kept{}
	return text.String()
}
