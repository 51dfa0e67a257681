package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/faultline/faultline/schema"
)

// Notes say the windows of the enabled rules back in words, by line: whoever reads them sees whether they are what was meant.
func Notes(s *Scenario) []schema.Problem {
	var notes []schema.Problem
	for i := range s.Rules {
		if r := &s.Rules[i]; r.Enabled && r.When.window.timed() {
			notes = append(notes, r.at.Key("when").Note(fmt.Sprintf("%q: %s %s", r.Name, r.effect(), r.When.window.words(s)), ""))
		}
	}
	return notes
}

// effect is what the rule does, in a word or two.
func (r *Rule) effect() string {
	switch {
	case r.Pass:
		return "left alone"
	case len(r.OneOf) > 0:
		return "one of several faults"
	case terminalOf(r.Faults) != "" && !r.DeliverFirst && r.Match.Response.Empty() && r.alwaysStops():
		return "down"
	}
	var kinds []string
	for _, f := range r.Faults {
		kinds = append(kinds, f.Kind)
	}
	return strings.Join(kinds, " and ")
}

// words say when the window is open.
func (w *window) words(s *Scenario) string {
	var parts []string
	if w.clocked() {
		parts = append(parts, w.clockWords(s.Clock.words()))
	}
	if len(w.phases) > 0 {
		parts = append(parts, "in phase "+s.phaseWords(w.phases))
	}
	if w.daily != nil || len(w.days) > 0 {
		parts = append(parts, w.dayWords())
	}
	if !w.from.IsZero() {
		parts = append(parts, "from "+w.from.Format(readable))
	}
	if !w.until.IsZero() {
		parts = append(parts, "until "+w.until.Format(readable))
	}
	return strings.Join(parts, ", ")
}

// readable is how a date-time is shown.
const readable = "Mon 2 Jan 2006 15:04:05 MST"

// words name what the clock starts with.
func (c Clock) words() string {
	switch c {
	case ClockStart:
		return "the start"
	case ClockFirstAttempt:
		return "the first attempt"
	default:
		panic("scenario: clock " + string(c))
	}
}

func (w *window) clockWords(start string) string {
	after := schema.FormatDuration(w.after)
	switch {
	case w.repeats && w.after > 0:
		return fmt.Sprintf("%s of every %s, from %s after %s on", schema.FormatDuration(w.length), schema.FormatDuration(w.repeatEvery), after, start)
	case w.repeats:
		return fmt.Sprintf("%s of every %s, from %s on", schema.FormatDuration(w.length), schema.FormatDuration(w.repeatEvery), start)
	case w.hasLength && w.after > 0:
		return fmt.Sprintf("from %s to %s after %s", after, schema.FormatDuration(w.after+w.length), start)
	case w.hasLength:
		return fmt.Sprintf("for %s from %s on", schema.FormatDuration(w.length), start)
	default:
		return fmt.Sprintf("from %s after %s on", after, start)
	}
}

// phaseWords name phases, with when they are on.
func (s *Scenario) phaseWords(names []string) string {
	var words []string
	begin := time.Duration(0)
	for _, p := range s.Phases {
		from := schema.FormatDuration(begin)
		begin += p.For
		switch until := schema.FormatDuration(begin); {
		case !slices.Contains(names, p.Name):
		case p.For == 0:
			words = append(words, fmt.Sprintf("%s (from %s after %s on)", p.Name, from, s.Clock.words()))
		case s.RepeatPhases:
			words = append(words, fmt.Sprintf("%s (%s to %s of every %s)", p.Name, from, until, schema.FormatDuration(s.phasesLength())))
		default:
			words = append(words, fmt.Sprintf("%s (%s to %s after %s)", p.Name, from, until, s.Clock.words()))
		}
	}
	return strings.Join(words, " or ")
}

// dayWords say hours and days, with how long they are and whose clocks show them.
func (w *window) dayWords() string {
	days := "every day"
	if len(w.days) > 0 {
		days = "on " + dayNames(w.days)
	}
	hours, zone := w.hours()
	if w.daily == nil {
		return fmt.Sprintf("%s (%s)", days, zone)
	}
	begin, end := hours.on(time.Time{})
	span, _, _ := strings.Cut(hours.text, " ")
	return fmt.Sprintf("%s %s, %s long (%s)", days, span, schema.FormatDuration(end.Sub(begin)), zone)
}
