package deliveries

import (
	"errors"
	"io"
	"strconv"
	"strings"
)

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

// jsonRedaction passes a text on as it comes, in parts of any size. Of a JSON object or array it leaves out the values of secret members: of secret names at
// any depth, and at the paths asked for. All else stays byte for byte, and so does a text that is no JSON: it is lenient. The text may end anywhere (only the
// first 4 KiB were kept). end must be called.
type jsonRedaction struct {
	redactor *Redactor
	to       io.Writer // of which no write may fail

	begun bool // something but space has come
	plain bool // no object and no array: nothing is looked for
	stack []level
	in    jsonToken // the one that is under way
}

// level is an object or array that is open.
type level struct {
	object bool
	path   string // of the object or array itself
	name   string // of the member that comes, in an object
	index  int    // of the element that comes, in an array
	value  bool   // in an object: the next token is a value
}

func (w *jsonRedaction) Write(p []byte) (int, error) {
	passed := 0 // up to here p is passed on, or left out
	for at := 0; at < len(p); {
		if w.plain {
			break
		}
		if w.in.role == roleNone {
			if begins := w.between(p[at]); !begins {
				at++
				continue
			}
			if w.in.role == roleSecret {
				w.pass(p[passed:at])
			}
		}
		n := w.in.take(p[at:])
		at += n
		if w.in.role == roleSecret {
			passed = at
		}
		if w.in.ended {
			w.endToken()
		}
	}
	w.pass(p[passed:])
	return len(p), nil
}

// end passes on what is left: a secret that was cut.
func (w *jsonRedaction) end() {
	if w.in.role != roleNone {
		w.endToken()
	}
}

func (w *jsonRedaction) pass(p []byte) { _, _ = w.to.Write(p) }

// between looks at a byte that stands between tokens, and reports whether it begins one.
func (w *jsonRedaction) between(c byte) (begins bool) {
	switch c {
	case ' ', '\t', '\r', '\n':
		return false
	}
	if !w.begun {
		w.begun = true
		if w.plain = c != '{' && c != '['; w.plain {
			return false
		}
	}
	top := w.top()
	switch c {
	case ',':
		if top != nil {
			top.value = false
			top.index++
		}
	case ':':
		if top != nil {
			top.value = top.object
		}
	case '}', ']':
		w.stack = w.stack[:max(0, len(w.stack)-1)]
	default:
		return w.token(top, c)
	}
	return false
}

func (w *jsonRedaction) top() *level {
	if len(w.stack) == 0 {
		return nil
	}
	return &w.stack[len(w.stack)-1]
}

// token takes the first byte of a name or a value. An object or array that is no secret is looked into.
func (w *jsonRedaction) token(top *level, c byte) (begins bool) {
	if top != nil && top.object && !top.value {
		w.in.begin(roleName, c)
		return true
	}
	path := w.child(top)
	secret := top != nil && w.redactor.secretMember(path)
	switch {
	case secret:
		w.in.begin(roleSecret, c)
	case c == '{' || c == '[':
		w.stack = append(w.stack, level{object: c == '{', path: path})
		return false
	default:
		w.in.begin(roleValue, c)
	}
	return true
}

// child is the path of the value that comes; where no path is asked for, its name.
func (w *jsonRedaction) child(l *level) string {
	switch {
	case l == nil:
		return ""
	case len(w.redactor.paths) == 0:
		return l.name
	case !l.object:
		return l.path + "[" + strconv.Itoa(l.index) + "]"
	case l.path == "":
		return l.name
	default:
		return l.path + "." + l.name
	}
}

func (w *jsonRedaction) endToken() {
	switch w.in.role {
	case roleName:
		w.top().name = jsonText(w.in.text)
	case roleSecret:
		w.pass([]byte(`"` + w.in.redacted() + `"`))
	case roleValue, roleNone:
	}
	w.in.role = roleNone
}
