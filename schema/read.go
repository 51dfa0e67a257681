package schema

import "strings"

// Read reads a table: every key of it must be one of fields, every required field must be there. Fields are read in their order. All problems
// are reported; sound is false when there was one.
func (v Value) Read(fields ...Field) (sound bool) {
	return v.Sound(func() {
		table, isTable := v.Raw.(map[string]any)
		if !isTable {
			v.Reject("not a table", "a table", "")
			return
		}
		for _, f := range fields {
			if _, given := table[f.Key]; given {
				f.read(v.Key(f.Key))
			} else if f.Required {
				v.Key(f.Key).Reject("is missing", f.wanted(), "")
			}
		}
		v.rejectUnknown(fields)
	})
}

func (v Value) rejectUnknown(fields []Field) {
	known := make(map[string]bool, len(fields))
	var allowed []string
	for _, f := range fields {
		known[f.Key] = true
		allowed = append(allowed, f.Key)
	}
	for _, key := range v.Keys() {
		if !known[key] {
			v.Key(key).report(Problem{What: "unknown key", Want: oneOf(allowed), Hint: meant(suggestion(key, fields))})
		}
	}
}

func oneOf(names []string) string {
	if len(names) == 0 {
		return "no key at all"
	}
	return "one of " + strings.Join(names, ", ")
}

// suggestion is the key that an unknown one most likely meant: one of a table below that has this very name, or one that is spelled alike.
func suggestion(key string, fields []Field) string {
	names := make([]string, 0, len(fields))
	for _, f := range fields {
		for _, below := range f.Fields {
			if below.Key == key {
				return f.Key + "." + key
			}
		}
		names = append(names, f.Key)
	}
	return Closest(key, names)
}

// meant is the hint after a typo.
func meant(name string) string {
	if name == "" {
		return ""
	}
	return `did you mean "` + name + `"?`
}
