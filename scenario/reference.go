package scenario

import (
	"strings"
	"time"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/schema"
)

// Reference is docs/scenario.md: every table of the language, in the words of the fields that read it.
func Reference() string {
	var b strings.Builder
	b.WriteString("# The scenario file\n\n" +
		"One TOML file, read strictly: an unknown key, a wrong type, a window that can never open is an error with file, line and key; all of them are\n" +
		"printed. Rules are read from top to bottom, like a firewall: a rule fires when its `match` and its `when` both hold; the reading stops after the\n" +
		"first firing rule that has a terminal fault, `pass = true` or `last = true`. `rate_limit` and `capacity` are terminal only where they refuse. A rule\n" +
		"with `match.response` is passed over, and read when the target has answered, unless a terminal fault or a pass has acted.\n\n" +
		"This page is made from the fields that read a file; `make golden` writes it anew.\n" +
		"`faultline init` writes a JSON Schema of them beside its scenario, for editors that complete and check TOML (taplo, Even Better TOML).\n")
	top := Empty().fields(nil)
	writeTable(&b, "The file", withoutTables(top))
	for _, f := range top {
		switch {
		case f.Key == "rule":
			writeRule(&b)
		case len(f.Fields) > 0:
			writeTable(&b, heading(f), f.Fields)
		}
	}
	return b.String()
}

func writeRule(b *strings.Builder) {
	fields := (&Rule{Enabled: true}).fields(time.UTC, nil)
	writeTable(b, "[[rule]]", withoutFaults(fields))
	b.WriteString("\nand its faults, each a key of its own: see [faults](faults.md).\n")
	for _, f := range fields {
		if len(f.Fields) > 0 {
			writeTable(b, "[[rule]] "+f.Key, f.Fields)
		}
	}
	b.WriteString(timeDoc)
}

const timeDoc = `
### Time

Windows are half-open: they hold at their first moment, and no longer at their last. A rule with several time conditions fires while all of them hold; its
ramps count from the latest opening among them.

` + "`daily` and `days`" + ` go by the clock on the wall of their time zone. Where daylight saving leaves an hour out, a window inside of it does not open that
day; where an hour comes twice, a window inside of it opens twice; a window around the change stays open through it, and is shorter or longer for it.
A date-time without an offset that is left out, or comes twice, is read by the offset before the change (RFC 5545): 02:30 in an hour that is left out is
03:30, in one that comes twice it is the first.
`

func heading(f schema.Field) string {
	if f.Type == "list of tables" {
		return "[[" + f.Key + "]]: " + f.Doc
	}
	return "[" + f.Key + "]: " + f.Doc
}

func writeTable(b *strings.Builder, title string, fields []schema.Field) {
	b.WriteString("\n## " + title + "\n\n" + schema.Markdown(fields...))
}

func withoutTables(fields []schema.Field) []schema.Field {
	return filter(fields, func(f schema.Field) bool { return len(f.Fields) == 0 && f.Key != "rule" })
}

func withoutFaults(fields []schema.Field) []schema.Field {
	return filter(fields, func(f schema.Field) bool {
		_, isFault := faults.Lookup(f.Key)
		return !isFault
	})
}

func filter(fields []schema.Field, keep func(schema.Field) bool) []schema.Field {
	var kept []schema.Field
	for _, f := range fields {
		if keep(f) {
			kept = append(kept, f)
		}
	}
	return kept
}
