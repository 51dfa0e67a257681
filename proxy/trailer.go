package proxy

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// trailed is a body whose trailer is looked at when all of it has come. net/http lets names of fields through that have spaces in them, and leaves them out when
// it writes them.
type trailed struct {
	io.ReadCloser
	judge func() error
}

func (b trailed) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		if odd := b.judge(); odd != nil {
			err = odd
		}
	}
	return n, err
}

// answeredTrailer takes the space before a colon out of an answer (RFC 9112 5.1). A name with one in it is none.
func answeredTrailer(resp *http.Response) io.ReadCloser {
	if resp.ContentLength >= 0 {
		return resp.Body
	}
	return trailed{resp.Body, func() error {
		for name, values := range resp.Trailer {
			if bare := strings.TrimRight(name, " \t"); bare != name {
				delete(resp.Trailer, name)
				resp.Trailer[http.CanonicalHeaderKey(bare)] = append(resp.Trailer[http.CanonicalHeaderKey(bare)], values...)
			}
		}
		return oddTrailer(resp.Trailer)
	}}
}

func oddTrailer(trailer http.Header) error {
	if name, odd := oddName(trailer); odd {
		return fmt.Errorf("trailer: field name %q", name)
	}
	return nil
}
