package configs_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// The lesson of each scenario fires as its header says.
func TestLessons(t *testing.T) {
	const untouched = "forward, relay"
	for _, test := range []struct {
		scenario string
		at       string // time of day of the attempt; the clock started at 00:00:00
		attempt  int    // also the number of the rule's match
		want     string
	}{
		{"at-least-once", "00:00:00", 1, "duplicate by 1, forward, relay"},
		{"at-least-once", "00:00:00", 2, "duplicate by 1, forward, relay"},

		{"closed-connections", "00:00:00", 1, untouched},
		{"closed-connections", "00:00:00", 2, untouched},
		{"closed-connections", "00:00:00", 3, "finish"},

		{"cut-answers", "00:00:00", 1, "deliver, begin the target's up to 50%, finish"},
		{"cut-answers", "00:00:00", 2, "deliver, begin the target's up to 50%, reset"},
		{"cut-answers", "00:00:00", 3, "deliver, begin the target's up to 1B, hold 30s, reset"},
		{"cut-answers", "00:00:00", 4, untouched},

		{"flapping", "00:00:00", 1, "answer 502"},
		{"flapping", "00:00:09", 1, "answer 502"},
		{"flapping", "00:00:10", 1, untouched},
		{"flapping", "00:00:29", 1, untouched},
		{"flapping", "00:00:30", 1, "answer 502"},
		{"flapping", "00:10:05", 1, "answer 502"},
		{"flapping", "00:10:15", 1, untouched},

		{"gone", "00:00:00", 1, "answer 410"},
		{"gone", "00:00:00", 2, "answer 410"},

		{"hanging", "00:00:00", 1, "hold 10m, reset"},
		{"hanging", "00:00:00", 2, untouched},

		{"lost-acknowledgement", "00:00:00", 1, "deliver, reset"},
		{"lost-acknowledgement", "00:00:00", 2, untouched},

		{"first-two-fail", "00:00:00", 1, "answer 503, retry after 1s"},
		{"first-two-fail", "00:00:00", 2, "answer 503, retry after 1s"},
		{"first-two-fail", "00:00:00", 3, untouched},

		{"lost-on-the-third", "00:00:00", 1, "answer 503"},
		{"lost-on-the-third", "00:00:00", 2, "answer 503"},
		{"lost-on-the-third", "00:00:00", 3, "deliver, reset"},
		{"lost-on-the-third", "00:00:00", 4, untouched},

		{"odd-answers", "00:00:00", 1, "raw, finish"},
		{"odd-answers", "00:00:00", 2, "answer 307"},
		{"odd-answers", "00:00:00", 3, "interim 103, forward, relay"},
		{"odd-answers", "00:00:00", 4, untouched},

		{"outage", "00:00:00", 1, "reset"},
		{"outage", "00:01:59", 5, "reset"},
		{"outage", "00:02:00", 6, untouched},

		{"rate-limited", "00:00:00", 1, "answer 429, retry after 5s"},
		{"rate-limited", "00:00:00", 2, "answer 429, retry after 5s"},
		{"rate-limited", "00:00:00", 3, untouched},

		{"slow-link", "00:00:00", 1, "up at 64KiB/s, down at 1B/s, forward, relay"},
		{"slow-link", "00:00:00", 2, "up at 64KiB/s, forward, relay"},

		{"slow-success", "00:00:00", 1, "forward, wait 1m, relay"},
		{"slow-success", "00:00:00", 2, untouched},

		{"tampered-payloads", "00:00:00", 1, "rewrite the request, forward, relay"},
		{"tampered-payloads", "00:00:00", 2, "rewrite the request, forward, relay"},
		{"tampered-payloads", "00:00:00", 3, untouched},
	} {
		t.Run(fmt.Sprintf("%s, attempt %d at %s", test.scenario, test.attempt, test.at), func(t *testing.T) {
			s := parse(t, test.scenario)

			plan := decide(s, "wh_1", test.attempt, counts{matched: uint64(test.attempt) - 1}, day(t, test.at), day(t, "00:00:00"))

			require.Equal(t, test.want, plan.String())
		})
	}
}

// slow-failures holds back what the target itself answers with a 5xx.
func TestSlowFailures(t *testing.T) {
	s, now := parse(t, "slow-failures"), scenario.Instant{Now: day(t, "00:00:00"), Start: day(t, "00:00:00")}
	for _, test := range []struct {
		status int
		want   string
	}{{200, "relay"}, {404, "relay"}, {500, "wait 10s, relay"}, {503, "wait 10s, relay"}} {
		subject := post("wh_1")
		before := s.Decide(subject, s.Matching(subject), counts{}, now)
		require.Equal(t, "forward, relay", before.Plan.String())
		subject.Moment, subject.Status = scenario.Response, test.status
		require.Equal(t, test.want, s.DecideAnswer(subject, s.Matching(subject), before, counts{}, now).Plan.String(), "status %d", test.status)
	}
}

// throttled lets ten attempts at a host pass at once, then ten a second.
func TestThrottled(t *testing.T) {
	s, past := parse(t, "throttled"), remembering{kept: map[string][]time.Time{}}
	passed := map[string]int{}
	for i := range 60 {
		at := day(t, "00:00:00").Add(time.Duration(i/20) * 500 * time.Millisecond)
		passed[at.Format("05.0")+" "+past.decide(s, fmt.Sprintf("wh_%d", i), at).String()]++
	}
	require.Equal(t, map[string]int{
		"00.0 forward, relay": 10, "00.0 answer 429, retry at 00:00:00.1Z": 10,
		"00.5 forward, relay": 5, "00.5 answer 429, retry at 00:00:00.6Z": 15,
		"01.0 forward, relay": 5, "01.0 answer 429, retry at 00:00:01.1Z": 15,
	}, passed)
}

