package scenario

import (
	"errors"
	"math"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/schema"
)

const wantCondition = "a glob, a list of them, or false (absent)"

// conditions is a field of a table from names to what they must be.
func conditions(to *[]fieldCondition, key, doc string, name func(string) (string, error)) schema.Field {
	return schema.Func(key, "table", "a table", doc, func(v schema.Value) {
		if _, isTable := v.Raw.(map[string]any); !isTable {
			v.Reject("not a table", `a table such as { Name = "value" }`, "")
			return
		}
		for _, key := range v.Keys() {
			field := v.Key(key)
			c := fieldCondition{}
			var err error
			if c.name, err = name(key); err != nil {
				var w *wrong
				errors.As(err, &w)
				field.RejectKey(key, w.what, w.want, w.hint)
				continue
			}
			if c.read(field) {
				*to = append(*to, c)
			}
		}
	}).Shaped(schema.Named(schema.Some(schema.Either(schema.Shape{"type": "string"}, schema.Constant(false)))))
}

func canonicalField(name string) (string, error) {
	if !faults.ValidName(name) {
		return "", &wrong{"is no name of a header field", "letters, digits and hyphens", ""}
	}
	switch canonical := faults.CanonicalName(name); canonical {
	case "Host":
		return "", &wrong{"is not looked at here", "match.host", ""}
	case "Transfer-Encoding", "Content-Length":
		return "", &wrong{"is not looked at here", "match.size for the body's size", ""}
	default:
		return canonical, nil
	}
}

func (c *fieldCondition) read(v schema.Value) (ok bool) {
	values, isList := v.List()
	if !isList {
		values = []schema.Value{v}
	}
	if len(values) == 0 {
		v.Reject("is an empty list: nothing can hold", wantCondition, "leave it out, and anything does")
	}
	sound := v.Sound(func() {
		for _, value := range values {
			switch raw := value.Raw.(type) {
			case string:
				c.globs = append(c.globs, raw)
			case bool:
				if raw {
					value.Reject("not a condition", wantCondition, `"*" holds for any value`)
				}
				c.absent = true
			default:
				value.Reject("not a condition", wantCondition, "")
			}
		}
	})
	return sound && len(values) > 0
}

// readJSON reads the table of paths.
func (m *Match) readJSON(v schema.Value) {
	if _, isTable := v.Raw.(map[string]any); !isTable {
		v.Reject("not a table", `a table such as { type = "claim.paid" }`, "")
		return
	}
	m.readJSONTable(v, "")
}

// readJSONTable reads a table of paths below a path: { claim.type = "x" } and { "claim.type" = "x" } are the same.
func (m *Match) readJSONTable(v schema.Value, above string) {
	for _, key := range v.Keys() {
		field := v.Key(key)
		full := key
		if above != "" {
			full = above + "." + key
		}
		if _, isTable := field.Raw.(map[string]any); isTable {
			m.readJSONTable(field, full)
			continue
		}
		path, err := parseJSONPath(full)
		if err != nil {
			field.RejectKey(full, "is no JSON path", "names and indices such as a.b or items[0].id", "")
			continue
		}
		if wants, ok := readWants(field); ok {
			m.JSON = append(m.JSON, jsonCondition{path, wants})
		}
	}
}

func readWants(v schema.Value) (wants []any, ok bool) {
	const want = "a string, a number, true, false, or a list of them"
	values, isList := v.List()
	if !isList {
		values = []schema.Value{v}
	}
	if len(values) == 0 {
		v.Reject("is an empty list: nothing can hold", want, "leave it out, and anything does")
	}
	sound := v.Sound(func() {
		for _, value := range values {
			switch raw := value.Raw.(type) {
			case string, int64, bool:
				wants = append(wants, raw)
			case float64:
				if math.IsNaN(raw) || math.IsInf(raw, 0) {
					value.Reject("is no number of JSON", want, "")
				}
				wants = append(wants, raw)
			default:
				value.Reject("not a value of JSON", want, "")
			}
		}
	})
	return wants, sound && len(values) > 0
}
