package schema

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
				v.Key(f.Key).Complain("is missing", "")
			}
		}
		v.rejectUnknown(fields)
	})
}

func (v Value) rejectUnknown(fields []Field) {
	names := make([]string, len(fields))
	known := make(map[string]bool, len(fields))
	for i, f := range fields {
		names[i] = f.Key
		known[f.Key] = true
	}
	for _, key := range v.Keys() {
		if !known[key] {
			v.Key(key).report(Problem{What: "unknown key", Hint: meant(closest(key, names))})
		}
	}
}

// meant is the hint after a typo.
func meant(name string) string {
	if name == "" {
		return ""
	}
	return `did you mean "` + name + `"?`
}
