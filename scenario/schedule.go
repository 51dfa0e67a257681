package scenario

import (
	"fmt"
	"slices"
	"strconv"
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
	location    *time.Location
}

// miss says which time condition fails; "" when the window is open, and then since when: the latest opening of all that was given, without any
// the clock's start.
func (w *window) miss(at Instant) (miss string, opened time.Time) {
	if at.Start.IsZero() {
		at.Start = at.Now
	}
	if !w.timed() {
		return "", at.Start
	}
	if w.clocked() {
		if miss, opened = w.missClock(at); miss != "" {
			return miss, opened
		}
	}
	if !w.from.IsZero() {
		if at.Now.Before(w.from) {
			return "it begins at " + w.from.Format(time.RFC3339), opened
		}
		opened = latest(opened, w.from)
	}
	if !w.until.IsZero() && !at.Now.Before(w.until) {
		return "it ended at " + w.until.Format(time.RFC3339), opened
	}
	miss, begun := w.missDay(at.Now)
	if opened = latest(opened, begun); opened.IsZero() {
		opened = at.Start // only `until` was given
	}
	return miss, opened
}

// missClock looks at after, for and repeat_every: from `after` past the start, for so long, again at the interval.
func (w *window) missClock(at Instant) (miss string, opened time.Time) {
	into := at.Now.Sub(at.Start) - w.after
	if into < 0 {
		return fmt.Sprintf("it begins in %s", schema.FormatDuration((-into).Round(time.Millisecond))), at.Start
	}
	if w.repeats {
		into %= w.repeatEvery
	}
	if w.hasLength && into >= w.length {
		return fmt.Sprintf("it ended %s ago", schema.FormatDuration((into - w.length).Round(time.Millisecond))), at.Start
	}
	return "", at.Now.Add(-into)
}

// missDay looks at daily and days. The opening is zero when only `until` was given, or nothing.
func (w *window) missDay(now time.Time) (miss string, opened time.Time) {
	today := now.In(w.zone())
	if w.daily == nil && len(w.days) == 0 {
		return "", time.Time{}
	}
	opened = time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, today.Location())
	if w.daily != nil {
		begin, open := w.daily.opening(now, w.zone())
		if !open {
			return "it is not " + w.daily.text, begin
		}
		opened = begin
	}
	if len(w.days) > 0 && !slices.Contains(w.days, opened.Weekday()) {
		return "its day is " + weekdays[opened.Weekday()], opened
	}
	return "", opened
}

func (w *window) zone() *time.Location {
	if w.location == nil {
		return time.UTC
	}
	return w.location
}

// clocked reports whether after, for or repeat_every was given.
func (w *window) clocked() bool { return w.after > 0 || w.hasLength || w.repeats }

// timed reports whether any time condition was given.
func (w *window) timed() bool {
	return w.clocked() || !w.from.IsZero() || !w.until.IsZero() || w.daily != nil || len(w.days) > 0
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// daily is a time of each day, by the wall clock of its zone: open while a clock on the wall there shows a time in it. So a window in the hour that
// daylight saving leaves out does not open that day, and one in the hour that comes twice opens twice.
type daily struct {
	from, to time.Duration // since midnight; to <= from: over midnight
	zone     *time.Location
	text     string
}

const day = 24 * time.Hour

// opening reports whether the window is open, and when the wall clock showed its beginning.
func (d *daily) opening(now time.Time, zone *time.Location) (begin time.Time, open bool) {
	if d.zone != nil {
		zone = d.zone
	}
	local := now.In(zone)
	clock := sinceMidnight(local)
	overMidnight := d.to <= d.from
	var back int
	switch {
	case !overMidnight:
		open = d.from <= clock && clock < d.to
	case clock >= d.from:
		open = true
	default:
		open, back = clock < d.to, 1
	}
	return time.Date(local.Year(), local.Month(), local.Day()-back, 0, 0, int(d.from/time.Second), 0, zone), open
}

// sinceMidnight is what the clock on the wall shows.
func sinceMidnight(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second +
		time.Duration(t.Nanosecond())
}

const wantDaily = `two times such as "02:00-02:30", with a time zone if need be: "02:00-02:30 America/New_York"`

// parseDaily reads "02:00-02:30" and "23:00-01:00 Europe/Berlin".
func parseDaily(text string) (*daily, error) {
	span, zone, zoned := strings.Cut(text, " ")
	begin, end, isSpan := strings.Cut(span, "-")
	from, okFrom := parseClock(begin)
	to, okTo := parseClock(end)
	if !isSpan || !okFrom || !okTo || from == day {
		return nil, &wrong{"not a time of day", wantDaily, ""}
	}
	if from == to {
		return nil, &wrong{"never opens: it ends when it begins", wantDaily, `"00:00-24:00" is the whole day`}
	}
	d := &daily{from: from, to: to, text: text}
	if zoned {
		var err error
		if d.zone, err = loadZone(strings.TrimSpace(zone)); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// parseClock reads "02:00" or "02:00:30", up to "24:00".
func parseClock(text string) (time.Duration, bool) {
	var total time.Duration
	parts := strings.Split(text, ":")
	if len(parts) != 2 && len(parts) != 3 {
		return 0, false
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil || len(part) != 2 || i > 0 && n > 59 {
			return 0, false
		}
		total += time.Duration(n) * [...]time.Duration{time.Hour, time.Minute, time.Second}[i]
	}
	return total, total <= day
}

const wantZone = `a time zone such as "Europe/Berlin" or "UTC"`

// loadZone finds a time zone by its name in the tz database. "Local" is none: a scenario means the same on every machine.
func loadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, &wrong{"not a time zone", wantZone, ""}
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, &wrong{"unknown time zone", wantZone, ""}
	}
	return zone, nil
}

func readDaily(to **daily) schema.Field {
	return schema.Func("daily", "time of day", wantDaily, "a time of each day, over midnight too, in the scenario's timezone or its own", func(v schema.Value) {
		t, err := text(v, wantDaily)
		if err == nil {
			*to, err = parseDaily(t)
		}
		if err != nil {
			reject(v, err)
		}
	})
}

// weekdays are the days of a week as the file writes them.
var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func readWeekday(v schema.Value) (time.Weekday, error) {
	want := "one of " + strings.Join(weekdays[:], ", ")
	name, err := text(v, want)
	if err != nil {
		return 0, err
	}
	at := slices.Index(weekdays[:], name)
	if at < 0 {
		return 0, &wrong{"unknown value", want, ""}
	}
	return time.Weekday(at), nil
}

// readTime reads a TOML date-time; without an offset it is in zone, the scenario's.
func readTime(to *time.Time, key, doc string, zone *time.Location) schema.Field {
	const want = "a date-time such as 2026-11-24T02:00:00 or 2026-11-24T02:00:00Z"
	return schema.Func(key, "date-time", want, doc, func(v schema.Value) {
		t, isTime := v.Raw.(time.Time)
		if !isTime || t.Location().String() == "time-local" {
			v.Reject("not a date-time", want, "")
			return
		}
		switch t.Location().String() {
		case "datetime-local", "date-local": // so the decoder marks what has no offset
			t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
		}
		*to = t
	})
}
