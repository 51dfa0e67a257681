package deliveries

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"hash"
	"strings"
	"unicode/utf8"
)

// jsonToken is a member's name, or a value.
type jsonToken struct {
	role  jsonRole
	shape jsonShape
	ended bool // at the byte that was last looked at

	quoted, escaped bool // in a string, behind its backslash
	depth           int  // in an object or array

	text []byte // of a name or a secret, as far as it is held
	sum  hash.Hash
	size int
}

type jsonRole int

const (
	roleNone jsonRole = iota // between tokens
	roleName
	roleValue
	roleSecret
)

type jsonShape int

const (
	shapeString jsonShape = iota
	shapeNested
	shapeScalar
)

// mostToken is how much of a token is held. A longer name is none that anybody asks for.
const mostToken = 1 << 20

func (t *jsonToken) begin(role jsonRole, c byte) {
	*t = jsonToken{role: role, text: t.text[:0], sum: t.sum}
	switch c {
	case '"':
		t.shape = shapeString
	case '{', '[':
		t.shape = shapeNested
	default:
		t.shape = shapeScalar
	}
	switch {
	case role != roleSecret:
	case t.sum == nil:
		t.sum = sha256.New()
	default:
		t.sum.Reset()
	}
}

// take takes what of p belongs to the token, and gives how much that is.
func (t *jsonToken) take(p []byte) (n int) {
	for n < len(p) && !t.ended {
		for t.quoted && !t.escaped && n < len(p)-1 && p[n] != '"' && p[n] != '\\' {
			n++
		}
		if t.shape == shapeScalar && (n > 0 || t.size > 0) && strings.IndexByte(" \t\r\n,:{}[]\"", p[n]) >= 0 {
			t.ended = true
			break
		}
		t.look(p[n])
		n++
	}
	t.keep(p[:n])
	return n
}

// look takes note of a byte of a string, or of an object or array.
func (t *jsonToken) look(c byte) {
	switch {
	case t.shape == shapeScalar:
	case t.escaped:
		t.escaped = false
	case t.quoted && c == '\\':
		t.escaped = true
	case c == '"':
		t.quoted = !t.quoted
		t.ended = !t.quoted && t.depth == 0
	case t.quoted:
	case c == '{' || c == '[':
		t.depth++
	case c == '}' || c == ']':
		t.depth--
		t.ended = t.depth == 0
	}
}

func (t *jsonToken) keep(p []byte) {
	t.size += len(p)
	if t.role == roleValue {
		return
	}
	t.text = append(t.text, p[:min(len(p), mostToken-len(t.text))]...)
	if t.role == roleSecret {
		t.sum.Write(p)
	}
}

// redacted stands for the secret: of a string that is held, for its text.
func (t *jsonToken) redacted() string {
	if t.size > len(t.text) {
		return redactedAs(t.sum.Sum(nil))
	}
	return redacted(jsonText(t.text))
}

// jsonText is a JSON string's text, so that a secret is the same in a header and in a body; of any other value its bytes.
func jsonText(value []byte) string {
	if plain := len(value) - 1; plain > 0 && value[0] == '"' && value[plain] == '"' && !bytes.ContainsFunc(value[1:plain], encoded) {
		return string(value[1:plain]) // as most are, and cheaper
	}
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return string(value)
	}
	return text
}

// encoded reports whether a character may stand for another one in a JSON string, or in no string.
func encoded(r rune) bool { return r < ' ' || r == '\\' || r == '"' || r >= utf8.RuneSelf }
