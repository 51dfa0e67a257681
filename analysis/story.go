package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// Story is one delivery, for people: its attempts and what became of it.
type Story struct {
	course
	replays []*deliveries.Attempt // what faultline replay made of it
}

// Stories are all deliveries of a log, in the order in which they began, with the states that the question's settling gives them.
func Stories(log *Log, q Question) []Story {
	kept := *log
	c := newContext(&kept, q)
	c.infer(q)
	kept.kept = true
	foreign := kept.foreign()
	var all []Story
	for one := range c.courses() {
		one.arrivals = slices.Clone(one.arrivals)
		s := Story{one, one.Replays}
		for _, a := range one.Attempts {
			s.replays = append(s.replays, foreign[a.ID]...)
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Story) int { return witnessOf(&a.course).compare(witnessOf(&b.course)) })
	return all
}

// Named reports whether a name means the delivery: its key, or the beginning of its id.
func (s Story) Named(name string) bool {
	return name != "" && (s.Key == name || strings.HasPrefix(s.Delivery.ID, name))
}

// name is the key, or the beginning of the id for a delivery that has none to show.
func (s Story) name() string { return cmp.Or(s.Key, s.Delivery.ID[:min(12, len(s.Delivery.ID))]) }

// endings are what each attempt came to: 503, 503, 200.
func (s Story) endings() string {
	var words []string
	for _, a := range s.arrivals {
		words = append(words, a.shown())
	}
	for range s.Unfinished {
		words = append(words, "unfinished")
	}
	return strings.Join(words, ", ")
}

// shown is how the attempt ended for its sender, in a word.
func (a arrival) shown() string {
	if a.End == deliveries.Complete && a.Answer != nil {
		return fmt.Sprint(a.Answer.Status)
	}
	text := string(a.End)
	if a.EndedBy == deliveries.BySender {
		text += " by sender"
	}
	return text
}

// notes are what is to be said besides the state.
func (s Story) notes() []string {
	var notes []string
	if s.Reason != "" {
		notes = append(notes, strings.ReplaceAll(string(s.Reason), "_", " "))
	}
	for _, flag := range [...]struct {
		is   bool
		text string
	}{
		{s.Duplicated, "arrived more than once"}, {s.RetriedAfterAck, "retried after it was acknowledged"},
		{s.FalseSuccess, "acknowledged without reaching the target"}, {s.MaybeDelivered, "may have arrived"},
		{s.State == deliveries.StateLost && s.Delivery.Delivered, "though it arrived"}, {s.doubtful, "may have come again under another key"},
		{s.overlaps(), "attempts overlap"}, {s.arrivedByReplay(), "arrived by replay"}, {len(s.replays) > 0 && !s.arrivedByReplay(), "replayed in vain"},
	} {
		if flag.is {
			notes = append(notes, flag.text)
		}
	}
	return notes
}

// String is the delivery in a line.
func (s Story) String() string {
	text := fmt.Sprintf("%-12s %-20s %s  %s", s.State, printable(s.name()), printable(s.Endpoint), s.endings())
	if notes := s.notes(); len(notes) > 0 {
		text += "  (" + strings.Join(notes, ", ") + ")"
	}
	return text
}

// timeLineWidth is how many columns a time line's bar has.
const timeLineWidth = 40

// TimeLine shows the delivery attempt by attempt: when each began, how long it took, how it ended, and where that stands on the whole time.
func (s Story) TimeLine() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s  %s", printable(s.name()), printable(s.Endpoint), s.State)
	if notes := s.notes(); len(notes) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(notes, ", "))
	}
	fmt.Fprintf(&b, "\n  delivery %s, first attempt %s\n", s.Delivery.ID, s.began().UTC().Format(time.RFC3339Nano))
	whole := span{s.began(), s.lastSign()}
	for _, a := range s.replays {
		whole.to = later(whole.to, a.Ended())
	}
	rows := [][]string{}
	for _, a := range s.arrivals {
		rows = append(rows, []string{
			fmt.Sprintf("  #%d", a.Attempt.Attempt), "+" + period(a.Start.Sub(whole.from)), "took " + period(a.ended.Sub(a.Start)), a.shown(),
			bar(whole, span{a.Start, a.ended}), a.details(),
		})
	}
	for _, o := range s.Unfinished {
		rows = append(rows, []string{fmt.Sprintf("  #%d", o.Attempt), "+" + period(o.Start.Sub(whole.from)), "unfinished", "", bar(whole, span{o.Start, o.Start}), ""})
	}
	for _, a := range s.replays {
		one := arrival{Attempt: a, ended: a.Ended(), how: endingOf(a)}
		rows = append(rows, []string{
			"  replay", "+" + period(a.Start.Sub(whole.from)), "took " + period(one.ended.Sub(a.Start)), one.shown(), bar(whole, span{a.Start, one.ended}), one.details(),
		})
	}
	b.WriteString(table(rows, 5))
	return b.String()
}

