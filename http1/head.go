// Package http1 reads what a sender of HTTP/1.1 says, and writes what it is told: heads and bodies, as RFC 9112 has them, and no connections. It is a leaf.
//
// A request that is read is net/http's, and what it holds is what net/http's own server would have made of the same bytes; Head says what that leaves out.
//
//	text, err := http1.ReadHead(br, 1<<20, http1.RequestLine)
//	head, err := http1.Parse(r, text)
//	body.Begin(r, br, atEnd)
package http1

import (
	"bufio"
	"bytes"
	"errors"
)

// ErrTooLong is a head that is longer than it may be.
var ErrTooLong = errors.New("head is too long")

// TakeHead is ReadHead for a head of which all is buffered, as is so of nearly every one; whole is false where it is not, or is longer than most bytes.
func TakeHead(br *bufio.Reader, most int) (text string, whole bool) {
	buffered, _ := br.Peek(br.Buffered()) // of what is buffered never fails
	end := endOfHead(buffered)
	if end < 0 || end > most {
		return "", false
	}
	text = string(buffered[:end])
	_, _ = br.Discard(end) // as above
	return text, true
}

// ReadHead reads up to and with the empty line that ends a head, or a trailer, which may be that line alone (RFC 9112 2.1). Of one that has no end within most
// bytes it gives ErrTooLong. An error of br's that comes first is given with what has come before it. first, unless nil, is asked about the first line of one
// that has not all come yet: who speaks another protocol may never end what it takes for a head. Its error is given.
func ReadHead(br *bufio.Reader, most int, first func(line string) error) (string, error) {
	if _, err := br.Peek(1); err != nil { // a RST is told once
		return "", err
	}
	if text, whole := TakeHead(br, most); whole {
		return text, nil
	}
	var held []byte
	for {
		line, err := br.ReadSlice('\n')
		begins := len(held) == 0 || held[len(held)-1] == '\n'
		held = append(held, line...)
		switch {
		case len(held) > most:
			return "", ErrTooLong
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil:
			return string(held), err
		case begins && isEmpty(line):
			return string(held), nil
		case first != nil && held[len(held)-1] == '\n':
			if err := first(string(held)); err != nil {
				return "", err
			}
			first = nil
		}
	}
}

// endOfHead is where the head ends in what has come of it; -1: not yet.
func endOfHead(p []byte) int {
	for from := 0; ; {
		length := bytes.IndexByte(p[from:], '\n')
		if length < 0 {
			return -1
		}
		line := p[from : from+length+1]
		from += len(line)
		if isEmpty(line) {
			return from
		}
	}
}

// isEmpty reports whether a line, with its end, is empty. A lone LF ends one, too (RFC 9112 2.2).
func isEmpty(line []byte) bool {
	return len(line) == 1 || len(line) == 2 && line[0] == '\r'
}
