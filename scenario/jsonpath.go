package scenario

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/faultline/faultline/schema"
)

// jsonPath is a place in a JSON document that a key or a match looks for.
type jsonPath schema.JSONPath

func parseJSONPath(text string) (jsonPath, error) {
	path, err := schema.ParseJSONPath(text)
	return jsonPath(path), err
}

// find is the value at the path. With a name that is there twice the first one counts.
func (p jsonPath) find(doc gjson.Result) (value gjson.Result, found bool) {
	value, _, found = p.locate(doc)
	return value, found
}

// locate is find, and where the value with its name begins in the document.
func (p jsonPath) locate(doc gjson.Result) (value gjson.Result, begin int, found bool) {
	value = doc
	for _, step := range p.Steps {
		if value, begin, found = childOf(value, step); !found {
			return gjson.Result{}, 0, false
		}
	}
	return value, begin, true
}

func childOf(value gjson.Result, s schema.JSONStep) (child gjson.Result, begin int, found bool) {
	if s.Name != "" && !value.IsObject() || s.Name == "" && !value.IsArray() {
		return gjson.Result{}, 0, false
	}
	i := 0
	value.ForEach(func(key, element gjson.Result) bool {
		if s.Name != "" {
			found, begin = key.Str == s.Name, key.Index
		} else {
			found, begin = i == s.Index, element.Index
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
