package proxy

import "bytes"

// requestLine is the beginning of a request on its way to net/http, which refuses a target with a % that begins no escape. That is the target's affair
// (RFC 9112 3.2): it is written as %25 for the server, and what the sender wrote is kept. A line is held until it is whole; one that came behind another request, in
// one piece with it, is not seen here. The zero value passes everything on.
type requestLine struct {
	most   int    // bytes that are held at most
	open   bool   // the line is under way
	held   []byte // of it
	ready  []byte // to be read
	target string // of a line that was mended, as it came
}

// begin is called when the first bytes of a request have come.
func (l *requestLine) begin(most int) {
	l.most, l.open, l.held, l.target = most, true, nil, ""
}

// pass takes what came next, and gives how much of it may be handed on as it is; the rest is held or ready.
func (l *requestLine) pass(p []byte) int {
	if !l.open {
		return len(p)
	}
	if line, _, whole := bytes.Cut(p, []byte{'\n'}); whole && l.held == nil && !bytes.Contains(line, []byte{'%'}) {
		l.open = false // as nearly all are
		return len(p)
	}
	l.held = append(l.held, p...)
	end := bytes.IndexByte(l.held, '\n')
	if end < 0 && len(l.held) < l.most && !opensTunnel(l.held) {
		return 0
	}
	l.open = false
	if end >= 0 {
		l.mend(end)
	}
	if l.target == "" && len(l.held) == len(p) {
		l.held = nil
		return len(p)
	}
	l.letGo()
	return 0
}

// opensTunnel reports whether a line begins, as far as it has come, as a CONNECT does: what follows one is read past this.
func opensTunnel(line []byte) bool {
	const connect = "CONNECT "
	return bytes.HasPrefix(line, []byte(connect)) || bytes.HasPrefix([]byte(connect), line)
}

// letGo has what is held read. It reports whether that is anything.
func (l *requestLine) letGo() bool {
	l.open = false
	l.ready, l.held = l.held, nil
	return len(l.ready) > 0
}

// read hands out what is ready.
func (l *requestLine) read(p []byte) int {
	n := copy(p, l.ready)
	l.ready = l.ready[n:]
	return n
}

// mend makes of a line that ends at end one that net/http takes.
func (l *requestLine) mend(end int) {
	line := l.held[:end]
	from, to := bytes.IndexByte(line, ' ')+1, bytes.LastIndexByte(line, ' ')
	if from == 0 || to < from || !bytes.HasPrefix(line[to+1:], []byte("HTTP/")) || opensTunnel(line) {
		return
	}
	target := line[from:to]
	escaped := escapePercents(target)
	if len(escaped) == len(target) {
		return
	}
	l.target = string(target)
	l.held = bytes.Join([][]byte{line[:from], escaped, l.held[to:]}, nil)
}

// escapePercents writes each % that begins no escape as one (RFC 3986 2.1, 2.4).
func escapePercents(target []byte) []byte {
	var out []byte
	for i, c := range target {
		out = append(out, c)
		if c == '%' && !(i+2 < len(target) && isHex(target[i+1]) && isHex(target[i+2])) {
			out = append(out, "25"...)
		}
	}
	return out
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
