package deliveries

import (
	"bytes"
	"errors"
	"io"
	"slices"
)

// blockReader reads lines many at a time.
type blockReader struct {
	r   io.Reader
	buf []byte // what was read behind the last newline
	err error
}

// blockSize is how much is read at once. Lines may be longer.
const blockSize = 256 << 10

// next gives the next lines. The last has no newline when there is none at the end. The error is io.EOF behind it, or that of the reader.
func (b *blockReader) next() (string, error) {
	for b.err == nil {
		before := len(b.buf)
		b.buf = slices.Grow(b.buf, blockSize)
		n, err := b.r.Read(b.buf[before : before+blockSize])
		b.buf, b.err = b.buf[:before+n], err
		if at := bytes.LastIndexByte(b.buf[before:], '\n'); at >= 0 {
			return b.cut(before + at + 1), nil
		}
	}
	if len(b.buf) > 0 && errors.Is(b.err, io.EOF) {
		return b.cut(len(b.buf)), nil
	}
	return "", b.err
}

func (b *blockReader) cut(n int) string {
	block := string(b.buf[:n])
	b.buf = append(b.buf[:0], b.buf[n:]...)
	return block
}
