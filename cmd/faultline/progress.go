package main

import (
	"fmt"
	"io"
)

// progress is a line on a terminal that says how far a large log was read, and what happens next; it leaves nothing behind. The zero value says nothing.
type progress struct {
	w     io.Writer // nil: there is no terminal
	shown bool
}

// largeLog is from how many bytes on a read takes long enough to be told.
const largeLog = 32 << 20

// newProgress is for the terminal that errors go to, so that output can be redirected.
func newProgress(w world) *progress {
	if !w.errorsAreSeen {
		return &progress{}
	}
	return &progress{w: w.stderr}
}

// read says how many bytes of the logs were read.
func (p *progress) read(read, all int64) {
	if all >= largeLog {
		p.say("reading: %d%% of %s", 100*read/all, sizeText(all))
	}
}

// judging says that so many attempts are looked at.
func (p *progress) judging(attempts int) {
	if p.shown {
		p.say("read; looking at %s", counted(attempts, "attempt"))
	}
}

func (p *progress) say(format string, args ...any) {
	if p.w == nil {
		return
	}
	p.shown = true
	// Nobody can be told that the terminal is gone.
	_, _ = fmt.Fprintf(p.w, clearLine+format, args...)
}

// end takes the line away.
func (p *progress) end() {
	if p.shown {
		_, _ = fmt.Fprint(p.w, clearLine)
	}
	p.shown = false
}

// clearLine goes to the beginning of the line and clears it.
const clearLine = "\r\x1b[K"

// sizeText is a number of bytes, in the units of a scenario file.
func sizeText(bytes int64) string {
	const mebi, gibi = 1 << 20, 1 << 30
	if bytes < gibi {
		return fmt.Sprintf("%d MiB", bytes/mebi)
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/gibi)
}
