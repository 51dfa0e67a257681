package proxy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
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
