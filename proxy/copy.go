package proxy

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

// copyBuffer is what a body passes through, as large as io.Copy makes one.
type copyBuffer [32 << 10]byte

// copyBuffers lends buffers out: a new one for each answer would be most of the memory that an attempt costs, and the collector that frees them holds up
// the delays of others. The zero value is ready.
type copyBuffers struct{ pool sync.Pool }

// headBuffers lends buffers that the heads of requests are written into, with bodies that go out with them. The zero value is ready.
type headBuffers struct{ pool sync.Pool }

func (h *headBuffers) lend() *bytes.Buffer {
	if b, ok := h.pool.Get().(*bytes.Buffer); ok {
		return b
	}
	return new(bytes.Buffer)
}

// takeBack takes a buffer back that nobody uses any more.
func (h *headBuffers) takeBack(b *bytes.Buffer) {
	if b.Cap() > mostLent {
		return
	}
	b.Reset()
	h.pool.Put(b)
}

// mostLent is how large a buffer may have become to be lent again.
const mostLent = 2 * inlineBody

// copy is io.Copy through a buffer that is lent, and asks neither side to copy by itself: it may come back here.
func (b *copyBuffers) copy(to io.Writer, from io.Reader) (copied int64, err error) {
	buf, ok := b.pool.Get().(*copyBuffer)
	if !ok {
		buf = new(copyBuffer)
	}
	defer b.pool.Put(buf)
	for {
		n, err := from.Read(buf[:])
		if n > 0 {
			wrote, werr := to.Write(buf[:n])
			copied += int64(wrote)
			if werr != nil {
				return copied, werr
			}
		}
		if errors.Is(err, io.EOF) {
			return copied, nil
		}
		if err != nil {
			return copied, err
		}
	}
}
