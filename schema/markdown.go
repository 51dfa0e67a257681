package schema

import (
	"fmt"
	"strings"
)

// Markdown is a table of keys for the docs.
func Markdown(fields ...Field) string {
	var b strings.Builder
	b.WriteString("| key | value | default | meaning |\n|---|---|---|---|\n")
	for _, f := range fields {
		def := f.Default
		if f.Required {
			def = "required"
		}
		allowed := f.Allowed
		if allowed == "" {
			allowed = f.Type
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Key, cell(allowed), cell(def), cell(f.Doc))
	}
	return b.String()
}

// cell is a text inside a table of Markdown.
func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }
