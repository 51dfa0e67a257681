package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/faultline/faultline/deliveries"
)

// terminal writes what happens for people to read: a line per attempt. Safe for concurrent use.
type terminal struct {
	mu     sync.Mutex
	w      io.Writer
	colour bool
	quiet  bool
	// allowed is when a delivery may be attempted again, by the last Retry-After it was shown.
	allowed map[string]time.Time
	lines   []byte // of attempts, that were not written yet
	resting bool   // something was written just now
}

// restTime is how long lines of attempts wait for more, after one was written: a write for each would be a tenth of what an attempt costs.
const restTime = 20 * time.Millisecond

// maxAllowed bounds the memory for Retry-After; beyond it the oldest half is of no interest any more, and all is forgotten.
const maxAllowed = 10_000

func newTerminal(w world, quiet bool) *terminal {
	_, plain := w.lookup("NO_COLOR")
	return &terminal{w: w.stdout, colour: w.isTerminal && !plain, quiet: quiet, allowed: make(map[string]time.Time)}
}

// say writes a line of faultline's own.
func (t *terminal) say(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = fmt.Appendf(t.lines, format+"\n", args...)
	t.write()
}

// write writes what has waited. mu is held.
func (t *terminal) write() {
	// Nobody can be told that the terminal is gone.
	_, _ = t.w.Write(t.lines)
	t.lines = t.lines[:0]
}

// flush writes what has waited: the last lines of a run.
func (t *terminal) flush() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.lines) > 0 {
		t.write()
	}
}

// writeSoon writes at once what comes after a pause, and what follows closely as one. mu is held.
func (t *terminal) writeSoon() {
	if t.resting {
		return
	}
	t.write()
	t.resting = true
	time.AfterFunc(restTime, t.rested)
}

func (t *terminal) rested() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.resting = false
	if len(t.lines) > 0 {
		t.writeSoon()
	}
}

// counted is a number of things, with their name.
func counted(n int, one string) string {
	many := one + "s"
	if stem, ok := strings.CutSuffix(one, "y"); ok {
		many = stem + "ies"
	}
	if n == 1 {
		many = one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// attempt writes the line of a finished attempt.
func (t *terminal) attempt(a *deliveries.Attempt) {
	if t.quiet {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	line := a.Start.Local().AppendFormat(t.lines, time.TimeOnly)
	line = append(append(line, ' '), printable(short(a.Key))...)
	line = strconv.AppendInt(append(line, " #"...), int64(a.Attempt), 10)
	line = append(append(line, ' '), printable(a.Method)...)
	line = append(append(line, ' '), printable(strings.TrimPrefix(strings.TrimPrefix(a.Endpoint, "http://"), "https://"))...)
	line = append(append(line, "   "...), t.ending(a)...)
	if len(a.Rules) > 0 {
		line = fmt.Appendf(line, "  [%s]", printable(strings.Join(a.Rules, ", ")))
	}
	if a.MS.Total >= slowMS {
		line = fmt.Appendf(line, "   %.1f s", a.MS.Total/1000)
	}
	if note := t.retryAfter(a); note != "" {
		line = append(append(line, "   "...), note...)
	}
	t.lines = append(line, '\n')
	t.writeSoon()
}

// printable is a text that a sender or a file has chosen, without what would move the cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, text)
}

// slowMS is from when on an attempt's duration is worth a word.
const slowMS = 500

// shortKey is how much of a key a line shows.
const shortKey = 12

func short(key string) string {
	if key == "" {
		return "-"
	}
	if len(key) <= shortKey {
		return key
	}
	return key[:shortKey] + "…"
}

// ending is how the attempt ended for its sender: the status of a complete answer, else the end.
func (t *terminal) ending(a *deliveries.Attempt) string {
	text := string(a.End)
	if a.End == deliveries.Complete && a.Answer != nil {
		text = strconv.Itoa(a.Answer.Status)
	}
	if a.EndedBy == deliveries.BySender {
		text += " by sender"
	}
	if !t.colour {
		return text
	}
	if a.Outcome == deliveries.Acknowledged {
		return "\x1b[32m" + text + "\x1b[0m"
	}
	return "\x1b[31m" + text + "\x1b[0m"
}

// retryAfter says what the sender was told to wait, or by how much it came too early. mu is held.
func (t *terminal) retryAfter(a *deliveries.Attempt) string {
	var note string
	if at, ok := t.allowed[a.Delivery]; ok {
		if early := at.Sub(a.Start); early > 0 {
			note = fmt.Sprintf("came %s before Retry-After allows", early.Round(time.Second))
		}
		delete(t.allowed, a.Delivery)
	}
	if a.Answer == nil || a.Answer.RetryAfterMS == nil {
		return note
	}
	wait := time.Duration(*a.Answer.RetryAfterMS) * time.Millisecond
	if len(t.allowed) >= maxAllowed {
		clear(t.allowed)
	}
	t.allowed[a.Delivery] = a.Start.Add(time.Duration(a.MS.Total * float64(time.Millisecond))).Add(wait)
	told := "Retry-After " + wait.String()
	if note != "" {
		return told + ", " + note
	}
	return told
}

// connect writes the line of a CONNECT that was faulted, or failed.
func (t *terminal) connect(c *deliveries.Connect) {
	if t.quiet {
		return
	}
	line := fmt.Sprintf("%s CONNECT %s   %s", c.Start.Local().Format(time.TimeOnly), printable(c.Host), c.End)
	if c.Listener != "" {
		line = listenerLine(c)
	}
	if len(c.Rules) > 0 {
		line += "  [" + printable(strings.Join(c.Rules, ", ")) + "]"
	}
	if c.Error != "" {
		line += "   " + printable(c.Error)
	}
	t.say("%s", line)
}

// listenerLine says what a rule has a listener do, and when that is over.
func listenerLine(c *deliveries.Connect) string {
	at, over := c.Start, ""
	if c.Until != nil {
		at, over = *c.Until, "no longer "
	}
	return fmt.Sprintf("%s listener %s   %s%s", at.Local().Format(time.TimeOnly), c.Listener, over, c.End)
}
