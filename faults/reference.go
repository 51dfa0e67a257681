package faults

import (
	"strings"

	"github.com/faultline/faultline/schema"
)

// Reference is docs/faults.md: every kind of the table, in the words of its own file.
func Reference() string {
	var b strings.Builder
	b.WriteString("# Faults\n\n" +
		"A rule names its faults as keys. Each is a table; one with a main key also takes that key's value alone, and one that needs none takes `true`.\n" +
		"*Terminal* faults end the attempt, a rule has at most one of them; the others shape it and add up. A rule with `deliver_first = true` sends the whole\n" +
		"request to the target, waits for its answer, and then shows the sender its terminal fault.\n\n" +
		"This page is made from the table of fault kinds; `make golden` writes it anew.\n")
	for _, k := range kinds {
		b.WriteString("\n## " + k.Name + "\n\n" + k.Doc + "\n\n" + k.forms() + "\n")
		if fields := schema.Markdown(k.New().Fields()...); strings.Count(fields, "\n") > 2 {
			b.WriteString("\n" + fields)
		}
	}
	return b.String()
}

// forms says how the kind is written and where it acts.
func (k Kind) forms() string {
	var forms []string
	if k.Bare {
		forms = append(forms, "`"+k.Name+" = true`")
	}
	if k.Main != "" {
		forms = append(forms, "`"+k.Name+" = "+k.Main+"`")
	}
	forms = append(forms, "`"+k.Name+" = { … }`")
	effect := "Shapes the attempt."
	if k.Terminal {
		effect = "Terminal."
	}
	if _, admits := k.New().(Refusing); admits {
		effect = "Terminal where it refuses."
	}
	acts := "Acts " + k.Acts.String() + "."
	if k.OnAnswer {
		acts += " In a rule with `match.response` it acts on the target's own answer."
	}
	return strings.Join([]string{effect, acts, "Written " + strings.Join(forms, " or ") + "."}, " ")
}
