package faults

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// mostUnpacked is how much a body may unpack to, in bytes, to be looked into.
const mostUnpacked = 16 << 20

// unpacked is what a body under Content-Encoding: gzip stands for.
func unpacked(body []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("the body is no gzip: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, mostUnpacked+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the body is no gzip: %w", err)
	case len(plain) > mostUnpacked:
		return nil, errors.New("the body unpacks to more than 16 MiB")
	default:
		return plain, nil
	}
}

// packed is a body as it stands under Content-Encoding: gzip.
func packed(plain []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(plain) // a Buffer takes all that is written
	_ = w.Close()
	return b.Bytes()
}
