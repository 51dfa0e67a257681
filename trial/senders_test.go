package trial

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/sender"
)

// TestSurvivalOfSenders: the curve of senders with a known policy, each delivery under an outage of its own, lies within one gap of the closed form: moved by the policy's
// longest wait to either side, the closed form has it between.
func TestSurvivalOfSenders(t *testing.T) {
	const deliveries, shortest, longest = 3000, 100 * time.Millisecond, 10 * time.Minute
	for _, text := range []string{
		"none", "constant 1s", "constant 5s full-jitter 8", "constant 2s equal-jitter 6", "exponential 1s x2 5", "exponential 1s x2 full-jitter 6",
		"exponential 2s x2 cap 60s equal-jitter 9", "exponential 500ms x3 full-jitter 4", "schedule 5s 30s 2m", "schedule 1s 10s 60s full-jitter",
	} {
		t.Run(text, func(t *testing.T) {
			policy, err := sender.ParsePolicy(text)
			require.NoError(t, err)
			draws := rand.New(rand.NewPCG(1, 2))
			var lives []Life
			for range deliveries {
				lives = append(lives, lived(policy, Lengths(shortest, longest)[draws.IntN(rungs)], draws))
			}
			curve, closed, gap := Curve(lives), ClosedForm(waitsOf(policy)), longestWait(policy)
			for at := shortest; at < longest; at = at * 11 / 10 {
				const noise = 0.04 // of so many deliveries, most of them censored early
				seen := At(curve, at)
				require.GreaterOrEqual(t, seen, At(closed, at+gap)-noise, "at %s", at)
				require.LessOrEqual(t, seen, At(closed, max(0, at-gap))+noise, "at %s", at)
			}
		})
	}
}

// lived is a delivery whose attempts fail until its outage is over.
func lived(policy sender.Policy, outage time.Duration, draws *rand.Rand) Life {
	age := time.Duration(0)
	for n := 1; age < outage; n++ {
		if n >= policy.Attempts {
			return Life{Age: age, Lost: true}
		}
		age += policy.Pause(n, draws.Float64())
	}
	return Life{Age: outage}
}

func waitsOf(policy sender.Policy) (waits [][2]time.Duration) {
	for n := 1; n < policy.Attempts; n++ {
		waits = append(waits, [2]time.Duration{policy.Pause(n, 0), policy.Pause(n, 1)})
	}
	return waits
}

func longestWait(policy sender.Policy) (longest time.Duration) {
	for _, wait := range waitsOf(policy) {
		longest = max(longest, wait[1])
	}
	return longest
}
