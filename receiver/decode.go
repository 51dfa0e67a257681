package receiver

import (
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// describeDecoded describes what a compressed body is when it is unpacked, up to limit bytes of it: what is larger, broken or in a coding that is not known is
// not described.
func describeDecoded(body io.Reader, encoding string, limit int64) (*description, error) {
	unpacked, err := decoder(body, encoding)
	if err != nil {
		return nil, err
	}
	defer unpacked.Close() // it was only read
	d := newDescription()
	n, err := io.Copy(d, io.LimitReader(unpacked, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("unpack %s: %w", encoding, err)
	case n > limit:
		return nil, fmt.Errorf("unpack %s: over %d bytes", encoding, limit)
	}
	return d, nil
}

// decoder unpacks one content coding (RFC 9110 8.4.1).
func decoder(body io.Reader, encoding string) (io.ReadCloser, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "gzip", "x-gzip":
		return gzip.NewReader(body)
	case "deflate":
		return zlib.NewReader(body)
	case "zstd":
		d, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	default:
		return nil, fmt.Errorf("content coding %q is not known here", encoding)
	}
}
