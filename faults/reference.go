package faults

import (
	"strings"

	"github.com/faultline/faultline/schema"
)

// Reference is docs/faults.md: every kind of the table, in the words of its own file, and what senders make of it.
func Reference(seen Seen) string {
	var b strings.Builder
	b.WriteString("# Faults\n\n" +
		"A rule names its faults as keys. Each is a table; one with a main key also takes that key's value alone, and one that needs none takes `true`.\n" +
		"*Terminal* faults end the attempt, a rule has at most one of them; the others shape it and add up. A rule with `deliver_first = true` sends the whole\n" +
		"request to the target, waits for its answer, and then shows the sender its terminal fault.\n\n" +
		"This page is made from the table of fault kinds and from a run of real clients; `make golden` writes it anew.\n")
	b.WriteString("\n## Which fault for which failure\n\n| what fails | fault |\n|---|---|\n")
	for _, k := range kinds {
		b.WriteString("| " + k.Imitates + " | [`" + k.Name + "`](#" + k.Name + ") |\n")
	}
	b.WriteString("\n## How to read what clients make of it\n\n" +
		"Nobody wrote these tables: a test sends a POST with each of " + seen.versions() + ", at their\n" +
		"defaults but for short time limits, to faultline and, in the same run, to a target that fails so by itself. A cell is the class of the exception, curl's exit\n" +
		"code, Go's error, or else the status; ×n is how often the client sent it by itself. \"`ProxyError`, not `ConnectionError`\" says that the failure itself gives a\n" +
		"ConnectionError, and that no proxy comes nearer. After `deliver_first` clients have the same. curl and Go have one time limit for all of an attempt, the\n" +
		"others one for each read.\n\n" +
		"| where | |\n|---|---|\n" +
		"| HTTP_PROXY | plain http through the proxy |\n" +
		"| opened | https through the proxy, its CONNECT opened with faultline's CA |\n" +
		"| gateway | a listener of faultline that stands for the target |\n" +
		"| everywhere | these three |\n" +
		"| tunnel | https through the proxy, passed through |\n" +
		"| own listener | plain http through a proxy whose own listener fails |\n\n" +
		"`ProxyError` of requests is a `ConnectionError`: `except ConnectionError` catches both, a comparison of types does not.\n")
	for _, k := range kinds {
		b.WriteString("\n## " + k.Name + "\n\n" + k.Doc + "\n\n" + k.forms() + "\n")
		if fields := schema.Markdown(k.New().Fields()...); strings.Count(fields, "\n") > 2 {
			b.WriteString("\n" + fields)
		}
		b.WriteString(k.likeness(seen.of(k.Name), seen))
	}
	return b.String()
}

// likeness says what the kind is like, and what it is like for clients.
func (k Kind) likeness(rows []SeenRow, seen Seen) string {
	var b strings.Builder
	b.WriteString("\n**Imitates** " + k.Imitates + ".\n")
	if k.Limits != "" {
		b.WriteString("\n**Does not imitate.** " + k.Limits + "\n")
	}
	b.WriteString("\n**Cousins.** " + k.Cousins + "\n")
	if len(rows) > 0 {
		b.WriteString("\n" + seen.table(rows) + wire(rows))
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
