package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// jsonPath is a place in a JSON document: names and indices, nothing cleverer. One meaning for keys and matches.
type jsonPath struct {
	text  string
	steps []jsonStep
}

// jsonStep is one name, or (name "") one index.
type jsonStep struct {
	name  string
	index int
}

// parseJSONPath reads a.b, $.a.b, items[0].id.
func parseJSONPath(text string) (jsonPath, error) {
	rest := text
	if rest == "$" || strings.HasPrefix(rest, "$.") || strings.HasPrefix(rest, "$[") {
		rest = strings.TrimPrefix(rest[1:], ".")
	}
	path := jsonPath{text: text}
	for wantName := true; rest != ""; {
		var step jsonStep
		var err error
		switch {
		case strings.HasPrefix(rest, "["):
			step, rest, err = cutIndex(rest)
			wantName = false
		case wantName:
			step, rest, err = cutName(rest)
			wantName = false
		case rest[0] == '.':
			rest, wantName = rest[1:], true
			if rest == "" || rest[0] == '[' {
				err = errJSONPath
			}
			if err == nil {
				continue
			}
		default:
			err = errJSONPath
		}
		if err != nil {
			return jsonPath{}, fmt.Errorf("path %q: %w", text, err)
		}
		path.steps = append(path.steps, step)
	}
	if len(path.steps) == 0 {
		return jsonPath{}, fmt.Errorf("path %q: %w", text, errJSONPath)
	}
	return path, nil
}

// errJSONPath says what a path looks like.
var errJSONPath = fmt.Errorf("not names and indices such as a.b or items[0].id")

// cutIndex cuts [12] off.
func cutIndex(text string) (jsonStep, string, error) {
	inside, rest, closed := strings.Cut(text[1:], "]")
	index, err := strconv.ParseUint(inside, 10, 31)
	if !closed || err != nil || inside != strconv.FormatUint(index, 10) {
		return jsonStep{}, "", errJSONPath
	}
	return jsonStep{index: int(index)}, rest, nil
}

// cutName cuts a name off, up to the next point or bracket.
func cutName(text string) (jsonStep, string, error) {
	end := strings.IndexAny(text, ".[")
	if end < 0 {
		end = len(text)
	}
	name := text[:end]
	if name == "" || strings.ContainsAny(name, `*?#|@!{}()<>=%\"'], `+"\t\n\r") {
		return jsonStep{}, "", errJSONPath
	}
	return jsonStep{name: name}, text[end:], nil
}

// find is the value at the path. With a name that is there twice the first one counts.
func (p jsonPath) find(doc gjson.Result) (value gjson.Result, found bool) {
	value, _, found = p.locate(doc)
	return value, found
}

// locate is find, and where the value with its name begins in the document.
func (p jsonPath) locate(doc gjson.Result) (value gjson.Result, begin int, found bool) {
	value = doc
	for _, step := range p.steps {
		if value, begin, found = step.from(value); !found {
			return gjson.Result{}, 0, false
		}
	}
	return value, begin, true
}

func (s jsonStep) from(value gjson.Result) (child gjson.Result, begin int, found bool) {
	if s.name != "" && !value.IsObject() || s.name == "" && !value.IsArray() {
		return gjson.Result{}, 0, false
	}
	i := 0
	value.ForEach(func(key, element gjson.Result) bool {
		if s.name != "" {
			found, begin = key.Str == s.name, key.Index
		} else {
			found, begin = i == s.index, element.Index
		}
		child = element
		i++
		return !found
	})
	return child, begin, found
}

// maxJSONDepth is how deep a body's JSON may be nested; deeper it is taken for no JSON.
const maxJSONDepth = 10_000

// parseJSON reads a whole body. ok is false when it is not JSON.
func parseJSON(body []byte) (doc gjson.Result, ok bool) {
	if !shallow(body) || !gjson.ValidBytes(body) {
		return gjson.Result{}, false
	}
	return gjson.ParseBytes(body), true
}

// shallow reports whether body is nested no deeper than a recursive reader can bear.
func shallow(body []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxJSONDepth {
				return false
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return true
}

// withoutPaths is a document's bytes without the values at paths: what is left is compared, never read again.
func withoutPaths(body []byte, paths []jsonPath) []byte {
	for _, path := range paths {
		doc, ok := parseJSON(body)
		if !ok {
			return body
		}
		if value, begin, found := path.locate(doc); found {
			body = cutMember(body, begin, value.Index+len(value.Raw))
		}
	}
	return body
}

// cutMember is body without [begin, end) and one of the commas around it: valid JSON stays valid.
func cutMember(body []byte, begin, end int) []byte {
	if after := skipSpace(body, end, 1); after < len(body) && body[after] == ',' {
		return join(body[:begin], body[skipSpace(body, after+1, 1):])
	}
	if before := skipSpace(body, begin-1, -1); before >= 0 && body[before] == ',' {
		return join(body[:before], body[end:])
	}
	return join(body[:begin], body[end:])
}

func join(a, b []byte) []byte { return append(append(make([]byte, 0, len(a)+len(b)), a...), b...) }

func skipSpace(body []byte, at, step int) int {
	for at >= 0 && at < len(body) && strings.IndexByte(" \t\r\n", body[at]) >= 0 {
		at += step
	}
	return at
}
