package proxy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// A record names the phase that was on, also while faults are off.
func TestRecordsNameThePhase(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, `
		[[phase]]
		name = "outage"
		[[rule]]
		name = "down"
		when.phase = "outage"
		status = 503`)
	request := wiretest.Post(target.Address(), "/hook", "x")

	status, _ := p.one(t, request)
	require.Equal(t, 503, status)
	p.LiftFaults()
	status, _ = p.one(t, request)
	require.Equal(t, 200, status)

	for _, attempt := range p.journal.attempts(t, 2) {
		require.Equal(t, "outage", attempt.Phase)
	}
}

// Windows go by the clock that the run was started with; a delivery is no older for it, and the log goes by the machine's clock.
func TestAnotherClock(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	night := time.Date(2040, 2, 29, 1, 59, 0, 0, time.UTC)
	for _, tt := range []struct {
		name, when string
		want       int
	}{
		{"from", `from = 2040-02-29T01:59:00Z`, 503},
		{"until", `until = 2040-02-29T01:59:00Z`, 200},
		{"daily, and a window of the run", `{ daily = "01:00-03:00", for = "1h" }`, 503},
		{"not yet", `daily = "03:00-04:00"`, 200},
		{"age", `age = "<1h"`, 503},
	} {
		t.Run(tt.name, func(t *testing.T) {
			when := "when." + tt.when
			if tt.when[0] == '{' {
				when = "when = " + tt.when
			}
			began := time.Now()
			p := start(t, "[[rule]]\nname = \"r\"\nstatus = 503\n"+when, func(cfg *proxy.Config) { cfg.Start, cfg.Shift = began, night.Sub(began) })
			for range 2 {
				status, _ := p.one(t, wiretest.Post(target.Address(), "/hook", "x"))
				require.Equal(t, tt.want, status)
			}
			require.WithinRange(t, p.journal.attempts(t, 2)[1].Start, began, time.Now())
		})
	}
}
