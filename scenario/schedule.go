package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/faultline/faultline/schema"
)

// window is when a rule may fire. All that is given must hold; the zero window is always open. Windows are half-open: they hold at their first moment,
// and no longer at their last.
type window struct {
	after       time.Duration
	length      time.Duration // `for`
	hasLength   bool
	repeats     bool
	repeatEvery time.Duration
	from, until time.Time // zero: not given
	daily       *daily
	days        []time.Weekday
	phases      []string // any of them; none: not given
	location    *time.Location
}

// miss says which time condition fails; "" when the window is open, and then since when: the latest opening of all that was given, without any
// the clock's start.
func (w *window) miss(at Instant, tells telling) (miss string, opened time.Time) {
	if !w.timed() {
		return "", at.Start
	}
	conditions := [...]func(*window, Instant, telling) (string, time.Time){(*window).missClock, (*window).missDates, (*window).missDay, (*window).missPhase}
	for _, look := range conditions {
		miss, begun := look(w, at, tells)
		if miss != "" {
			return miss, time.Time{}
		}
		if begun.After(opened) {
			opened = begun
		}
	}
	if opened.IsZero() {
		opened = at.Start
	}
	return "", opened
}

// missClock looks at after, for and repeat_every: from `after` past the start, for so long, again at the interval. The opening is counted from the start,
// so that it is the same for all attempts in it.
func (w *window) missClock(at Instant, tells telling) (miss string, opened time.Time) {
	if !w.clocked() {
		return "", time.Time{}
	}
	ran := at.Now.Sub(at.Start)
	into := ran - w.after
	if into < 0 {
		return tells.why(func() string {
			return fmt.Sprintf("%s after the clock's start is before %s", spent(ran), schema.FormatDuration(w.after))
		}), opened
	}
	opened = at.Start.Add(w.after)
	if w.repeats {
		opened = opened.Add(into - into%w.repeatEvery)
		into %= w.repeatEvery
	}
	switch {
	case !w.hasLength || into < w.length:
		return "", opened
	case w.repeats:
		return tells.why(func() string {
			return fmt.Sprintf("%s into an interval of %s is not before %s", spent(into), schema.FormatDuration(w.repeatEvery), schema.FormatDuration(w.length))
		}), opened
	default:
		return tells.why(func() string {
			return fmt.Sprintf("%s after the clock's start is not before %s", spent(ran), schema.FormatDuration(w.after+w.length))
		}), opened
	}
}

// spent is a time that has passed, for people: cut and never rounded up, so that it reads as before what it is before.
func spent(d time.Duration) string {
	return schema.FormatDuration(max(0, d).Truncate(time.Millisecond))
}

// missDates looks at from and until. The opening is zero without from.
func (w *window) missDates(at Instant, tells telling) (miss string, opened time.Time) {
	if !w.from.IsZero() && at.Now.Before(w.from) {
		return tells.why(func() string {
			return fmt.Sprintf("%s is before %s", at.Now.In(w.from.Location()).Format(time.RFC3339), w.from.Format(time.RFC3339))
		}), opened
	}
	if !w.until.IsZero() && !at.Now.Before(w.until) {
		return tells.why(func() string {
			return fmt.Sprintf("%s is not before %s", at.Now.In(w.until.Location()).Format(time.RFC3339), w.until.Format(time.RFC3339))
		}), opened
	}
	return "", w.from
}

// missDay looks at daily and days. The opening is zero when neither was given.
func (w *window) missDay(at Instant, tells telling) (miss string, opened time.Time) {
	if w.daily == nil && len(w.days) == 0 {
		return "", time.Time{}
	}
	hours, zone := w.hours()
	opened, day, open := hours.opening(at.Now, zone)
	switch {
	case !open:
		return tells.why(func() string {
			return fmt.Sprintf("%s is not in %s", at.Now.In(zone).Format("15:04:05 MST"), hours.text)
		}), opened
	case len(w.days) > 0 && !slices.Contains(w.days, day.Weekday()):
		return tells.why(func() string { return fmt.Sprintf("%s is not %s", weekdays[day.Weekday()], dayNames(w.days)) }), opened
	}
	return "", opened
}

// missPhase looks at phase. The opening is zero without it.
func (w *window) missPhase(at Instant, tells telling) (miss string, opened time.Time) {
	switch {
	case len(w.phases) == 0:
		return "", time.Time{}
	case at.phase == "":
		return "the phases are over", opened
	case !slices.Contains(w.phases, at.phase):
		return tells.why(func() string { return fmt.Sprintf("phase %s is not %s", at.phase, strings.Join(w.phases, ", ")) }), opened
	}
	return "", at.phaseSince
}

// hours are the hours of each day, and whose clocks show them; without `daily` they are all.
func (w *window) hours() (*daily, *time.Location) {
	zone := w.location
	if zone == nil {
		zone = time.UTC
	}
	if w.daily == nil {
		return &daily{to: day}, zone
	}
	if w.daily.zone != nil {
		zone = w.daily.zone
	}
	return w.daily, zone
}

// clocked reports whether after, for or repeat_every was given.
func (w *window) clocked() bool { return w.after > 0 || w.hasLength || w.repeats }

// timed reports whether any time condition was given.
func (w *window) timed() bool {
	return w.clocked() || !w.from.IsZero() || !w.until.IsZero() || w.daily != nil || len(w.days) > 0 || len(w.phases) > 0
}
