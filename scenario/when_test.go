package scenario_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// Which of ten attempts a rule fires at: of one delivery, a minute apart, the first at noon.
func TestWhenCounts(t *testing.T) {
	for _, test := range []struct {
		keys string
		want []int
	}{
		{``, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{`when.attempt = 1`, []int{1}},
		{`when.attempt = "1-3"`, []int{1, 2, 3}},
		{`when.attempt = "8-"`, []int{8, 9, 10}},
		{`when.attempt = [1, 3, "9-"]`, []int{1, 3, 9, 10}},
		{`when.nth = "2-3"`, []int{2, 3}},
		{`when.every = 4`, []int{4, 8}},
		{`when.every = 1`, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{`when.times = 2`, []int{1, 2}},
		{`when.times = { n = 2 }`, []int{1, 2}},
		{"when.every = 3\nwhen.times = 2", []int{3, 6}},
		{`when.age = "<2m"`, []int{1, 2}},
		{`when.age = "<=2m"`, []int{1, 2, 3}},
		{`when.age = ">7m"`, []int{9, 10}},
		{`when.age = ">=7m"`, []int{8, 9, 10}},
		{`when.chance = 0`, nil},
		{`when.chance = "0%"`, nil},
		{`when.chance = 1`, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{`when.chance = 1.0`, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{`when.chance = { from = "0%", to = "100%", over = "5m" }`, []int{3, 4, 5, 6, 7, 8, 9, 10}}, // 0, 20, 40, 60, 80 %, then all; as seed 7 draws
		{`when.after = "3m"`, []int{4, 5, 6, 7, 8, 9, 10}},
		{`when.for = "3m"`, []int{1, 2, 3}},
		{"when.after = \"2m\"\nwhen.for = \"3m\"", []int{3, 4, 5}},
		{"when.for = \"1m\"\nwhen.repeat_every = \"4m\"", []int{1, 5, 9}},
		{"when.after = \"2m\"\nwhen.for = \"2m\"\nwhen.repeat_every = \"5m\"", []int{3, 4, 8, 9}},
		{"when.attempt = \"2-4\"\nwhen.for = \"3m\"", []int{2, 3}},
	} {
		t.Run(test.keys, func(t *testing.T) {
			s, c := parse(t, rule(test.keys)), newCounts()
			var fired []int
			for n := 1; n <= 10; n++ {
				after := time.Duration(n-1) * time.Minute
				subj := post(func(s *scenario.Subject) { s.Attempt, s.First = n, noon })
				if len(decide(s, subj, c, after).Fired) > 0 {
					fired = append(fired, n)
				}
			}
			require.Equal(t, test.want, fired)
		})
	}
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(fmt.Sprintf("time of a test: %v", err))
	}
	return t
}

// When a window is open, by the wall clock.
func TestWhenTimes(t *testing.T) {
	const berlin = "timezone = \"Europe/Berlin\"\n"
	for _, test := range []struct {
		name string
		text string
		at   string
		want bool
	}{
		{"daily, before", rule(`when.daily = "02:00-02:30"`), "2026-11-24T01:59:59Z", false},
		{"daily, first moment", rule(`when.daily = "02:00-02:30"`), "2026-11-24T02:00:00Z", true},
		{"daily, last moment", rule(`when.daily = "02:00-02:30"`), "2026-11-24T02:29:59.999Z", true},
		{"daily, over", rule(`when.daily = "02:00-02:30"`), "2026-11-24T02:30:00Z", false},
		{"daily, with seconds", rule(`when.daily = "02:00:10-02:00:20"`), "2026-11-24T02:00:15Z", true},
		{"daily, to the end of the day", rule(`when.daily = "23:00-24:00"`), "2026-11-24T23:59:59Z", true},
		{"daily, the whole day", rule(`when.daily = "00:00-24:00"`), "2026-11-24T00:00:00Z", true},
		{"over midnight, before", rule(`when.daily = "23:00-01:00"`), "2026-11-24T22:59:59Z", false},
		{"over midnight, the day before", rule(`when.daily = "23:00-01:00"`), "2026-11-24T23:00:00Z", true},
		{"over midnight, the day after", rule(`when.daily = "23:00-01:00"`), "2026-11-25T00:59:59Z", true},
		{"over midnight, over", rule(`when.daily = "23:00-01:00"`), "2026-11-25T01:00:00Z", false},
		{"daily in the scenario's zone", berlin + rule(`when.daily = "02:00-02:30"`), "2026-11-24T01:10:00Z", true},
		{"daily in the scenario's zone, not in UTC", berlin + rule(`when.daily = "02:00-02:30"`), "2026-11-24T02:10:00Z", false},
		{"daily in its own zone", berlin + rule(`when.daily = "02:00-02:30 America/New_York"`), "2026-11-24T07:10:00Z", true},

		// On 29 March 2026 Berlin's clocks go from 02:00 to 03:00; on 25 October they show 02:00 to 03:00 twice.
		{"gap: the hour that is left out does not open", berlin + rule(`when.daily = "02:00-03:00"`), "2026-03-29T01:00:00Z", false},
		{"gap: just before it", berlin + rule(`when.daily = "01:30-03:30"`), "2026-03-29T00:59:59Z", true},
		{"gap: just after it", berlin + rule(`when.daily = "01:30-03:30"`), "2026-03-29T01:00:00Z", true},
		{"gap: ends by the wall clock", berlin + rule(`when.daily = "01:30-03:30"`), "2026-03-29T01:30:00Z", false},
		{"fold: the first time", berlin + rule(`when.daily = "02:00-02:30"`), "2026-10-25T00:10:00Z", true},
		{"fold: in between", berlin + rule(`when.daily = "02:00-02:30"`), "2026-10-25T00:40:00Z", false},
		{"fold: the second time", berlin + rule(`when.daily = "02:00-02:30"`), "2026-10-25T01:10:00Z", true},

		{"days, on one", rule(`when.days = ["mon", "tue"]`), "2026-11-24T12:00:00Z", true},
		{"days, on another", rule(`when.days = ["wed"]`), "2026-11-24T12:00:00Z", false},
		{"days, by the scenario's zone", berlin + rule(`when.days = ["wed"]`), "2026-11-24T23:30:00Z", true},
		{"days and daily over midnight: the day it opened counts", rule("when.days = [\"tue\"]\nwhen.daily = \"23:00-01:00\""), "2026-11-25T00:30:00Z", true},
		{"days and daily over midnight: not the day it ends", rule("when.days = [\"wed\"]\nwhen.daily = \"23:00-01:00\""), "2026-11-25T00:30:00Z", false},

		{"from, before", rule(`when.from = 2026-11-24T10:00:00Z`), "2026-11-24T09:59:59Z", false},
		{"from, at it", rule(`when.from = 2026-11-24T10:00:00Z`), "2026-11-24T10:00:00Z", true},
		{"from, in the scenario's zone", berlin + rule(`when.from = 2026-11-24T10:00:00`), "2026-11-24T09:00:00Z", true},
		{"from, before it in the scenario's zone", berlin + rule(`when.from = 2026-11-24T10:00:00`), "2026-11-24T08:59:59Z", false},
		{"from a day", berlin + rule(`when.from = 2026-11-24`), "2026-11-23T23:00:00Z", true},
		{"until, before", rule(`when.until = 2026-11-24T10:00:00+01:00`), "2026-11-24T08:59:59Z", true},
		{"until, at it", rule(`when.until = 2026-11-24T10:00:00+01:00`), "2026-11-24T09:00:00Z", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, len(decideAt(parse(t, test.text), post(), at(test.at)).Fired) > 0)
		})
	}
}

// A clock that has not started yet counts as starting now.
func TestClockNotStarted(t *testing.T) {
	s := parse(t, rule("when.for = \"1m\""))
	subj := post()
	require.Len(t, s.Decide(subj, s.Matching(subj), newCounts(), scenario.Instant{Now: noon}).Fired, 1)
}

// A ramp counts from the opening of the rule's window.
func TestRampFromTheOpening(t *testing.T) {
	for _, test := range []struct {
		name  string
		keys  string
		after time.Duration
		want  string
	}{
		{"without a window, from the start", ``, 5 * time.Minute, "wait 1.5s, forward, relay"},
		{"after", `when.after = "3m"`, 5 * time.Minute, "wait 1.2s, forward, relay"},
		{"repeated", "when.for = \"3m\"\nwhen.repeat_every = \"4m\"", 5 * time.Minute, "wait 1.1s, forward, relay"},
		{"daily that was open before the start", `when.daily = "11:57-13:00"`, 2 * time.Minute, "wait 1.5s, forward, relay"},
		{"from before the start", `when.from = 2026-11-24T11:57:00Z`, 2 * time.Minute, "wait 1.5s, forward, relay"},
		{"the latest of several", "when.after = \"1m\"\nwhen.daily = \"12:03-13:00\"", 5 * time.Minute, "wait 1.2s, forward, relay"},
		{"until alone", `when.until = 2026-11-24T13:00:00Z`, 5 * time.Minute, "wait 1.5s, forward, relay"},
		{"past its end it stays", ``, time.Hour, "wait 2s, forward, relay"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := parse(t, "[[rule]]\nname = \"r\"\nlatency = { delay = { from = \"1s\", to = \"2s\", over = \"10m\" } }\n"+test.keys)
			require.Equal(t, test.want, said(decide(s, post(), newCounts(), test.after).Plan))
		})
	}
}
