package faults_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
)

// memory is what the faults of one rule keep.
type memory map[string][]time.Time

// at is an occasion of a rule with this memory.
func (m memory) at(now time.Time) faults.Occasion {
	return faults.Occasion{
		Rule: "a rule", Host: "a.test", Client: "10.0.0.7", Now: now,
		Ahead: func(name string) []time.Time { return m[name] },
		Keep:  func(name string, ahead []time.Time) { m[name] = ahead },
	}
}

// begun is the moment that the attempts of a test are counted from.
var begun = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// asked is what a rate limit says to an attempt: "passes", or its status and the time until the next token.
func asked(t *testing.T, limit faults.Fault, at faults.Occasion) string {
	t.Helper()
	parts := limit.Parts(at)
	if len(parts) == 0 {
		return "passes"
	}
	require.Len(t, parts, 1)
	require.True(t, parts[0].Ends)
	require.Equal(t, faults.StageAdmission, parts[0].Stage)
	answer := parts[0].Step.(faults.Answer)
	return fmt.Sprint(answer.Status, " ", answer.RetryAt.Sub(at.Now))
}

// What a bucket says to attempts at these times.
func TestRateLimit(t *testing.T) {
	type attempt struct {
		after time.Duration
		want  string
	}
	const ms = time.Millisecond
	for _, test := range []struct {
		name     string
		text     string
		attempts []attempt
	}{
		{"one a second", `rate_limit = 1`, []attempt{
			{0, "passes"}, {0, "429 1s"}, {400 * ms, "429 600ms"}, {1000 * ms, "passes"}, {1001 * ms, "429 999ms"},
		}},
		{"the bucket is full at first, and then gets its tokens evenly", `rate_limit = { limit = 2 }`, []attempt{
			{0, "passes"}, {0, "passes"}, {0, "429 500ms"}, {500 * ms, "passes"}, {999 * ms, "429 1ms"}, {1000 * ms, "passes"}, {1000 * ms, "429 500ms"},
		}},
		{"it never holds more than its burst", `rate_limit = { limit = 10, burst = 2 }`, []attempt{
			{0, "passes"}, {time.Hour, "passes"}, {time.Hour, "passes"}, {time.Hour, "429 100ms"},
		}},
		{"a burst above the limit", `rate_limit = { limit = 1, burst = 3 }`, []attempt{
			{0, "passes"}, {0, "passes"}, {0, "passes"}, {0, "429 1s"}, {1500 * ms, "passes"}, {1500 * ms, "429 500ms"},
		}},
		{"a long time, another status", `rate_limit = { limit = 60, per = "1h", burst = 1, code = 503 }`, []attempt{
			{0, "passes"}, {time.Second, "503 59s"}, {time.Minute, "passes"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			limit, m := sound(t, test.text), memory{}
			for _, a := range test.attempts {
				require.Equal(t, a.want, asked(t, limit, m.at(begun.Add(a.after))), "after %v", a.after)
			}
		})
	}
}

// However attempts arrive, a bucket lets through what a bucket of real tokens would.
func TestRateLimitIsATokenBucket(t *testing.T) {
	const interval = 250 * time.Millisecond
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		burst := 1 + r.IntN(6)
		limit := sound(t, fmt.Sprintf("rate_limit = { limit = 4, burst = %d }", burst))
		m, tokens, counted, now := memory{}, float64(burst), begun, begun
		for range 300 {
			now = now.Add(time.Duration(r.IntN(500)) * time.Millisecond)
			tokens = min(float64(burst), tokens+float64(now.Sub(counted))/float64(interval))
			counted = now
			want := "passes"
			if tokens < 1-1e-9 {
				want = fmt.Sprint("429 ", time.Duration((1-tokens)*float64(interval)).Round(time.Microsecond))
			} else {
				tokens--
			}
			require.Equal(t, want, asked(t, limit, m.at(now)), "seed %d, burst %d", seed, burst)
		}
	}
}

// What has a bucket of its own.
func TestRateLimitScope(t *testing.T) {
	for _, test := range []struct {
		scope                 string
		again, client, target string // what is said to the same, to another client, to another target
	}{
		{"host", "429 1s", "429 1s", "passes"},
		{"client", "429 1s", "passes", "429 1s"},
		{"rule", "429 1s", "429 1s", "429 1s"},
	} {
		t.Run(test.scope, func(t *testing.T) {
			limit := sound(t, fmt.Sprintf("rate_limit = { limit = 1, scope = %q }", test.scope))
			m := memory{}
			same, client, target := m.at(begun), m.at(begun), m.at(begun)
			client.Client, target.Host = "10.0.0.8", "a.test:8080"
			require.Equal(t, "passes", asked(t, limit, same))
			require.Equal(t, test.again, asked(t, limit, same))
			require.Equal(t, test.client, asked(t, limit, client))
			require.Equal(t, test.target, asked(t, limit, target))
		})
	}
}
