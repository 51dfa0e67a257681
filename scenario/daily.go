package scenario

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/faultline/faultline/schema"
)

// daily is a time of each day, by the wall clock of its zone: open while a clock on the wall there shows a time in it. So a window in the hour that
// daylight saving leaves out does not open that day, and one in the hour that comes twice opens twice.
type daily struct {
	from, to time.Duration // since midnight; to <= from: over midnight
	zone     *time.Location
	text     string
}

const day = 24 * time.Hour

// wall is what the clock on the wall of a zone shows, as the fields of a time in UTC.
func wall(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	return t.Round(0).UTC().Add(time.Duration(offset) * time.Second)
}

// dayOf reports whether the window is open when the wall clock shows this, and the midnight of the day on which it opened.
func (d *daily) dayOf(shown time.Time) (midnight time.Time, open bool) {
	midnight = shown.Truncate(day)
	clock := shown.Sub(midnight)
	switch overMidnight := d.to <= d.from; {
	case !overMidnight:
		return midnight, d.from <= clock && clock < d.to
	case clock >= d.from:
		return midnight, true
	default:
		return midnight.Add(-day), clock < d.to
	}
}

// opening reports whether the window is open, on which day it opened (the midnight, as the wall clock shows it), and since when it has been open without
// a break.
func (d *daily) opening(now time.Time, zone *time.Location) (opened, midnight time.Time, open bool) {
	midnight, open = d.dayOf(wall(now, zone))
	if !open {
		return time.Time{}, midnight, false
	}
	for {
		shown := wall(now, zone)
		opened = now.Add(midnight.Add(d.from).Sub(shown))
		changed, _ := now.In(zone).ZoneBounds() // when the clocks were last changed; zero: never
		if changed.IsZero() || opened.After(changed) {
			return opened.Round(0), midnight, true
		}
		before := changed.Add(-1)
		if same, was := d.dayOf(wall(before, zone)); !was || !same.Equal(midnight) {
			return changed, midnight, true
		}
		now = before
	}
}

// opens reports whether the window is open at any time between two moments, on one of the days (none given: any).
func (d *daily) opens(from, until time.Time, days []time.Weekday, zone *time.Location) bool {
	for from.Before(until) {
		_, changes := from.In(zone).ZoneBounds()
		if changes.IsZero() || changes.After(until) {
			changes = until
		}
		first, last := wall(from, zone), wall(changes.Add(-1), zone)
		for midnight := first.Truncate(day).Add(-day); !midnight.After(last); midnight = midnight.Add(day) {
			begin, end := d.on(midnight)
			if begin.Before(last.Add(1)) && first.Before(end) && (len(days) == 0 || slices.Contains(days, midnight.Weekday())) {
				return true
			}
		}
		from = changes
	}
	return false
}

// on is what the wall clock shows when the window of a day opens and ends.
func (d *daily) on(midnight time.Time) (begin, end time.Time) {
	begin, end = midnight.Add(d.from), midnight.Add(d.to)
	if d.to <= d.from {
		end = end.Add(day)
	}
	return begin, end
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

func dayNames(days []time.Weekday) string {
	names := make([]string, len(days))
	for i, d := range days {
		names[i] = weekdays[d]
	}
	return strings.Join(names, ", ")
}

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
