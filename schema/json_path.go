package schema

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// JSONPath is a place in a JSON document: names and indices, nothing cleverer. It has one meaning wherever a scenario writes one.
type JSONPath struct {
	Text  string // as it was written
	Steps []JSONStep
}

// JSONStep is one name, or (Name "") one index.
type JSONStep struct {
	Name  string
	Index int
}

// ParseJSONPath reads a.b, $.a.b, items[0].id.
func ParseJSONPath(text string) (JSONPath, error) {
	rest := text
	if rest == "$" || strings.HasPrefix(rest, "$.") || strings.HasPrefix(rest, "$[") {
		rest = strings.TrimPrefix(rest[1:], ".")
	}
	path := JSONPath{Text: text}
	for wantName := true; rest != ""; {
		var step JSONStep
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
			return JSONPath{}, fmt.Errorf("path %q: %w", text, err)
		}
		path.Steps = append(path.Steps, step)
	}
	if len(path.Steps) == 0 {
		return JSONPath{}, fmt.Errorf("path %q: %w", text, errJSONPath)
	}
	return path, nil
}

// errJSONPath says what a path looks like.
var errJSONPath = errors.New("not names and indices such as a.b or items[0].id")

// cutIndex cuts [12] off.
func cutIndex(text string) (JSONStep, string, error) {
	inside, rest, closed := strings.Cut(text[1:], "]")
	index, err := strconv.ParseUint(inside, 10, 31)
	if !closed || err != nil || inside != strconv.FormatUint(index, 10) {
		return JSONStep{}, "", errJSONPath
	}
	return JSONStep{Index: int(index)}, rest, nil
}

// cutName cuts a name off, up to the next point or bracket.
func cutName(text string) (JSONStep, string, error) {
	end := strings.IndexAny(text, ".[")
	if end < 0 {
		end = len(text)
	}
	name := text[:end]
	if name == "" || strings.ContainsAny(name, `*?#|@!{}()<>=%\"'], `+"\t\n\r") {
		return JSONStep{}, "", errJSONPath
	}
	return JSONStep{Name: name}, text[end:], nil
}
