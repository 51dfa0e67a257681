package scenario_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/scenario"
)

// threePhases last 10, 5 and, unless it has no end, 2 minutes.
const threePhases = `
	[[phase]]
	name = "calm"
	for = "10m"
	[[phase]]
	name = "outage"
	for = "5m"
	[[phase]]
	name = "recovery"
`

// Phases follow each other from the clock's start, and are half-open.
func TestPhaseAt(t *testing.T) {
	const ending, again = threePhases + `for = "2m"`, "repeat_phases = true\n" + threePhases + `for = "2m"`
	for _, test := range []struct {
		name, text string
		after      time.Duration
		want       string
		since      time.Duration
	}{
		{"the first moment", threePhases, 0, "calm", 0},
		{"the last moment of the first", threePhases, 10*time.Minute - 1, "calm", 0},
		{"the first of the second", threePhases, 10 * time.Minute, "outage", 10 * time.Minute},
		{"the last", threePhases, 15 * time.Minute, "recovery", 15 * time.Minute},
		{"the last has no end", threePhases, 1000 * time.Hour, "recovery", 15 * time.Minute},
		{"over", ending, 17 * time.Minute, "", 17 * time.Minute},
		{"over for long", ending, time.Hour, "", 17 * time.Minute},
		{"again, just before", again, 17*time.Minute - 1, "recovery", 15 * time.Minute},
		{"again", again, 17 * time.Minute, "calm", 17 * time.Minute},
		{"again and again", again, 10*17*time.Minute + 12*time.Minute, "outage", (10*17 + 10) * time.Minute},
		{"a clock that went back", threePhases, -time.Second, "calm", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			phase, since := parse(t, test.text).PhaseAt(scenario.Instant{Now: noon.Add(test.after), Start: noon})
			require.Equal(t, test.want, phase)
			require.Equal(t, noon.Add(test.since), since)
		})
	}
	phase, since := parse(t, "").PhaseAt(scenario.Instant{Now: noon, Start: noon})
	require.Equal(t, "", phase)
	require.Zero(t, since)
	phase, since = parse(t, threePhases).PhaseAt(scenario.Instant{Now: noon})
	require.Equal(t, "calm", phase, "a clock that has not started yet starts now")
	require.Equal(t, noon, since)
}

// Who jumps to a phase is at its first moment, and goes on from there.
func TestPhasesFrom(t *testing.T) {
	s := parse(t, threePhases)
	jumped := noon.Add(3 * time.Minute)
	begun, known := s.PhasesFrom("outage", jumped)
	require.True(t, known)
	for _, test := range []struct {
		after time.Duration
		want  string
	}{{0, "outage"}, {5*time.Minute - 1, "outage"}, {5 * time.Minute, "recovery"}} {
		phase, _ := s.PhaseAt(scenario.Instant{Now: jumped.Add(test.after), Start: noon, Phases: begun})
		require.Equal(t, test.want, phase, test.after)
	}
	_, known = s.PhasesFrom("holidays", jumped)
	require.False(t, known)
}

// A rule of a phase fires while it is on; its ramps count from the phase's opening, and the decision names the phase.
func TestWhenPhase(t *testing.T) {
	s := parse(t, threePhases+`
		[[rule]]
		name = "down"
		when.phase = "outage"
		refuse = true
		[[rule]]
		name = "slow"
		when.phase = ["outage", "recovery"]
		latency = { delay = { from = "10s", to = "0s", over = "10m" } }
	`)
	for _, test := range []struct {
		after       time.Duration
		phase, want string
		down        string // why the first rule does not fire
	}{
		{9 * time.Minute, "calm", "forward, relay", "phase calm is not outage"},
		{10 * time.Minute, "outage", "reset", ""},
		{15 * time.Minute, "recovery", "wait 10s, forward, relay", "phase recovery is not outage"},
		{20 * time.Minute, "recovery", "wait 5s, forward, relay", "phase recovery is not outage"},
		{25 * time.Minute, "recovery", "wait 0s, forward, relay", "phase recovery is not outage"},
	} {
		d := decide(s, post(), newCounts(), test.after)
		require.Equal(t, test.phase, d.Phase)
		require.Equal(t, test.want, said(d.Plan), test.after)
		require.Equal(t, test.down, d.Readings[0].Miss)
	}
	over := parse(t, rule(`when.phase = "outage"`)+threePhases+`for = "1m"`)
	require.Equal(t, "the phases are over", decide(over, post(), newCounts(), time.Hour).Readings[0].Miss)
}

// times may be counted anew in each window, and in each phase.
func TestTimesPer(t *testing.T) {
	const flaps = "when.for = \"3m\"\nwhen.repeat_every = \"10m\"\n"
	for _, test := range []struct {
		name, text string
		want       string // of an attempt each minute: x fired
	}{
		{"in all", rule(flaps + `when.times = 2`), "xx........" + ".........." + ".........."},
		{"per window", rule(flaps + `when.times = { n = 2, per = "window" }`), "xx........" + "xx........" + "xx........"},
		{"per window of a phase", rule(`when = { phase = ["outage", "recovery"], times = { n = 2, per = "window" } }`) + threePhases,
			".........." + "xx...xx..." + ".........."},
		{"per phase", rule(`when.times = { n = 2, per = "phase" }`) + threePhases, "xx........" + "xx...xx..." + ".........."},
		{"per phase, and a window in it", rule(flaps+`when.times = { n = 1, per = "phase" }`) + threePhases, "x........." + "x........." + "x........."},
		{"per phase, and after the last", rule(`when.times = { n = 1, per = "phase" }`) + threePhases + `for = "5m"`, "x........." + "x....x...." + "x........."},
		{"per day", rule("when.daily = \"12:05-12:20\"\n" + `when.times = { n = 3, per = "window" }`), ".....xxx.." + ".........." + ".........."},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, table := parse(t, test.text), counters.New(counters.Config{})
			var fired strings.Builder
			for minute := range 30 {
				subj := post(func(subj *scenario.Subject) { subj.Key = fmt.Sprint(minute) })
				table.Do(func(tx *counters.Tx) {
					now := noon.Add(time.Duration(minute) * time.Minute)
					d := s.Decide(subj, s.Matching(subj), tx, scenario.Instant{Now: now, Start: noon})
					d.Count(tx, now)
					fired.WriteByte(".x"[len(d.Fired)])
				})
			}
			require.Equal(t, test.want, fired.String())
		})
	}
}
