package analysis

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
)

// Text is the verdict for people: what became of the deliveries, why, what mends it, how the sender retries, and what was asked. log is how the log is
// named in the commands that it shows.
func (r *Report) Text(log string) string {
	var b strings.Builder
	b.WriteString(besides(fmt.Sprintf("%s  %s", strings.ToUpper(string(r.Verdict)), r.headline()), r.circumstances()))
	for _, lost := range r.Left {
		b.WriteString(line("lost", besides(fmt.Sprintf("%s  %s", printable(lost.name()), lost), show(log, lost.name()))))
	}
	b.WriteString(r.Habits())
	b.WriteString(r.askedText())
	for _, c := range r.Checks[len(r.Checks)-r.Asked:] {
		if c.Result == Fail && len(c.Evidence) > 0 && c.Name != "delivered" && c.Name != emittedName {
			b.WriteString(line("why", besides(c.Name+": "+c.Text, show(log, c.Evidence[0]))))
		}
	}
	if r.Overlapping > 0 {
		b.WriteString(line("note", besides(fmt.Sprintf("%s had attempts at the same time, as when a task runs twice", counted(r.Overlapping, "delivery")), show(log, r.OverlappingKeys[0]))))
	}
	for _, v := range r.Checks[:len(r.Checks)-r.Asked] {
		if v.Result != Pass {
			b.WriteString(line("check", v.Name+": "+v.Text))
		}
	}
	if r.Known == 0 && r.Attempts > 0 {
		b.WriteString(line("note", "of the deliveries that came through faultline; deliveries, or --emitted N, would tell of all"))
	}
	return b.String()
}

// Habits are how the sender retries, and what is wrong with that.
func (r *Report) Habits() string {
	var b strings.Builder
	for _, d := range r.Defects {
		b.WriteString(line("cause", d.whose()+d.Name+": "+d.Cause))
		b.WriteString(line("mend", d.Mend))
	}
	for _, p := range r.Policies {
		b.WriteString(line("policy", besides(p.Of+": "+p.String(), p.survivalText())))
	}
	if len(r.Policies) == 0 {
		b.WriteString(line("policy", besides(r.Policy.String(), r.Policy.survivalText())))
	}
	return b.String()
}

// headline is what became of the deliveries.
func (r *Report) headline() string {
	settled := r.Acknowledged + r.Lost
	if r.Attempts == 0 {
		return "no attempt came through faultline"
	}
	total := max(settled, r.Known-r.Open)
	text := fmt.Sprintf("%d of %s arrived", r.Arrived, counted(total, "delivery"))
	return text + andSo(r.Lost, "lost") + andSo(r.Acknowledged-r.Arrived, "acknowledged without reaching the target") + andSo(total-settled, "never seen") +
		andSo(r.Open, "still open")
}

// circumstances are those of the run.
func (r *Report) circumstances() string {
	name, _, _ := strings.Cut(r.Scenario, "@")
	parts := []string{}
	if name != "" {
		parts = append(parts, printable(name))
	}
	if r.Seed != nil {
		parts = append(parts, fmt.Sprintf("seed %d", *r.Seed))
	}
	if took := r.Span.to.Sub(r.Span.from); took > 0 {
		parts = append(parts, period(took))
	}
	return strings.Join(parts, ", ")
}

func (e Example) name() string { return cmp.Or(e.Key, e.ID[:min(12, len(e.ID))]) }

// show is the command that shows a delivery.
func show(log, key string) string {
	return fmt.Sprintf("faultline deliveries %s --show %s", log, quoted(key))
}

// quoted is an argument as a shell takes it.
func quoted(text string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.:/,@%+=", r)
	}
	if text != "" && strings.TrimFunc(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(printable(text), "'", `'\''`) + "'"
}

// printable is a text that a sender or a file has chosen, without what would move the cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, text)
}

// line is one with its label.
func line(label, text string) string {
	return fmt.Sprintf("  %-7s %s\n", label, strings.TrimRight(text, "\n"))
}

const columns = 72

// besides puts a second text into a column of its own.
func besides(text, other string) string {
	if other == "" {
		return text + "\n"
	}
	return fmt.Sprintf("%-*s  %s\n", columns, text, other)
}

// askedText has the answers to what was asked, as many on a line as fit.
func (r *Report) askedText() string {
	var b strings.Builder
	row, label := "", "asked"
	for _, c := range r.Checks[len(r.Checks)-r.Asked:] {
		brief := c.Brief()
		if row != "" && len(row)+len(brief) > columns+30 {
			b.WriteString(line(label, row))
			row, label = "", ""
		}
		if row != "" {
			row += "   "
		}
		row += brief
	}
	if r.Asked == 0 {
		row = "nothing: there is no [expect], so nothing can pass"
	}
	b.WriteString(line(label, row))
	return b.String()
}

// readable is a printable text of so many characters at most: of a longer one the beginning and the end.
func readable(text string, most int) string {
	runes := []rune(printable(text))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most*2/3]) + "…" + string(runes[len(runes)-(most-most*2/3-1):])
}
