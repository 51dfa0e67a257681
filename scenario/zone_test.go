package scenario_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A date-time without an offset that a change of the clocks leaves out, or shows twice, is read by the offset before the change.
func TestLocalTimesAtChangesOfTheClocks(t *testing.T) {
	for _, test := range []struct{ name, zone, local, want string }{
		{"an ordinary one", "Europe/Berlin", "2026-07-01T12:00:00", "2026-07-01T10:00:00Z"},
		{"the day before a change", "Europe/Berlin", "2026-03-28T02:30:00", "2026-03-28T01:30:00Z"},
		{"the last before the gap", "Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z"},
		{"the first of the gap", "Europe/Berlin", "2026-03-29T02:00:00", "2026-03-29T01:00:00Z"},
		{"in the gap", "Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00Z"},
		{"the first after the gap", "Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00Z"},
		{"twice", "Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30:00Z"},
		{"after both", "Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00Z"},
		{"the day after a change", "Europe/Berlin", "2026-10-26T02:30:00", "2026-10-26T01:30:00Z"},

		{"a day that begins in the gap", "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"},
		{"in that gap", "America/Sao_Paulo", "2018-11-04T00:30:00", "2018-11-04T03:30:00Z"},
		{"the last hour of a day, twice", "America/Sao_Paulo", "2018-02-17T23:30:00", "2018-02-18T01:30:00Z"},
		{"the midnight after both", "America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"},

		{"in a gap of half an hour", "Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:45:00Z"},
		{"half an hour, twice", "Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T14:45:00Z"},
		{"after both of them", "Australia/Lord_Howe", "2026-04-05T02:00:00", "2026-04-04T15:30:00Z"},

		{"a day that was left out", "Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00Z"},
		{"no change at all", "UTC", "2026-03-29T02:30:00", "2026-03-29T02:30:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			zone := "timezone = \"" + test.zone + "\"\n"
			got, ok := parse(t, zone).ParseTime(test.local)
			require.True(t, ok)
			require.Equal(t, test.want, got.UTC().Format(time.RFC3339))

			s := parse(t, zone+"[[rule]]\nname = \"r\"\nstatus = 500\nwhen.from = "+test.local) // a rule reads it likewise
			require.Equal(t, closed, openFor(s, post(), got.Add(-time.Second)))
			require.Equal(t, "answer 500", said(decideAt(s, post(), got).Plan))
		})
	}
}

func TestParseTime(t *testing.T) {
	s := parse(t, `timezone = "Europe/Berlin"`)
	for text, want := range map[string]string{
		"2026-11-24T02:00:00Z":      "2026-11-24T02:00:00Z",
		"2026-11-24T02:00:00-05:00": "2026-11-24T07:00:00Z",
		"2026-11-24T02:00:00":       "2026-11-24T01:00:00Z",
		"2026-11-24T02:00":          "2026-11-24T01:00:00Z",
		"2026-11-24 02:00:00.5":     "2026-11-24T01:00:00Z",
		"2026-11-24 02:00":          "2026-11-24T01:00:00Z",
		"2026-11-24":                "2026-11-23T23:00:00Z",
	} {
		got, ok := s.ParseTime(text)
		require.True(t, ok, text)
		require.Equal(t, want, got.UTC().Format(time.RFC3339), text)
	}
	for _, text := range []string{"", "02:00", "tomorrow", "2026-13-01", "24.11.2026"} {
		_, ok := s.ParseTime(text)
		require.False(t, ok, text)
	}
}

// A daily window opens when its clock shows so, and a change of the clocks that breaks it begins another.
func TestDailyAtChangesOfTheClocks(t *testing.T) {
	for _, test := range []struct {
		name, zone, daily, at string
		want                  time.Duration // open for so long; closed
	}{
		{"gap: left out", "Europe/Berlin", "02:00-03:00", "2026-03-29T01:00:00Z", closed},
		{"gap: begins in it, opens after it", "Europe/Berlin", "02:30-03:30", "2026-03-29T01:10:00Z", 10 * time.Minute},
		{"gap: around it", "Europe/Berlin", "01:30-03:30", "2026-03-29T01:10:00Z", 40 * time.Minute},
		{"fold: once more", "Europe/Berlin", "02:00-02:30", "2026-10-25T01:10:00Z", 10 * time.Minute},
		{"fold: around it, an hour longer", "Europe/Berlin", "01:30-03:30", "2026-10-25T02:10:00Z", 160 * time.Minute},
		{"fold: its end comes twice", "Europe/Berlin", "01:30-02:30", "2026-10-25T01:10:00Z", 10 * time.Minute},
		{"south, gap at midnight: the day begins at one", "America/Sao_Paulo", "00:00-24:00", "2018-11-04T03:20:00Z", 20 * time.Minute},
		{"south, gap at midnight: over it", "America/Sao_Paulo", "23:30-01:30", "2018-11-04T03:20:00Z", 50 * time.Minute},
		{"south, fold at midnight: its begin comes twice", "America/Sao_Paulo", "23:30-00:30", "2018-02-18T02:40:00Z", 10 * time.Minute},
		{"south, fold at midnight: closed in between", "America/Sao_Paulo", "23:30-00:30", "2018-02-18T02:20:00Z", closed},
		{"half an hour, gap: around it", "Australia/Lord_Howe", "01:30-03:00", "2026-10-03T15:40:00Z", 40 * time.Minute},
		{"half an hour, fold: its very length", "Australia/Lord_Howe", "01:30-02:00", "2026-04-04T15:10:00Z", 40 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, openFor(parse(t, growing(test.zone, test.daily, "")), post(), at(test.at)))
		})
	}
}

// Dates that leave little room still have a window in them.
func TestWindowsThatOpenForAMoment(t *testing.T) {
	for _, when := range []string{
		`{ daily = "22:00-02:00", days = ["mon"], from = 2026-11-24T01:00:00Z, until = 2026-11-24T01:30:00Z }`, // what Monday's night is on a Tuesday
		`{ daily = "02:00-03:00", from = 2026-11-24T02:59:59Z, until = 2026-11-24T12:00:00Z }`,
		`{ daily = "02:00-03:00", from = 2026-11-24T00:00:00Z, until = 2026-11-24T02:00:01Z }`,
		`{ days = ["sun"], from = 2026-11-24, until = 2026-11-29T00:00:01Z }`,
		`{ daily = "02:00-03:00", days = ["mon"], from = 2026-11-24, until = 2027-11-24 }`,
	} {
		parse(t, "[[rule]]\nname = \"r\"\nstatus = 500\nwhen = "+when)
	}
}
