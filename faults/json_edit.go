package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/faultline/faultline/schema"
)

// JSONValue is a value of a JSON document, and where it is to stand.
type JSONValue struct {
	Path  schema.JSONPath
	Value string // as JSON
}

const wantJSONValues = `a table such as { status = "paid", "items[0].id" = 7 }`

// readJSONValues reads the values of a table whose keys are paths below a path: { claim.type = "x" } and { "claim.type" = "x" } are the same.
func readJSONValues(v schema.Value, above string) (values []JSONValue) {
	if _, isTable := v.Raw.(map[string]any); !isTable {
		v.Reject("not a table", wantJSONValues, "")
		return nil
	}
	for _, key := range v.Keys() {
		field, full := v.Key(key), key
		if above != "" {
			full = above + "." + key
		}
		if len(field.Keys()) > 0 {
			values = append(values, readJSONValues(field, full)...)
			continue
		}
		path, err := schema.ParseJSONPath(full)
		switch {
		case err != nil:
			field.Complain("is no JSON path", "names and indices such as a.b or items[0].id")
		case !isJSON(field):
			field.Reject("not a value of JSON", "a string, a number, true, false, or a list of them", "")
		default:
			values = append(values, JSONValue{path, asJSON(field.Raw)})
		}
	}
	return values
}

// isJSON reports whether JSON has such a value: it has no dates, and no numbers that are none.
func isJSON(v schema.Value) bool {
	switch raw := v.Raw.(type) {
	case string, int64, bool:
		return true
	case float64:
		return !math.IsNaN(raw) && !math.IsInf(raw, 0)
	case map[string]any:
		return !slices.ContainsFunc(v.Keys(), func(key string) bool { return !isJSON(v.Key(key)) })
	}
	elements, isList := v.List()
	return isList && !slices.ContainsFunc(elements, func(element schema.Value) bool { return !isJSON(element) })
}

// asJSON is a value that isJSON as JSON.
func asJSON(raw any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(raw); err != nil {
		panic(fmt.Sprintf("faults: encode %v: %v", raw, err))
	}
	return strings.TrimSpace(b.String())
}

// readJSONPaths reads a JSON path, or a list of them.
func readJSONPaths(v schema.Value) (paths []schema.JSONPath) {
	texts, ok := schema.ReadStrings(v)
	if !ok {
		v.Reject("not a list of strings", "a JSON path, or a list of them", "")
	}
	for _, text := range texts {
		path, err := schema.ParseJSONPath(text)
		if err != nil {
			v.Reject("is no JSON path", "names and indices such as a.b or items[0].id", "")
			continue
		}
		paths = append(paths, path)
	}
	return paths
}

// setJSON sets a value in a document that is valid JSON. What is not there is made; an error says what is in the way.
func setJSON(document []byte, value JSONValue) ([]byte, error) {
	if _, err := follow(document, value.Path); err != nil {
		return nil, err
	}
	changed, err := sjson.SetRawBytes(document, spelled(value.Path), []byte(value.Value))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", value.Path.Text, err)
	}
	return changed, nil
}

// removeJSON leaves a value out of a document that is valid JSON. An error says why it is not there.
func removeJSON(document []byte, path schema.JSONPath) ([]byte, error) {
	found, err := follow(document, path)
	if err == nil && !found {
		err = fmt.Errorf("%s is not there", path.Text)
	}
	if err != nil {
		return nil, err
	}
	changed, err := sjson.DeleteBytes(document, spelled(path))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Text, err)
	}
	return changed, nil
}

// follow reports whether a path leads to a value; an error says what on its way is neither what the path takes it for, nor null.
func follow(document []byte, path schema.JSONPath) (found bool, err error) {
	value := gjson.ParseBytes(document)
	for i, step := range path.Steps {
		switch {
		case value.Type == gjson.Null && i > 0:
			return false, nil
		case step.Name != "" && !value.IsObject():
			return false, fmt.Errorf("%s leads through what is no object", path.Text)
		case step.Name == "" && !value.IsArray():
			return false, fmt.Errorf("%s leads through what is no array", path.Text)
		}
		if value = value.Get(strings.TrimPrefix(spelled(schema.JSONPath{Steps: path.Steps[i : i+1]}), ":")); !value.Exists() {
			return false, nil
		}
	}
	return true, nil
}

// spelled is a path as sjson writes it: a name is never an index, and nothing in one has a meaning.
func spelled(path schema.JSONPath) string {
	parts := make([]string, len(path.Steps))
	for i, step := range path.Steps {
		if parts[i] = ":" + step.Name; step.Name == "" {
			parts[i] = strconv.Itoa(step.Index)
		}
	}
	return strings.Join(parts, ".")
}
