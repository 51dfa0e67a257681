package scenario_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// What is done to an attempt before and after its target has answered, and which rules that is.
func TestDecideAnswer(t *testing.T) {
	const slow = `
		[[rule]]
		name = "errors are slow"
		match.response = ["5xx", 429]
		latency = { delay = "1s", at = "response" }`
	for _, test := range []struct {
		name        string
		rules       string
		status      int
		first, then string // plans
		fired       string // first and then
		matched     string
	}{
		{"no such rule", `
			[[rule]]
			name = "a"
			latency = "1s"`, 500, "wait 1s, forward, relay", "relay", "a |", "a |"},
		{"it holds", slow, 503, "forward, relay", "wait 1s, relay", " | errors are slow", " | errors are slow"},
		{"another of its statuses", slow, 429, "forward, relay", "wait 1s, relay", " | errors are slow", " | errors are slow"},
		{"it does not hold", slow, 200, "forward, relay", "relay", " |", " |"},
		{"what acts on the answer adds up", slow + `
			[[rule]]
			name = "all are slow"
			latency = { delay = "2s", at = "response" }`, 500, "forward, wait 2s, relay", "wait 2s, wait 1s, relay", "all are slow | errors are slow", "all are slow | errors are slow"},
		{"a terminal fault ends the reading", `
			[[rule]]
			name = "a"
			match.response = "2xx"
			reset = true` + strings.ReplaceAll(slow, `["5xx", 429]`, `"2xx"`), 200, "forward, relay", "hearout, reset", " | a", " | a, errors are slow"},
		{"pass ends it, too", `
			[[rule]]
			name = "a"
			match.response = 503
			pass = true` + slow, 503, "forward, relay", "relay", " | a", " | a, errors are slow"},
		{"the target's own answer is cut", `
			[[rule]]
			name = "a"
			match.response = "2xx"
			truncate = true`, 201, "forward, relay", "begin, finish", " | a", " | a"},
		{"after a pass nothing fires", slow + `
			[[rule]]
			name = "a"
			pass = true`, 503, "forward, relay", "relay", "a |", "a | errors are slow"},
		{"below the last rule nothing fires", `
			[[rule]]
			name = "a"
			latency = "1s"
			last = true` + slow, 503, "wait 1s, forward, relay", "relay", "a |", "a | errors are slow"},
		{"above it, it does", slow + `
			[[rule]]
			name = "a"
			latency = "1s"
			last = true`, 503, "wait 1s, forward, relay", "wait 1s, relay", "a | errors are slow", "a | errors are slow"},
		{"an alternative", `
			[[rule]]
			name = "a"
			match.response = 200
			one_of = [{ close = true }]`, 200, "forward, relay", "hearout, finish", " | a", " | a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, c := parse(t, test.rules), newCounts()
			first := decide(s, post(), c, 0)
			then := decideAnswer(s, post(), test.status, first, c, time.Second)
			require.Equal(t, test.first, said(first.Plan))
			require.Equal(t, test.then, said(then.Plan))
			require.Equal(t, test.fired, strings.TrimSuffix(firedNames(first)+" | "+firedNames(then), " "))
			require.Equal(t, test.matched, strings.TrimSuffix(strings.Join(first.Matched, ", ")+" | "+strings.Join(then.Matched, ", "), " "))
		})
	}
}

// Such a rule counts the answers that it matches, and nothing when the request was read.
func TestCountsOfAnswers(t *testing.T) {
	s, c := parse(t, `
		[[rule]]
		name = "second error"
		match.response = "5xx"
		when.nth = 2
		reset = true
		[[rule]]
		name = "every third"
		match.response = "5xx"
		when.every = 3
		close = true
		[[rule]]
		name = "once"
		match.response = "5xx"
		when.times = 1
		hang = true
	`), newCounts()
	var plans []string
	for _, status := range []int{200, 500, 200, 500, 503, 502, 200} {
		plans = append(plans, said(decideAnswer(s, post(), status, decide(s, post(), c, 0), c, 0).Plan))
	}
	require.Equal(t, []string{"relay", "hearout, hold, reset", "relay", "hearout, reset", "hearout, finish", "relay", "relay"}, plans)
	require.Equal(t, map[string]uint64{"second error": 4, "every third": 4, "once": 4}, c.matched)
}

// It has a window, phases and draws as other rules have, at the moment of the answer.
func TestWhenOfAnswers(t *testing.T) {
	s := parse(t, "[[rule]]\nname = \"r\"\nmatch.response = 200\nwhen = { after = \"10s\", for = \"10s\", attempt = 2 }\nreset = true")
	second := post(func(subj *scenario.Subject) { subj.Attempt = 2 })
	at := func(subj *scenario.Subject, after time.Duration) string {
		c := newCounts()
		return said(decideAnswer(s, subj, 200, decide(s, subj, c, 0), c, after).Plan)
	}
	require.Equal(t, "relay", at(second, 9*time.Second))
	require.Equal(t, "hearout, reset", at(second, 10*time.Second))
	require.Equal(t, "relay", at(post(), 10*time.Second))
	require.Equal(t, "relay", at(second, 20*time.Second))
}

// Why rules do what they do, at each moment.
func TestReadingsOfAnswers(t *testing.T) {
	s, c := parse(t, `
		[[rule]]
		name = "by the request"
		latency = "1s"
		[[rule]]
		name = "by the answer"
		match.response = "5xx"
		reset = true
	`), newCounts()
	first := decide(s, post(), c, 0)
	require.Equal(t, "it is decided by the target's answer", first.Readings[1].Miss)
	then := decideAnswer(s, post(), 404, first, c, 0)
	require.Equal(t, "it was decided when the request was read", then.Readings[0].Miss)
	require.Equal(t, "the target's answer 404 is not 5xx", then.Readings[1].Miss)

	require.Equal(t, 1, decide(s, connect("hooks.example.com"), c, 0).Unseen, "a tunnel hides the answer")
}
