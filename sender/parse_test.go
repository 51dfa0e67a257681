package sender

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParsePolicy(t *testing.T) {
	const s = time.Second
	tests := []struct {
		text     string
		attempts int
		backoff  Backoff
		jitter   Jitter
		again    string // as String writes it
	}{
		{"none", 1, Backoff{}, NoJitter, "none"},
		{"constant 1s", 5, Backoff{Shape: Constant, First: s}, NoJitter, "constant 1s 5"},
		{"constant 1s 3", 3, Backoff{Shape: Constant, First: s}, NoJitter, "constant 1s 3"},
		{"constant 0s", 5, Backoff{Shape: Constant}, NoJitter, "constant 0s 5"},
		{"constant 1s 3 equal-jitter", 3, Backoff{Shape: Constant, First: s}, EqualJitter, "constant 1s equal-jitter 3"},
		{"exponential 1s x2 full-jitter 5", 5, Backoff{Shape: Exponential, First: s, Factor: 2}, FullJitter, "exponential 1s x2 full-jitter 5"},
		{"exponential 1s", 5, Backoff{Shape: Exponential, First: s, Factor: 2}, NoJitter, "exponential 1s x2 5"},
		{"exponential 1s x1.5 cap 1m 9", 9, Backoff{Shape: Exponential, First: s, Factor: 1.5, Cap: 60 * s}, NoJitter, "exponential 1s x1.5 cap 1m0s 9"},
		{"exponential 1s cap 1m", 5, Backoff{Shape: Exponential, First: s, Factor: 2, Cap: 60 * s}, NoJitter, "exponential 1s x2 cap 1m0s 5"},
		{"schedule 5s 5m", 3, Backoff{Shape: Scheduled, Schedule: []time.Duration{5 * s, 300 * s}}, NoJitter, "schedule 5s 5m0s 3"},
		{"schedule 5s full-jitter 9", 9, Backoff{Shape: Scheduled, Schedule: []time.Duration{5 * s}}, FullJitter, "schedule 5s full-jitter 9"},
		{"  constant\t1s  ", 5, Backoff{Shape: Constant, First: s}, NoJitter, "constant 1s 5"},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			got, err := ParsePolicy(test.text)
			require.NoError(t, err)
			require.Equal(t, Policy{
				Attempts: test.attempts, Backoff: test.backoff, Jitter: test.jitter,
				Retry: Retry{Statuses: AnyStatus, Connection: true, Timeout: true}, Timeout: 10 * s,
			}, got)
			require.Equal(t, test.again, got.String())
		})
	}
}

func TestTheBugByName(t *testing.T) {
	got, err := ParsePolicy("ignores-status")
	require.NoError(t, err)
	require.Equal(t, Policy{
		Attempts: 5, Backoff: Backoff{Shape: Exponential, First: time.Second, Factor: 2}, Jitter: FullJitter,
		Retry: Retry{Connection: true, Timeout: true}, Timeout: 10 * time.Second, BelievesAnyAnswer: true,
	}, got)
}

func TestParsePolicyErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", `policy "": want one of none, constant, exponential, schedule, ignores-status`},
		{"linear 1s", `policy "linear 1s": got "linear", want one of none, constant, exponential, schedule, ignores-status`},
		{"ignores-status 5", `policy "ignores-status 5": got "ignores-status", want it alone`},
		{"none 5", `policy "none 5": got "5", want nothing more`},
		{"constant", `policy "constant": no first pause, want it after the shape, as in "constant 1s"`},
		{"constant 1", `policy "constant 1": pause "1", want a duration, as in 500ms or 5m`},
		{"constant -1s", `policy "constant -1s": pause "-1s", want a duration, as in 500ms or 5m`},
		{"constant 1s x2", `policy "constant 1s x2": got "x2", want nothing more`},
		{"constant 1s 0", `policy "constant 1s 0": attempts "0", want 1 to 1000`},
		{"constant 1s 1001", `policy "constant 1s 1001": attempts "1001", want 1 to 1000`},
		{"constant 1s 3 4", `policy "constant 1s 3 4": got "4", want nothing more`},
		{"constant 1s half-jitter", `policy "constant 1s half-jitter": jitter "half-jitter", want one of full-jitter, equal-jitter`},
		{"exponential", `policy "exponential": no first pause, want it after the shape, as in "exponential 1s"`},
		{"exponential 0s", `policy "exponential 0s": first pause is 0, and nothing grows from it`},
		{"exponential 1s x0.5", `policy "exponential 1s x0.5": factor "x0.5", want x and a number from 1, as in x2`},
		{"exponential 1s xNaN", `policy "exponential 1s xNaN": factor "xNaN", want x and a number from 1, as in x2`},
		{"exponential 1s xInf", `policy "exponential 1s xInf": factor "xInf", want x and a number from 1, as in x2`},
		{"exponential 1s cap", `policy "exponential 1s cap": no pause after cap`},
		{"exponential 1s cap 500ms", `policy "exponential 1s cap 500ms": cap 500ms is shorter than the first pause 1s`},
		{"exponential 1s full-jitter cap 5s", `policy "exponential 1s full-jitter cap 5s": got "cap 5s", want nothing more`},
		{"schedule", `policy "schedule": no pauses, want them after the shape, as in "schedule 5s 5m"`},
		{"schedule 5s soon", `policy "schedule 5s soon": got "soon", want nothing more`},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			_, err := ParsePolicy(test.text)
			require.EqualError(t, err, test.want)
		})
	}
}

// What String writes, ParsePolicy reads as the same policy, and no policy pauses for less than nothing.
func FuzzParsePolicy(f *testing.F) {
	for _, text := range []string{
		"none", "constant 1s", "exponential 1s x2 cap 5m full-jitter 5", "schedule 5s 0 5m equal-jitter 9", "ignores-status", "exponential 1ns x1e300 1000",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		policy, err := ParsePolicy(text)
		if err != nil || policy.BelievesAnyAnswer {
			return
		}
		again, err := ParsePolicy(policy.String())
		require.NoError(t, err)
		require.Equal(t, policy, again)
		for n := 1; n <= policy.Attempts; n++ {
			whole := policy.Backoff.pause(n)
			pause := policy.Pause(n, 0.999)
			require.GreaterOrEqual(t, pause, time.Duration(0))
			require.LessOrEqual(t, pause, whole)
		}
	})
}