// overloaded serves four at once, lets twenty wait, and turns the others away.
func TestOverloaded(t *testing.T) {
	s, past := parse(t, "overloaded"), remembering{kept: map[string][]time.Time{}}
	seen := map[string]int{}
	for i := range 30 {
		seen[past.decide(s, fmt.Sprintf("wh_%d", i), day(t, "00:00:00")).String()]++
	}
	require.Equal(t, map[string]int{
		"wait 200ms, forward, relay": 4, "wait 400ms, forward, relay": 4, "wait 600ms, forward, relay": 4, "wait 800ms, forward, relay": 4,
		"wait 1s, forward, relay": 4, "wait 1s200ms, forward, relay": 4, "answer 503": 6,
	}, seen)
}

// What acts at a CONNECT, before there is a request, fires as its header says.
func TestConnectLessons(t *testing.T) {
	const untouched = "forward, relay"
	for _, test := range []struct {
		scenario string
		at       string // time of day; the clock started at 00:00:00
		want     string
	}{
		{"bad-certificate", "00:00:00", "present expired"},
		{"bad-certificate", "00:01:00", "alert"},
		{"bad-certificate", "00:02:00", untouched},

		{"cut-tunnels", "00:00:00", "forward, cut after 6000B as reset"},
	} {
		t.Run(test.scenario+" at "+test.at, func(t *testing.T) {
			s := parse(t, test.scenario)
			subject := &scenario.Subject{
				Moment: scenario.Connect, Placement: scenario.Tunnel, Client: netip.MustParseAddr("127.0.0.1"),
				Scheme: "https", Host: "hooks.example.com", Port: 443, Size: -1,
			}

			plan := s.Decide(subject, s.Matching(subject), counts{matched: 2}, scenario.Instant{Now: day(t, test.at), Start: day(t, "00:00:00")}).Plan

			require.Equal(t, test.want, plan.String())
		})
	}
}

// unreachable closes the proxy's own listener, and lets no rule act on an attempt.
func TestUnreachable(t *testing.T) {
	s := parse(t, "unreachable")
	for at, want := range map[string]faults.Door{
		"00:00:00": faults.DoorRefusing, "00:00:59": faults.DoorRefusing, "00:01:00": faults.DoorSilent, "00:01:59": faults.DoorSilent, "00:02:00": faults.DoorOpen,
	} {
		door, _ := s.DoorAt(&scenario.Subject{Placement: scenario.Forward}, scenario.Instant{Now: day(t, at), Start: day(t, "00:00:00")})
		require.Equal(t, want, door.State, "at %s", at)
		require.Equal(t, "forward, relay", decide(s, "wh_1", 1, counts{}, day(t, at), day(t, "00:00:00")).String())
	}
}

// slow draws the delay of each attempt: between two and four seconds, before the target, and nothing else.
func TestSlow(t *testing.T) {
	s := parse(t, "slow")
	for i := range 100 {
		plan := decide(s, fmt.Sprintf("wh_%d", i), 1, counts{}, day(t, "00:00:00"), day(t, "00:00:00"))

		wait, isWait := plan.Steps[0].(faults.Wait)
		require.True(t, isWait, "first step of %s", plan.String())
		require.GreaterOrEqual(t, wait.For, 2*time.Second)
		require.LessOrEqual(t, wait.For, 4*time.Second)
		require.Equal(t, []faults.Step{faults.Forward{}, faults.Relay{}}, plan.Steps[1:])
	}
}

// flaky gives each failure its share, and the same ones to the same deliveries, whatever the order.
func TestFlaky(t *testing.T) {
	const deliveries = 4000
	s := parse(t, "flaky")
	seen := map[string]int{}
	first := map[string]string{}
	for i := range deliveries {
		key := fmt.Sprintf("wh_%d", i)
		first[key] = decide(s, key, 1, counts{}, day(t, "00:00:00"), day(t, "00:00:00")).String()
		last := first[key][strings.LastIndex(first[key], " ")+1:]
		seen[last]++
		if strings.HasPrefix(first[key], "wait") {
			seen["wait"]++
		}
	}

	require.InEpsilon(t, 0.10*deliveries, seen["wait"], 0.2)
	require.InEpsilon(t, 0.10*deliveries, seen["500"], 0.2)
	require.InEpsilon(t, 0.90*0.05*deliveries, seen["reset"], 0.3)
	require.InEpsilon(t, 0.90*0.95*0.05*deliveries, seen["finish"], 0.3)
	for _, i := range []int{3999, 17, 2048} {
		key := fmt.Sprintf("wh_%d", i)
		require.Equal(t, first[key], decide(parse(t, "flaky"), key, 1, counts{matched: 99}, day(t, "23:00:00"), day(t, "00:00:00")).String())
	}
}

// corrupted-answers gives each damage its share, one at a time, and leaves the target's part as it is.
func TestCorruptedAnswers(t *testing.T) {
	const deliveries = 4000
	s := parse(t, "corrupted-answers")
	seen := map[string]int{}
	for i := range deliveries {
		seen[decide(s, fmt.Sprintf("wh_%d", i), 1, counts{}, day(t, "00:00:00"), day(t, "00:00:00")).String()]++
	}
	require.Len(t, seen, 3)
	require.InEpsilon(t, 0.20*deliveries, seen["forward, break its JSON, relay"], 0.2)
	require.InEpsilon(t, 0.80*0.10*deliveries, seen["forward, corrupt 5, relay"], 0.2)
	require.NotZero(t, seen["forward, relay"])
}
