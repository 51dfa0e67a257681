package http1

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httputil"
	"strings"
)

// MostTrailer bounds the trailer of a chunked body, in bytes.
const MostTrailer = 64 << 10

// Body is the body of a request, up to the end that its framing gives it (RFC 9112 6, 7). What is read from it at its end gives io.EOF with the last bytes; one
// that ends before gives io.ErrUnexpectedEOF. Begin begins it. A body with a length can be read on after an error of the reader beneath, as a deadline is. Not safe for concurrent use.
type Body struct {
	r      *http.Request // which gets the trailer
	br     *bufio.Reader
	left   int64     // bytes
	chunks io.Reader // nil: it has a length
	ended  bool
	failed error // the framing is broken: nothing that follows can be told
	atEnd  func()
}

// Begin makes b, which is the zero value, the body of r, whose head was read from br. atEnd is called once, when all of it was read; at once, where there is none.
func (b *Body) Begin(r *http.Request, br *bufio.Reader, atEnd func()) {
	b.r, b.br, b.left, b.atEnd = r, br, r.ContentLength, atEnd
	if r.ContentLength < 0 {
		b.chunks = httputil.NewChunkedReader(br)
	} else if r.ContentLength == 0 {
		b.end()
	}
}

// Ended reports whether all of it was read.
func (b *Body) Ended() bool { return b.ended }

// Close does nothing: what is left unread is left to who serves the connection.
func (b *Body) Close() error { return nil }

func (b *Body) Read(p []byte) (int, error) {
	switch {
	case b.ended:
		return 0, io.EOF
	case b.failed != nil:
		return 0, b.failed
	case b.chunks != nil:
		return b.readChunks(p)
	}
	n, err := b.br.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if b.left == 0 {
		b.end()
		return n, io.EOF
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (b *Body) end() {
	b.ended = true
	b.atEnd()
}

func (b *Body) readChunks(p []byte) (int, error) {
	n, err := b.chunks.Read(p)
	if errors.Is(err, io.EOF) {
		if err = b.readTrailer(); err == nil {
			b.end()
			return n, io.EOF
		}
	}
	if err != nil {
		b.failed = err // the reader of chunks keeps it, too
	}
	return n, err
}

func (b *Body) readTrailer() error {
	text, err := ReadHead(b.br, MostTrailer)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("trailer: %w", err)
	}
	if text != "\r\n" && !strings.HasSuffix(text, "\r\n\r\n") { // where a body ends must be plain to everybody (RFC 9112 7.1.2)
		return errors.New("trailer: a line that does not end in CRLF")
	}
	trailer, why := Fields(text)
	if why != nil {
		return fmt.Errorf("trailer: %w", why)
	}
	switch {
	case len(trailer) == 0:
	case b.r.Trailer == nil:
		b.r.Trailer = trailer
	default:
		maps.Copy(b.r.Trailer, trailer)
	}
	return nil
}
