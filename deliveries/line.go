package deliveries

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// line is one of a segment. It has its newline, unless it is the last and torn.
type line struct {
	file   string
	number int // from 1
	text   string
}

// bad is the line as one that cannot be read.
func (l line) bad(err error) *BadLine {
	if l.text != "" && !strings.HasSuffix(l.text, "\n") {
		err = fmt.Errorf("line without an end: %w", err)
	}
	return &BadLine{l.file, l.number, err}
}

// linesIn gives the lines of a segment that is read by r, but for those with nothing in them. Damage of a sealed one is a *BadLine; any other error is that of
// the disk. Either is the last.
func (l listed) linesIn(r io.Reader) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		at, blocks := line{file: l.path}, blockReader{r: r}
		for {
			block, err := blocks.next()
			switch {
			case errors.Is(err, io.EOF) && (at.number > 0 || !l.isSealed()):
				return
			case errors.Is(err, io.EOF):
				err = errors.New("it is empty") // no full segment is
			}
			if err != nil {
				yield(line{}, l.broken(at.number+1, err))
				return
			}
			for at.text = range strings.Lines(block) {
				at.number++
				if strings.TrimSpace(at.text) != "" && !yield(at, nil) {
					return
				}
			}
		}
	}
}

// broken is an error that ends the reading of a segment. One that is sealed may be damaged, and others are not.
func (l listed) broken(number int, err error) error {
	if !l.isSealed() {
		return fmt.Errorf("read log: %w", err)
	}
	return &BadLine{l.path, number, fmt.Errorf("the rest cannot be read: %w", err)}
}
