package proxy

import (
	"net/http"
	"strconv"
	"time"

	"github.com/faultline/faultline/http1"
)

// statusText is the phrase of a status, of one that has none as net/http writes it.
func statusText(status int) string {
	if text := http.StatusText(status); text != "" {
		return text
	}
	return "status code " + strconv.Itoa(status)
}

// frame finds out how the body is framed, and what becomes of the connection (RFC 9112 6.3, 9.3).
func (w *reply) frame() {
	h := w.header
	modern := w.r.ProtoAtLeast(1, 1)
	w.bare = w.r.Method == http.MethodHead || http1.Bodiless(w.status)
	if n, err := strconv.ParseUint(h.Get("Content-Length"), 10, 63); err == nil {
		w.length = int64(n)
	}
	ends := w.bare || w.length >= 0 // it can be told where
	w.chunks = !ends && modern
	if !modern && !ends || h.Get("Connection") == "close" || w.waited() || w.s.closing.Load() {
		w.closes = true
	}
	w.names = http1.TrailerNames(h["Trailer"])
}

// waited reports whether the sender has waited for a 100, and its body is not read to its end: whether what it sends next is that is not known.
func (w *reply) waited() bool {
	return w.conn.head.Waits && !w.body.Ended()
}

// What is left out of a head: it is written from what follows, or must not be there.
var (
	coded    = map[string]bool{"Transfer-Encoding": true}
	bodiless = with(coded, "Content-Length")
	closing  = with(coded, "Connection")
	both     = with(bodiless, "Connection")
)

func (w *reply) leftOut() map[string]bool {
	uncounted := w.chunks || w.status == http.StatusNoContent
	switch {
	case w.closes && uncounted:
		return both
	case w.closes:
		return closing
	case uncounted:
		return bodiless
	default:
		return coded
	}
}

// writeInterim writes the head of an answer that is not the last word (RFC 9110 15.2).
func (w *reply) writeInterim(status int) {
	w.writeStatus(status, http.StatusText(status))
	http1.WriteFields(w.out, w.header, bodiless)
	w.out.WriteString("\r\n")
}

func (w *reply) writeHead() {
	phrase := statusText(w.status)
	if w.phrase != nil {
		phrase = *w.phrase
	}
	w.writeStatus(w.status, phrase)
	http1.WriteFields(w.out, w.header, w.leftOut())
	w.writeOwn()
	w.out.WriteString("\r\n")
}

func (w *reply) writeStatus(status int, phrase string) {
	minor := 0
	if w.r.ProtoAtLeast(1, 1) {
		minor = 1
	}
	http1.WriteStatusLine(w.buffer(), minor, status, phrase)
}

// writeOwn writes the fields that are not given.
func (w *reply) writeOwn() {
	if _, given := w.header["Date"]; !given {
		http1.WriteField(w.out, "Date", time.Now().UTC().Format(http.TimeFormat))
	}
	_, given := w.header["Connection"]
	switch modern := w.r.ProtoAtLeast(1, 1); {
	case w.closes && (modern || given):
		http1.WriteField(w.out, "Connection", "close")
	case !w.closes && !modern && !given:
		http1.WriteField(w.out, "Connection", "keep-alive")
	}
	if w.chunks {
		http1.WriteField(w.out, "Transfer-Encoding", "chunked")
	}
}
