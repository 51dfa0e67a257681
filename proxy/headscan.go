package proxy

import (
	"bytes"
	"net/http"
	"strings"
)

// headScan watches the answers of a target for fields that net/http takes out of a head, or adds to one, before anybody can look. What it has seen counts for as
// long as the connection lasts, but for what it says otherwise. The zero value is ready.
type headScan struct {
	twice  bool // Transfer-Encoding and Content-Length in one head
	cached bool // Cache-Control

	name   []byte // of the line under way, as far as it matters
	past   bool   // the line is past its name
	te, cl bool   // in the head under way
	value  []byte // of the line under way, if it is a Connection
	keeps  bool   // it is

	answer      bool     // in the head of an answer
	interim     bool     // which is not the last word
	answerCoded bool     // Transfer-Encoding in the latest head of an answer
	connection  []string // values of Connection in it
	bounded     bool     // one answer is looked at after the other
	over        bool     // the head of one is: what follows is its body
}

const (
	fieldCoding       = "transfer-encoding"
	fieldLength       = "content-length"
	fieldCacheControl = "cache-control"
	fieldConnection   = "connection"
)

// begins are the bytes that a line may begin with to be looked at: one of a name above, of the first line of an answer, of the empty one. Most others do not.
var begins = func() (is [256]bool) {
	for _, c := range "TtCcHh\r" {
		is[c] = true
	}
	return is
}()

// misframed reports whether a message had two framings: RFC 9112 6.3 has the connection closed after it.
func (s *headScan) misframed() bool { return s.twice }

// uninvent takes out the Cache-Control that net/http adds to a head with Pragma.
func (s *headScan) uninvent(h http.Header) {
	if !s.cached {
		delete(h, "Cache-Control")
	}
}

// restore puts back the Connection that net/http takes out of an answer whose connection is to be closed.
func (s *headScan) restore(h http.Header) {
	if len(s.connection) > 0 {
		h["Connection"] = s.connection
	}
}

// next begins to look at the head of an answer; what follows that is none of it, until next is called again.
func (s *headScan) next() { s.bounded, s.over = true, false }

// pass looks at what came next.
func (s *headScan) pass(p []byte) {
	for len(p) > 0 && !s.over {
		line, rest, ended := bytes.Cut(p, []byte{'\n'})
		s.part(line)
		if !ended {
			return
		}
		s.endLine()
		p = rest
	}
}

// part takes a part of a line.
func (s *headScan) part(p []byte) {
	if s.past {
		if s.keeps {
			s.value = append(s.value, p...)
		}
		return
	}
	if len(s.name) == 0 && len(p) > 0 && !begins[p[0]] {
		s.past = true
		return
	}
	room := len(fieldCoding) + 1 - len(s.name) // a longer name is none of ours
	name, _, ended := bytes.Cut(p[:min(room, len(p))], []byte{':'})
	s.name = append(s.name, name...)
	if ended {
		s.field()
	}
	if s.keeps {
		s.value = append(s.value, p[len(name)+1:]...)
	}
	s.past = ended || len(s.name) > len(fieldCoding)
}

func (s *headScan) field() {
	switch {
	case s.named(fieldCoding):
		s.te, s.answerCoded = true, s.answer
	case s.named(fieldLength):
		s.cl = true
	case s.named(fieldCacheControl):
		s.cached = true
	case s.named(fieldConnection):
		s.keeps = s.answer
	}
	if s.te && s.cl {
		s.twice = true
	}
}

// named reports whether the line under way is a field's with this name, in whatever letters.
func (s *headScan) named(field string) bool {
	return len(s.name) == len(field) && strings.EqualFold(string(s.name), field)
}

// endLine ends a line; an empty one ends a head.
func (s *headScan) endLine() {
	switch {
	case s.keeps:
		s.connection = append(s.connection, string(bytes.TrimSpace(s.value)))
	case bytes.HasPrefix(s.name, []byte("HTTP/1.")) && !s.answer:
		s.answer, s.answerCoded, s.connection = true, false, nil
		_, status, _ := bytes.Cut(s.name, []byte{' '})
		s.interim = bytes.HasPrefix(status, []byte{'1'}) && !bytes.HasPrefix(status, []byte("101"))
	case !s.past && len(bytes.TrimSuffix(s.name, []byte{'\r'})) == 0:
		s.over = s.bounded && s.answer && !s.interim
		s.te, s.cl, s.answer = false, false, false
	}
	s.name, s.past = s.name[:0], false
	s.value, s.keeps = s.value[:0], false
}
