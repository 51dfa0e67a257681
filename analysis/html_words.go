package analysis

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// fact is a figure with its name.
type fact struct{ Name, Figure, More string }

// finding is something to mend.
type finding struct {
	Name, Cause, Mend string
	Deliveries        string
	Keys              []string
}

// lostRow is a lost delivery.
type lostRow struct{ Key, Story string }

// run says what the log is of.
func (r *Report) run() string {
	parts := []string{}
	if name := r.circumstances(); name != "" {
		parts = append(parts, readable(name, 120))
	}
	if !r.Span.from.IsZero() {
		const moment = "2 Jan 2006 15:04:05"
		to := moment
		if sameDay(r.Span.from, r.Span.to) {
			to = time.TimeOnly
		}
		parts = append(parts, r.Span.from.UTC().Format(moment)+" to "+r.Span.to.UTC().Format(to)+" UTC")
	}
	return strings.Join(parts, ", ")
}

// facts are the figures at the head.
func (r *Report) facts() []fact {
	settled, duplicates := r.Acknowledged+r.Lost, 0
	for _, e := range r.Endpoints {
		duplicates += e.Duplicates
	}
	arrived := fact{Name: "arrived", Figure: "–", More: "none is settled"}
	if settled > 0 {
		arrived = fact{"arrived", percent(float64(r.Arrived) / float64(settled)), fmt.Sprintf("%s of %s settled", thousands(r.Arrived), thousands(settled))}
	}
	all := settled + r.Open
	return []fact{
		arrived,
		{"lost", thousands(r.Lost), "settled without an acknowledgement"},
		{"open", thousands(r.Open), "may still be retried"},
		{"arrived twice", thousands(duplicates), "or more often"},
		{"attempts", thousands(r.Attempts), decimal(float64(r.Attempts)/float64(max(1, all))) + " per delivery"},
	}
}

// mostSenders is of how many senders the gaps are drawn.
const mostSenders = 4

// policies are how each sender retries.
func (r *Report) policies() []string {
	text := func(of string, p *Policy) string {
		text := of + p.String()
		if survives := p.survivalText(); survives != "" {
			text += "; " + survives
		}
		return text
	}
	if len(r.Policies) == 0 {
		return []string{text("", &r.Policy)}
	}
	var all []string
	for i := range r.Policies {
		all = append(all, text(readable(r.Policies[i].Of, 80)+": ", &r.Policies[i].Policy))
	}
	return all
}

// findings are the defects.
func (r *Report) findings() []finding {
	var all []finding
	for _, d := range r.Defects {
		all = append(all, finding{readable(d.whose(), 80) + d.Name, readable(d.Cause, 400), d.Mend, manyOf(d.Deliveries, "delivery"), readableKeys(d.Evidence)})
	}
	return all
}

func readableKeys(keys []string) []string {
	var all []string
	for _, key := range keys {
		all = append(all, readable(key, 40))
	}
	return all
}

// notes are what else there is to be said.
func (r *Report) notes() []string {
	var notes []string
	if r.Overlapping > 0 {
		notes = append(notes, fmt.Sprintf("%s had attempts at the same time, as when a task runs twice; for one %s.", manyOf(r.Overlapping, "delivery"), readable(r.OverlappingKeys[0], 40)))
	}
	if r.Asked == 0 && r.Attempts > 0 {
		notes = append(notes, "Nothing was asked of the sender: without an [expect] there is no verdict.")
	}
	if r.Known == 0 && r.Attempts > 0 {
		notes = append(notes, "All of this is about deliveries that came through faultline; it cannot know of others.")
	}
	return notes
}

// leftOut is what the page does not show, so that its size does not grow with the log.
func (r *Report) leftOut(p page, rules int) []string {
	var all []string
	for _, c := range slices.Concat([]chart{p.Times}, p.Gaps, []chart{p.Took, p.Herd}) {
		if c.Left != "" {
			all = append(all, c.Title+": "+c.Left+".")
		}
	}
	if p.Strips.Left != "" {
		all = append(all, "Deliveries: "+p.Strips.Left+".")
	}
	if rules > 0 {
		all = append(all, fmt.Sprintf("Rules: %d that fired less often.", rules))
	}
	if more := len(r.plots.gaps) - len(p.Gaps); more > 0 {
		all = append(all, fmt.Sprintf("Gaps and the policy: those of %s more.", manyOf(more, "sender")))
	}
	if more := len(r.Endpoints) - len(p.Hosts); more > 0 {
		all = append(all, fmt.Sprintf("Endpoints: %s that fared better.", thousands(more)))
	}
	return all
}
