package receiver

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// describeDecoded describes what a compressed body is when it is unpacked, up to limit bytes of it: what is larger, broken or in a coding that is not known is
// not described.
func describeDecoded(body io.Reader, encoding string, limit int64) (*description, error) {
	d := newDescription()
	unpacked, done, err := decoder(body, encoding)
	if err != nil {
		return nil, err
	}
	defer done()
	n, err := io.Copy(d, io.LimitReader(unpacked, limit+1))
	switch {
	case err != nil:
		return nil, broken(encoding, err)
	case n > limit:
		return nil, fmt.Errorf("unpack %s: over %d bytes", encoding, limit)
	}
	return d, nil
}

// broken is why a body is not what its Content-Encoding says.
func broken(encoding string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errors.New("it ends too early")
	}
	return fmt.Errorf("unpack %s: %w", encoding, err)
}

// codings are those of a Content-Encoding, in the order in which they were applied (RFC 9110 8.4), without those that change nothing.
func codings(encoding string) (all []string) {
	for one := range strings.SplitSeq(encoding, ",") {
		if one = strings.ToLower(strings.TrimSpace(one)); one != "" && one != "identity" {
			all = append(all, one)
		}
	}
	return all
}

// maxCodings bounds how often a body may be packed.
const maxCodings = 8

// decoder unpacks a body, the coding that was applied last first. done must be called.
func decoder(body io.Reader, encoding string) (unpacked io.Reader, done func(), err error) {
	all := codings(encoding)
	if len(all) > maxCodings {
		return nil, nil, fmt.Errorf("packed %d times, which is over %d", len(all), maxCodings)
	}
	done = func() {}
	for _, coding := range slices.Backward(all) {
		before := done
		one, err := unpack(body, coding)
		if err != nil {
			before()
			return nil, nil, err
		}
		body, done = one, func() {
			_ = one.Close() // it was only read
			before()
		}
	}
	return body, done, nil
}

// unpack is for one content coding (RFC 9110 8.4.1).
func unpack(body io.Reader, coding string) (io.ReadCloser, error) {
	switch coding {
	case "gzip", "x-gzip":
		r, err := gzip.NewReader(body)
		if err != nil {
			return nil, broken(coding, err)
		}
		return r, nil
	case "deflate":
		return inflate(body)
	case "zstd":
		d, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
		if err != nil {
			return nil, broken(coding, err)
		}
		return d.IOReadCloser(), nil
	default:
		return nil, fmt.Errorf("content coding %q is not known here", coding)
	}
}

// inflate unpacks deflate: in zlib's format, as the RFC has it, or bare, as many senders have it.
func inflate(body io.Reader) (io.ReadCloser, error) {
	ahead := bufio.NewReader(body)
	head, err := ahead.Peek(2)
	if err != nil {
		return nil, broken("deflate", err)
	}
	const method, check = 8, 31 // RFC 1950 2.2
	if head[0]&0x0f != method || (int(head[0])<<8|int(head[1]))%check != 0 {
		return flate.NewReader(ahead), nil
	}
	r, err := zlib.NewReader(ahead)
	if err != nil {
		return nil, broken("deflate", err)
	}
	return r, nil
}
