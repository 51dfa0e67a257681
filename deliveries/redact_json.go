package deliveries

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// JSON gives a JSON text without the values of secret members: of secret names at any depth, and at the paths asked for. All else stays byte for
// byte. The text may end anywhere (only the first 4 KiB were kept); what is no JSON object or array is returned as it is.
func (r *Redactor) JSON(text []byte) []byte {
	start := bytes.TrimLeft(text, " \t\r\n")
	if len(start) == 0 || start[0] != '{' && start[0] != '[' {
		return text
	}
	w := jsonWalk{redactor: r, text: text}
	w.walk()
	return w.result()
}

// secretMember tells whether the value at a path is to be redacted.
func (r *Redactor) secretMember(path string) bool {
	for _, p := range r.paths {
		if p == path {
			return true
		}
	}
	return r.secret(path[strings.LastIndexByte(path, '.')+1:])
}

// jsonPath tells whether an entry of log.redact is a path.
func jsonPath(entry string) (string, bool) {
	if path, found := strings.CutPrefix(entry, "json:"); found {
		return path, true
	}
	return entry, strings.ContainsAny(entry, ".[")
}

// cleanPath gives a path its one spelling: "a.b", "items[0].id".
func cleanPath(path string) (string, error) {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "$"), ".")
	for step := range strings.SplitSeq(path, ".") {
		name, indices, _ := strings.Cut(step, "[")
		if name == "" && (indices == "" || !strings.HasPrefix(path, step)) {
			return "", errors.New("want a path of names and indices, such as items[0].id")
		}
		if indices == "" {
			continue
		}
		for index := range strings.SplitSeq(strings.TrimSuffix(indices, "]"), "][") {
			if _, err := strconv.ParseUint(index, 10, 31); err != nil {
				return "", errors.New("want a path of names and indices, such as items[0].id")
			}
		}
	}
	return path, nil
}

// jsonWalk goes through a JSON text and copies it, but for the secret values. It is lenient: where the text is no JSON it copies on.
type jsonWalk struct {
	redactor *Redactor
	text     []byte
	at       int
	copied   int // up to here text is in out
	out      []byte
	stack    []level
}

// level is an object or array that is open.
type level struct {
	object bool
	path   string // of the object or array itself
	name   string // of the member that comes, in an object
	index  int    // of the element that comes, in an array
	value  bool   // in an object: the next token is a value
}

func (w *jsonWalk) walk() {
	for w.at < len(w.text) {
		switch c := w.text[w.at]; c {
		case ' ', '\t', '\r', '\n':
			w.at++
		case ',':
			w.comma()
		case ':':
			w.at++
			if top := w.top(); top != nil {
				top.value = top.object
			}
		case '}', ']':
			w.at++
			if len(w.stack) > 0 {
				w.stack = w.stack[:len(w.stack)-1]
			}
		default:
			w.token(c)
		}
	}
}

func (w *jsonWalk) top() *level {
	if len(w.stack) == 0 {
		return nil
	}
	return &w.stack[len(w.stack)-1]
}

func (w *jsonWalk) comma() {
	w.at++
	if top := w.top(); top != nil {
		top.value = false
		top.index++
	}
}

// token is a member's name, or begins a value.
func (w *jsonWalk) token(c byte) {
	top := w.top()
	if top != nil && top.object && !top.value {
		begin := w.at
		w.at = skipValue(w.text, begin)
		top.name = jsonText(w.text[begin:w.at])
		return
	}
	path := top.child()
	if top != nil && w.redactor.secretMember(path) {
		w.redact()
		return
	}
	if c == '{' || c == '[' {
		w.at++
		w.stack = append(w.stack, level{object: c == '{', path: path})
		return
	}
	w.at = skipValue(w.text, w.at)
}

// child is the path of the value that comes.
func (l *level) child() string {
	switch {
	case l == nil:
		return ""
	case !l.object:
		return l.path + "[" + strconv.Itoa(l.index) + "]"
	case l.path == "":
		return l.name
	default:
		return l.path + "." + l.name
	}
}

func (w *jsonWalk) redact() {
	end := skipValue(w.text, w.at)
	value := w.text[w.at:end]
	w.out = append(w.out, w.text[w.copied:w.at]...)
	w.out = append(w.out, '"')
	w.out = append(w.out, redacted(jsonText(value))...)
	w.out = append(w.out, '"')
	w.at, w.copied = end, end
}

func (w *jsonWalk) result() []byte {
	if w.copied == 0 {
		return w.text
	}
	return append(w.out, w.text[w.copied:]...)
}

// jsonText is a JSON string's text, so that a secret is the same in a header and in a body; of any other value its bytes.
func jsonText(value []byte) string {
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return string(value)
	}
	return text
}
