package faults_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
)

// arrive is what a capacity says to an attempt: how long it takes, or its status.
func arrive(t *testing.T, capacity faults.Fault, at faults.Occasion) string {
	t.Helper()
	parts := capacity.Parts(at)
	require.Len(t, parts, 1)
	require.Equal(t, faults.StageAdmission, parts[0].Stage)
	switch step := parts[0].Step.(type) {
	case faults.Wait:
		require.False(t, parts[0].Ends)
		require.Equal(t, "a rule", step.Rule)
		return step.For.String()
	case faults.Answer:
		require.True(t, parts[0].Ends)
		if step.RetryAfter > 0 {
			return fmt.Sprintf("%d, retry after %v", step.Status, step.RetryAfter)
		}
		return fmt.Sprint(step.Status)
	default:
		require.Fail(t, "a step of another kind", "%T", step)
		return ""
	}
}

// How long attempts take that arrive at these times.
func TestCapacity(t *testing.T) {
	type arrival struct {
		after time.Duration
		want  string
	}
	const ms = time.Millisecond
	for _, test := range []struct {
		name     string
		text     string
		arrivals []arrival
	}{
		{"as it is by default", `capacity = true`, []arrival{
			{0, "200ms"}, {0, "200ms"}, {0, "200ms"}, {0, "200ms"}, {0, "400ms"}, {50 * ms, "350ms"}, {200 * ms, "200ms"}, {200 * ms, "200ms"}, {200 * ms, "400ms"},
		}},
		{"one worker, and nobody waits", `capacity = { workers = 1, work = "100ms", queue = 0 }`, []arrival{
			{0, "100ms"}, {99 * ms, "503"}, {100 * ms, "100ms"}, {150 * ms, "503"}, {time.Hour, "100ms"},
		}},
		{"in order of arrival", `capacity = { workers = 1, work = "100ms", queue = 2, code = 429, retry_after = "1500ms" }`, []arrival{
			{0, "100ms"}, {10 * ms, "190ms"}, {20 * ms, "280ms"}, {30 * ms, "429, retry after 1.5s"},
			{100 * ms, "300ms"}, {100 * ms, "429, retry after 1.5s"}, {200 * ms, "300ms"}, {450 * ms, "150ms"},
		}},
		{"one that waits is served by the first worker that is free", `capacity = { workers = 2, work = "100ms", queue = 5 }`, []arrival{
			{0, "100ms"}, {60 * ms, "100ms"}, {70 * ms, "130ms"}, {80 * ms, "180ms"}, {100 * ms, "200ms"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			capacity, m := sound(t, test.text), memory{}
			for _, a := range test.arrivals {
				require.Equal(t, a.want, arrive(t, capacity, m.at(begun.Add(a.after))), "after %v", a.after)
			}
		})
	}
}