// details are what else there is to an attempt.
func (a arrival) details() string {
	var parts []string
	if a.resent {
		parts = append(parts, "sent again by the library")
	}
	if a.overlap {
		parts = append(parts, "overlaps an earlier one")
	}
	if len(a.Rules) > 0 {
		parts = append(parts, "["+printable(strings.Join(a.Rules, ", "))+"]")
	}
	switch {
	case a.Attempt.Delivered != nil && *a.Attempt.Delivered && a.how != wellEnded:
		parts = append(parts, "arrived")
	case a.Attempt.Delivered == nil:
		parts = append(parts, "may have arrived")
	}
	if told := a.announces(); told > 0 {
		parts = append(parts, "Retry-After "+period(told))
	}
	return strings.Join(parts, "   ")
}

// bar is a time on the whole time: dots, and a block where it was.
func bar(whole, at span) string {
	column := func(t time.Time) int {
		if whole.to.Equal(whole.from) {
			return 0
		}
		return min(timeLineWidth-1, int(float64(timeLineWidth)*float64(t.Sub(whole.from))/float64(whole.to.Sub(whole.from))))
	}
	cells := []rune(strings.Repeat("·", timeLineWidth))
	for i := column(at.from); i <= column(at.to); i++ {
		cells[i] = '█'
	}
	return string(cells)
}

// StoryJSON is a delivery as deliveries --json prints it.
type StoryJSON struct {
	Delivery string             `json:"delivery"`
	Key      string             `json:"key"`
	Endpoint string             `json:"endpoint"`
	State    deliveries.State   `json:"state"`
	Reason   deliveries.Reason  `json:"reason"` // of a lost one: never_retried, gave_up
	Flags    []string           `json:"flags"`  // duplicated, retried_after_ack, false_success, maybe_delivered, replayed
	First    time.Time          `json:"first"`  // when its first attempt began
	Attempts []StoryAttemptJSON `json:"attempts"`
}

// StoryAttemptJSON is one attempt of it.
type StoryAttemptJSON struct {
	Attempt int                `json:"attempt"`
	ID      string             `json:"id"`
	Start   time.Time          `json:"start"`
	TotalMS float64            `json:"total_ms"`
	GapMS   *float64           `json:"gap_ms"` // since the end of the one before; null for the first, and where they overlap
	Outcome deliveries.Outcome `json:"outcome"`
	End     deliveries.End     `json:"end"`
	Status  int                `json:"status"` // 0: not one was shown
	Rules   []string           `json:"rules"`
	Replay  string             `json:"replay,omitempty"` // id of the attempt that faultline replay sent again with this one
}

// JSON is the delivery as deliveries --json prints it.
func (s Story) JSON() StoryJSON {
	out := StoryJSON{
		Delivery: s.Delivery.ID, Key: s.Key, Endpoint: s.Endpoint, State: s.State, Reason: s.Reason, Flags: []string{}, First: s.began(), Attempts: []StoryAttemptJSON{},
	}
	for _, flag := range [...]struct {
		is   bool
		name string
	}{{s.Duplicated, "duplicated"}, {s.RetriedAfterAck, "retried_after_ack"}, {s.FalseSuccess, "false_success"}, {s.MaybeDelivered, "maybe_delivered"}, {s.arrivedByReplay(), "replayed"}} {
		if flag.is {
			out.Flags = append(out.Flags, flag.name)
		}
	}
	for i, a := range s.arrivals {
		one := StoryAttemptJSON{Attempt: a.Attempt.Attempt, ID: a.Attempt.ID, Start: a.Start, TotalMS: a.MS.Total, Outcome: a.Outcome, End: a.End, Rules: a.Rules}
		if i > 0 && !a.overlap {
			gap := ms(a.Start.Sub(s.arrivals[i-1].ended))
			one.GapMS = &gap
		}
		if a.Answer != nil {
			one.Status = a.Answer.Status
		}
		out.Attempts = append(out.Attempts, one)
	}
	for _, a := range s.replays {
		one := StoryAttemptJSON{
			Attempt: a.Attempt, ID: a.ID, Start: a.Start, TotalMS: a.MS.Total, Outcome: a.Outcome, End: a.End, Rules: a.Rules, Replay: a.Replay,
		}
		if a.Answer != nil {
			one.Status = a.Answer.Status
		}
		out.Attempts = append(out.Attempts, one)
	}
	return out
}
