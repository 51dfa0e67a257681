package scenario_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// Of every rule a decision says that it fired, or the first condition that failed, with its values.
func TestReadings(t *testing.T) {
	for _, test := range []struct {
		name string
		keys string // of a rule below one that only delays
		want string
	}{
		{"fires", ``, ""},
		{"not enabled", `enabled = false`, "it is not enabled"},
		{"host", `match.host = ["a.test", "*.b.test"]`, "host hooks.example.com:80 is not a.test, *.b.test"},
		{"path", `match.path = "/orders/**"`, "path /claims/7 is not /orders/**"},
		{"method", `match.method = "PUT"`, "method POST is not PUT"},
		{"header", `match.header.X-Tags = "late"`, `header X-Tags is "a, urgent", not late`},
		{"header that must be absent", `match.header.X-Tags = false`, `header X-Tags is "a, urgent", not absent`},
		{"json", `match.json.amount = [1, 2]`, "json amount is 100, not 1, 2"},
		{"the first of several", "match.path = \"/x\"\nwhen.attempt = 3", "path /claims/7 is not /x"},
		{"attempt", `when.attempt = "2-4"`, "attempt 1 is not 2-4"},
		{"age", `when.age = ">10s"`, "age 5s is not >10s"},
		{"nth", `when.nth = 9`, "match 1 is not 9"},
		{"every", `when.every = 2`, "match 1 is not one of every 2"},
		{"chance", `when.chance = 0.1`, "the draw 0.5104 is not under 10%"},
		{"begins", `when.after = "30s"`, "5s after the clock's start is before 30s"},
		{"ended", `when.for = "2s"`, "5s after the clock's start is not before 2s"},
		{"between two openings", "when.for = \"2s\"\nwhen.repeat_every = \"1m\"", "5s into an interval of 1m is not before 2s"},
		{"daily", `when.daily = "02:00-02:30"`, "12:00:05 UTC is not in 02:00-02:30"},
		{"days", `when.days = ["wed", "thu"]`, "tue is not wed, thu"},
		{"from", `when.from = 2026-12-01T00:00:00Z`, "2026-11-24T12:00:05Z is before 2026-12-01T00:00:00Z"},
		{"until", `when.until = 2026-11-01T00:00:00Z`, "2026-11-24T12:00:05Z is not before 2026-11-01T00:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := parse(t, "seed = 7\n[[rule]]\nname = \"slow\"\nlatency = \"1s\"\n[[rule]]\nname = \"r\"\n"+test.keys+"\nstatus = 500\n")
			subj := post(func(subj *scenario.Subject) { subj.First = noon })

			readings := decide(s, subj, newCounts(), 5*time.Second).Readings

			require.Len(t, readings, 2)
			require.Equal(t, scenario.Reading{Rule: "slow", Fired: true, Faults: []string{"latency"}, Nth: 1}, readings[0])
			require.Equal(t, test.want, readings[1].Miss)
			require.Equal(t, test.want == "", readings[1].Fired)
		})
	}
}

// A rule below the end of the reading matches, and is not read; counts are shown as they stood.
func TestReadingsBelowTheEnd(t *testing.T) {
	s, c := parse(t, `
		[[rule]]
		name = "first two"
		when.times = 2
		status = 503
		[[rule]]
		name = "rest"
		reset = true
	`), newCounts()
	var last scenario.Decision
	for range 3 {
		last = decide(s, post(), c, 0)
		if len(last.Fired) == 1 && last.Fired[0].Rule == "first two" {
			require.Equal(t, `the reading ended at "first two"`, last.Readings[1].Miss)
		}
	}
	require.Equal(t, []scenario.Reading{
		{Rule: "first two", Miss: "it has fired 2 times", Nth: 3, Before: 2},
		{Rule: "rest", Fired: true, Faults: []string{"reset"}, Nth: 3},
	}, last.Readings)
}

// At a CONNECT a rule that asks for more is not decided, and says so.
func TestReadingsAtConnect(t *testing.T) {
	s := parse(t, `
		[[rule]]
		name = "status"
		status = 503
		[[rule]]
		name = "elsewhere"
		match.host = "b.test"
		refuse = true
		[[rule]]
		name = "down"
		refuse = true
	`)
	require.Equal(t, []scenario.Reading{
		{Rule: "status", Miss: "it needs to look inside the tunnel"},
		{Rule: "elsewhere", Miss: "host a.test:443 is not b.test"},
		{Rule: "down", Fired: true, Faults: []string{"refuse"}, Nth: 1},
	}, decide(s, connect("a.test"), newCounts(), 0).Readings)
}
