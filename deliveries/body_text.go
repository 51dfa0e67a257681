package deliveries

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"unicode/utf8"
)

// Body is a body as it stands in the log: a string, or {"base64": …} for bytes that are no UTF-8. It is held in pieces, and written from them.
type Body struct{ json Kept }

// MarshalJSON gives it in one piece.
func (b *Body) MarshalJSON() ([]byte, error) { return b.json.bytes(), nil }

// bodyText makes a Body of what was kept of one.
type bodyText struct {
	redact *Redactor
	cut    bool // it may have been cut, within a character
}

// encode uses up what was kept: piece by piece what was read of it makes room for what is written.
func (t bodyText) encode(kept *Kept) *Body {
	if !t.isText(kept) {
		return t.encodeBinary(kept)
	}
	body := new(Body)
	body.json.Append([]byte{'"'})
	text := jsonString{to: &body.json}
	characters := characters{to: text.write}
	t.pass(kept, &characters, &body.json)
	body.json.Append([]byte{'"'})
	body.json.free = nil
	return body
}

func (t bodyText) encodeBinary(kept *Kept) *Body {
	body := new(Body)
	body.json.Append([]byte(`{"base64":"`))
	encoder := base64.NewEncoder(base64.StdEncoding, &body.json)
	t.pass(kept, encoder, &body.json)
	_ = encoder.Close() // memory takes all that is written
	body.json.Append([]byte(`"}`))
	body.json.free = nil
	return body
}

// isText reports whether all of it is UTF-8.
func (t bodyText) isText(kept *Kept) bool {
	valid := true
	characters := characters{to: func(part []byte) { valid = valid && utf8.Valid(part) }}
	t.pass(kept, &characters, nil)
	return valid && (t.cut || len(characters.rest) == 0)
}

// pass passes on what was kept, without its secrets; used, when set, gets the pieces that were read.
func (t bodyText) pass(kept *Kept, to io.Writer, used *Kept) {
	text := jsonRedaction{redactor: t.redact, to: to}
	for i, piece := range kept.pieces {
		_, _ = text.Write(piece) // as in encodeBinary
		if used != nil {
			kept.pieces[i] = nil
			used.free = append(used.free, piece[:0])
		}
	}
	text.end()
}

// characters passes a text on in parts that end between two characters.
type characters struct {
	to   func(part []byte)
	rest []byte // of a character that has begun
	part []byte
}

// mostPart is how long a part may be.
const mostPart = 16 << 10

func (c *characters) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		n := min(len(p), mostPart)
		c.part = append(append(c.part[:0], c.rest...), p[:n]...)
		whole := wholeCharacters(c.part)
		c.to(c.part[:whole])
		c.rest = append(c.rest[:0], c.part[whole:]...)
		p = p[n:]
	}
	return written, nil
}

// wholeCharacters is how much of a text there is before a character that is cut at its end.
func wholeCharacters(text []byte) int {
	for back := 1; back <= min(utf8.UTFMax-1, len(text)); back++ {
		tail := text[len(text)-back:]
		if !utf8.RuneStart(tail[0]) {
			continue
		}
		if !utf8.FullRune(tail) {
			return len(text) - back
		}
		break
	}
	return len(text)
}

// jsonString writes parts of a text as encoding/json writes them in a string.
type jsonString struct {
	to      *Kept
	buf     bytes.Buffer
	encoder *json.Encoder
	part    textPart
}

// textPart is a text that encoding/json need not copy.
type textPart []byte

func (t *textPart) MarshalText() ([]byte, error) { return *t, nil }

func (s *jsonString) write(part []byte) {
	if s.encoder == nil {
		s.encoder = json.NewEncoder(&s.buf)
		s.encoder.SetEscapeHTML(false)
	}
	s.buf.Reset()
	s.part = part
	if err := s.encoder.Encode(&s.part); err != nil {
		panic("deliveries: encode a text: " + err.Error()) // any text can be
	}
	quoted := bytes.TrimSuffix(s.buf.Bytes(), []byte{'\n'})
	s.to.Append(quoted[1 : len(quoted)-1])
}
