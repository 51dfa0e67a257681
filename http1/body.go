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
	"sync/atomic"
)

// MostTrailer bounds the trailer of a chunked body, in bytes.
const MostTrailer = 64 << 10

// Body is the body of a message, up to the end that its framing gives it (RFC 9112 6, 7). What is read from it at its end gives io.EOF with the last bytes; one
// that ends before gives io.ErrUnexpectedEOF. Begin or BeginAnswer begins it. A body with a length can be read on after an error of the reader beneath, as a
// deadline is. Not safe for concurrent use.
type Body struct {
	br      *bufio.Reader
	left    int64        // bytes; -1: up to the end of the connection
	chunks  io.Reader    // nil: it has none
	trailer *http.Header // of chunks, where it goes
	spaced  bool         // a space before the colon of a field in it is taken out, and not refused
	ended   atomic.Bool
	failed  error // the framing is broken: nothing that follows can be told
	atEnd   func()
}

// Begin makes b, which is the zero value, the body of r, whose head was read from br. atEnd is called once, when all of it was read; at once, where there is none.
func (b *Body) Begin(r *http.Request, br *bufio.Reader, atEnd func()) {
	b.br, b.left, b.trailer, b.atEnd = br, r.ContentLength, &r.Trailer, atEnd
	b.begin(len(r.TransferEncoding) > 0)
}

// BeginAnswer makes b, which is the zero value, the body of resp, the answer to a request of this method, whose head was read from br.
func (b *Body) BeginAnswer(resp *http.Response, method string, br *bufio.Reader) {
	b.br, b.left, b.trailer, b.spaced, b.atEnd = br, resp.ContentLength, &resp.Trailer, true, func() {}
	if method == http.MethodHead || Bodiless(resp.StatusCode) {
		b.left = 0
	}
	b.begin(b.left != 0 && len(resp.TransferEncoding) > 0)
}

func (b *Body) begin(chunked bool) {
	if chunked {
		b.chunks = httputil.NewChunkedReader(b.br)
	} else if b.left == 0 {
		b.end()
	}
}

// Ended reports whether all of it was read. It may be asked beside a Read.
func (b *Body) Ended() bool { return b.ended.Load() }

// Close does nothing: what is left unread is left to who serves the connection.
func (b *Body) Close() error { return nil }

func (b *Body) Read(p []byte) (int, error) {
	switch {
	case b.ended.Load():
		return 0, io.EOF
	case b.failed != nil:
		return 0, b.failed
	case b.chunks != nil:
		return b.readChunks(p)
	}
	if b.left < 0 {
		return b.readOn(p)
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

// readOn reads a body that ends with its connection.
func (b *Body) readOn(p []byte) (int, error) {
	n, err := b.br.Read(p)
	if errors.Is(err, io.EOF) {
		b.end()
	}
	return n, err
}

func (b *Body) end() {
	b.ended.Store(true)
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
	text, err := ReadHead(b.br, MostTrailer, nil)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if errors.Is(err, ErrTooLong) {
		return fmt.Errorf("trailer over %d bytes", MostTrailer)
	}
	if err != nil {
		return fmt.Errorf("trailer: %w", err)
	}
	if text != "\r\n" && !strings.HasSuffix(text, "\r\n\r\n") { // where a body ends must be plain to everybody (RFC 9112 7.1.2)
		return errors.New("trailer: a line that does not end in CRLF")
	}
	if b.spaced {
		text = spaceless(text)
	}
	trailer, why := fields(text)
	if why != nil {
		return fmt.Errorf("trailer: %w", why)
	}
	switch {
	case len(trailer) == 0:
	case *b.trailer == nil:
		*b.trailer = trailer
	default:
		maps.Copy(*b.trailer, trailer)
	}
	return nil
}

// spaceless takes the space before a colon out (RFC 9112 5.1).
func spaceless(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		name, value, found := strings.Cut(line, ":")
		if found && line[0] != ' ' && line[0] != '\t' {
			line = strings.TrimRight(name, " \t") + ":" + value
		}
		out.WriteString(line)
	}
	return out.String()
}
