package deliveries

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// blockReader reads lines many at a time.
type blockReader struct {
	r      io.Reader
	block  []byte
	behind Kept // what was read behind the last newline: of a long line all that has come, held once
	err    error
}

// blockSize is how much is read at once. Lines may be longer.
const blockSize = 256 << 10

// next gives the next lines. The last has no newline when there is none at the end. The error is io.EOF behind it, or that of the reader.
func (b *blockReader) next() (string, error) {
	if b.block == nil {
		b.block = make([]byte, blockSize)
	}
	for b.err == nil {
		n, err := b.r.Read(b.block)
		b.err = err
		if at := bytes.LastIndexByte(b.block[:n], '\n'); at >= 0 {
			return b.cut(b.block[:at+1], b.block[at+1:n]), nil
		}
		b.behind.Append(b.block[:n])
	}
	if b.behind.Size() > 0 && errors.Is(b.err, io.EOF) {
		return b.cut(nil, nil), nil
	}
	return "", b.err
}

// cut gives what is behind, with its end, and begins anew with what follows that.
func (b *blockReader) cut(end, following []byte) string {
	var text strings.Builder
	text.Grow(int(b.behind.Size()) + len(end))
	for _, piece := range b.behind.pieces {
		text.Write(piece)
	}
	text.Write(end)
	b.behind = Kept{}
	b.behind.Append(following)
	return text.String()
}
