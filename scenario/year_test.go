package scenario_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// A year of windows, in both hemispheres and through every change of the clocks, against a plain enumeration of what a clock on the wall shows.
func TestAYearOfWindows(t *testing.T) {
	years := []struct {
		zone string
		year int
	}{
		{"Europe/Berlin", 2026},
		{"America/Sao_Paulo", 2018},   // its clocks changed at midnight: a day began at 01:00, another had its last hour twice
		{"Australia/Lord_Howe", 2026}, // by half an hour
	}
	windows := []struct{ daily, days string }{
		{"02:00-02:30", ""},
		{"02:30-03:00", "sat, sun"},
		{"01:30-03:30", ""},
		{"23:30-00:30", "sat"},
		{"22:00-06:00", ""},
		{"00:00-24:00", "sun, mon"},
	}
	for _, y := range years {
		zone, err := time.LoadLocation(y.zone)
		require.NoError(t, err)
		for _, w := range windows {
			t.Run(fmt.Sprintf("%s %d, %s %s", y.zone, y.year, w.daily, w.days), func(t *testing.T) {
				s := parse(t, growing(y.zone, w.daily, w.days))
				plain := wallWindow{zone: zone}
				plain.begin, plain.end, _ = strings.Cut(w.daily, "-")
				if w.days != "" {
					plain.days = strings.Split(w.days, ", ")
				}
				subj := post()
				newYear := time.Date(y.year, 1, 1, 0, 0, 0, 0, time.UTC)
				for now := newYear.AddDate(0, 0, -2); now.Year() <= y.year; now = now.Add(tick) {
					want := plain.openFor(now)
					if now.Before(newYear) {
						continue // only so that the enumeration knows what is open at its beginning
					}
					if got := openFor(s, subj, now); want != got {
						require.Equal(t, want, got, "at %s, which is %s", now.Format(time.RFC3339), now.In(zone).Format(time.RFC3339))
					}
				}
			})
		}
	}
}

// tick divides every window and every change of the clocks of these zones.
const tick = 30 * time.Minute

// growing is a scenario of one rule in a window, whose delay is how long the window has been open.
func growing(zone, daily, days string) string {
	text := fmt.Sprintf("timezone = %q\n[[rule]]\nname = \"r\"\nwhen.daily = %q\nlatency = { delay = { from = \"0s\", to = \"10d\", over = \"10d\" } }\n", zone, daily)
	if days != "" {
		text += `when.days = ["` + strings.ReplaceAll(days, ", ", `", "`) + "\"]\n"
	}
	return text
}

const closed = time.Duration(-1)

// openFor is how long the window of growing has been open.
func openFor(s *scenario.Scenario, subj *scenario.Subject, now time.Time) time.Duration {
	plan := decideAt(s, subj, now).Plan
	if wait, isWait := plan.Steps[0].(faults.Wait); isWait {
		return wait.For.Round(time.Millisecond)
	}
	if len(plan.Steps) == 2 { // forward, relay: closed, or open for no time at all
		return closed
	}
	panic("a plan of another scenario")
}

// wallWindow tells by the face of a clock, tick by tick, whether a window is open and for how long.
type wallWindow struct {
	zone       *time.Location
	begin, end string
	days       []string // nil: all

	openSince time.Time
	openOn    string // the date on which the window opened; "" closed
}

func (w *wallWindow) openFor(now time.Time) time.Duration {
	shown := now.In(w.zone)
	clock, on := shown.Format("15:04"), time.Date(shown.Year(), shown.Month(), shown.Day(), 0, 0, 0, 0, time.UTC)
	open := w.begin <= clock && clock < w.end
	if w.end < w.begin {
		open = w.begin <= clock || clock < w.end
		if clock < w.end {
			on = on.AddDate(0, 0, -1)
		}
	}
	if w.days != nil && !slices.Contains(w.days, strings.ToLower(on.Format("Mon"))) {
		open = false
	}
	date := on.Format(time.DateOnly)
	switch {
	case !open:
		w.openOn = ""
		return closed
	case w.openOn != date:
		w.openSince, w.openOn = now, date
	}
	return now.Sub(w.openSince)
}
