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
// the disk. Either is the last. A line's text is there until the next is asked for.
func (l listed) linesIn(r io.Reader) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		at, blocks, block := line{file: l.path}, blockReader{r: r}, make([]byte, blockSize)
		for {
			lines, err := blocks.next(block)
			if err != nil {
				if err = l.end(at.number, err); err != nil {
					yield(line{}, err)
				}
				return
			}
			for at.text = range strings.Lines(lines) {
				at.number++
				if strings.TrimSpace(at.text) != "" && !yield(at, nil) {
					return
				}
			}
		}
	}
}

// end is what is to be said of the end of a segment, behind so many lines. One that is sealed may be damaged: a *BadLine. Others are not.
func (l listed) end(lines int, err error) error {
	ended := errors.Is(err, io.EOF)
	switch {
	case ended && (lines > 0 || !l.isSealed()):
		return nil
	case ended:
		err = errors.New("it is empty") // no full segment is
	case !l.isSealed():
		return fmt.Errorf("read log: %w", err)
	}
	return &BadLine{l.path, lines + 1, fmt.Errorf("the rest cannot be read: %w", err)}
}
