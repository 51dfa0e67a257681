package proxy

import (
	"io"
	"sync"
)

// copyBuffer is what a body passes through, as large as io.Copy makes one.
type copyBuffer [32 << 10]byte

// copyBuffers lends buffers out: a new one for each answer would be most of the memory that an attempt costs, and the collector that frees them holds up
// the delays of others. The zero value is ready.
type copyBuffers struct{ pool sync.Pool }

// copy is io.Copy through a buffer that is lent.
func (b *copyBuffers) copy(to io.Writer, from io.Reader) (int64, error) {
	buf, ok := b.pool.Get().(*copyBuffer)
	if !ok {
		buf = new(copyBuffer)
	}
	defer b.pool.Put(buf)
	// Without these either side might copy by itself, and come back here.
	return io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, buf[:])
}
