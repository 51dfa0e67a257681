package receiver

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"mime"
	"strings"
	"unicode/utf8"
)

// The kinds of a body, by what is in it.
const (
	empty     = "empty"
	structure = "json" // reads as one JSON value, as far as shape goes
	form      = "form"
	multipart = "multipart"
	text      = "text" // UTF-8
	binary    = "binary"
	part      = "part" // of a request that is no receipt
)

// description is what can be said of a body of any size while it passes. Make it with newDescription.
type description struct {
	sum   hash.Hash
	n     int64
	rest  []byte // the beginning of a character
	torn  bool   // not UTF-8
	shape shape
}

func newDescription() *description { return &description{sum: sha256.New()} }

// Write never fails.
func (d *description) Write(p []byte) (int, error) {
	d.sum.Write(p)
	d.n += int64(len(p))
	if !d.torn {
		d.characters(p)
	}
	d.shape.pass(p)
	return len(p), nil
}

func (d *description) characters(p []byte) {
	if len(d.rest) > 0 {
		p = append(d.rest, p...)
		d.rest = nil
	}
	whole := len(p) - unfinished(p)
	d.torn = !utf8.Valid(p[:whole])
	d.rest = append(d.rest, p[whole:]...)
}

// unfinished is how many bytes at the end of p begin a character that is not over.
func unfinished(p []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		if last := p[len(p)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return 0
			}
			return n
		}
	}
	return 0
}

func (d *description) digest() string { return hex.EncodeToString(d.sum.Sum(nil)) }

func (d *description) isText() bool { return !d.torn && len(d.rest) == 0 }

// kind is what kind of body it was, its sender's Content-Type considered, and how deeply it is nested: 0 for all but JSON, and for a JSON value that is
// neither object nor array.
func (d *description) kind(contentType string) (kind string, depth int) {
	said, _, _ := mime.ParseMediaType(contentType) // what cannot be read says nothing
	switch {
	case d.n == 0:
		return empty, 0
	case strings.HasPrefix(said, "multipart/"):
		return multipart, 0
	case d.isText() && d.shape.whole():
		return structure, d.shape.deepest
	case !d.isText():
		return binary, 0
	case said == "application/x-www-form-urlencoded":
		return form, 0
	default:
		return text, 0
	}
}
