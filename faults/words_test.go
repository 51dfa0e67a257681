package faults_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
)

// Each step in the words that explain shows.
func TestPlanInWords(t *testing.T) {
	for want, plan := range map[string][]faults.Step{
		"wait 1s500ms, forward, relay":                {faults.Wait{For: 1500*time.Millisecond + 3}, faults.Forward{}, faults.Relay{}},
		"up at 1MiB/s, reset":                         {faults.Throttle{Up: 1 << 20}, faults.Reset{}},
		"down at 1B/s, forward":                       {faults.Throttle{Down: 1}, faults.Forward{}},
		"up at 5B/s and down at 2KiB/s, relay":        {faults.Throttle{Up: 5, Down: 2 << 10}, faults.Relay{}},
		"forward, corrupt 3, relay":                   {faults.Forward{}, faults.Corrupt{Bytes: 3}, faults.Relay{}},
		"rewrite the request, forward":                {faults.Rewrite{}, faults.Forward{}},
		"rewrite the answer, relay":                   {faults.Rewrite{Answer: true}, faults.Relay{}},
		"duplicate by 1, forward":                     {faults.Duplicate{More: 1}, faults.Forward{}},
		"duplicate by 2 apart 5s, deliver":            {faults.Duplicate{More: 2, Apart: 5 * time.Second}, faults.Deliver{}},
		"break its JSON, answer 200":                  {faults.Corrupt{Bytes: 1, JSON: true}, faults.Answer{Status: 200}},
		"answer 503":                                  {faults.Answer{Status: 503}},
		"answer 503, retry after 30s":                 {faults.Answer{Status: 503, RetryAfter: 30 * time.Second}},
		"answer 429, retry at 12:00:00.5Z":            {faults.Answer{Status: 429, RetryAt: time.Date(2026, 11, 24, 13, 0, 0, 5e8, time.FixedZone("", 3600))}},
		"deliver, reset":                              {faults.Deliver{}, faults.Reset{}},
		"reset midway":                                {faults.Reset{Midway: true}},
		"hold, reset":                                 {faults.Hold{}, faults.Reset{}},
		"hold 1m, finish":                             {faults.Hold{For: time.Minute}, faults.Finish{}},
		"begin 200 up to 64KiB, finish":               {faults.Begin{Answer: faults.Answer{Status: 200}, After: faults.Amount{Of: 64 << 10}}, faults.Finish{}},
		"deliver, begin the target's up to 50%, hold": {faults.Deliver{Keep: true}, faults.Begin{Own: true, After: faults.Amount{Share: true, Of: 0.5}}, faults.Hold{}},
		"raw, finish":                                 {faults.Raw{}, faults.Finish{}},
		"interim 103, forward, relay":                 {faults.Interim{Status: 103, Count: 1}, faults.Forward{}, faults.Relay{}},
		"hear out, answer 503":                        {faults.HearOut{}, faults.Answer{Status: 503}},
		"cut after 4KiB as reset":                     {faults.Cut{Bytes: 4 << 10, As: faults.Severed}},
		"cut after 2s as stall":                       {faults.Cut{Time: 2 * time.Second, As: faults.Stalled}},
		"alert":                                       {faults.Alert{}},
		"present wrong host":                          {faults.Present{Flaw: faults.WrongHost}},
		"":                                            nil,
	} {
		require.Equal(t, want, faults.Plan{Steps: plan}.String())
	}
}
