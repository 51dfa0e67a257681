package scenario

import (
	"time"

	"github.com/faultline/faultline/schema"
)

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

// localTime is when the clocks of a zone show this, given as the fields of a time in UTC. What a change of the clocks leaves out, and what it shows
// twice, is read by the offset before the change (RFC 5545 3.3.5): 02:30 in the hour that is left out is 03:30, in the one that comes twice the first 02:30.
func localTime(shown time.Time, zone *time.Location) time.Time {
	t := time.Date(shown.Year(), shown.Month(), shown.Day(), shown.Hour(), shown.Minute(), shown.Second(), shown.Nanosecond(), zone)
	_, before := t.Add(-day).Zone()
	byBefore := shown.Add(-time.Duration(before) * time.Second).In(zone)
	if wall(byBefore, zone).Equal(shown) || !wall(t, zone).Equal(shown) {
		return byBefore
	}
	return t
}

// ParseTime reads a date-time as RFC 3339 has it; without an offset it is in the scenario's time zone.
func (s *Scenario) ParseTime(text string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, true
	}
	for _, form := range [...]string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return localTime(t, s.Location), true
		}
	}
	return time.Time{}, false
}

// looksLikeTime reports whether a text would be a date-time if it were written without quotes.
func looksLikeTime(text string) bool {
	_, is := (&Scenario{Location: time.UTC}).ParseTime(text)
	return is
}

// readTime reads a TOML date-time; without an offset it is in zone, the scenario's.
func readTime(to *time.Time, key, doc string, zone *time.Location) schema.Field {
	const want = "a date-time such as 2026-11-24T02:00:00 or 2026-11-24T02:00:00Z"
	return schema.Func(key, "date-time", want, doc, func(v schema.Value) {
		t, isTime := v.Raw.(time.Time)
		if text, isText := v.Raw.(string); isText && looksLikeTime(text) {
			v.Reject("not a date-time", want, "without the quotes it is one")
			return
		}
		if !isTime || t.Location().String() == "time-local" {
			v.Reject("not a date-time", want, "")
			return
		}
		switch t.Location().String() {
		case "datetime-local", "date-local": // so the decoder marks what has no offset
			shown := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
			t = localTime(shown, zone)
		}
		*to = t
	})
}
