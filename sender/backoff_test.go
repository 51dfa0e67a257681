package sender

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Under virtual time an attempt at a target that answers at once takes no time: the gaps are the pauses.
func TestGapsAreThePolicys(t *testing.T) {
	const (
		ms = time.Millisecond
		s  = time.Second
		m  = time.Minute
		h  = time.Hour
	)
	tests := []struct {
		policy string
		seed   uint64
		want   []time.Duration
	}{
		{policy: "none", want: nil},
		{policy: "constant 1s", want: []time.Duration{s, s, s, s}},
		{policy: "constant 0s 3", want: []time.Duration{0, 0}},
		{policy: "constant 180s 4", want: []time.Duration{3 * m, 3 * m, 3 * m}},
		{policy: "exponential 1s", want: []time.Duration{s, 2 * s, 4 * s, 8 * s}},
		{policy: "exponential 200ms x3 4", want: []time.Duration{200 * ms, 600 * ms, 1800 * ms}},
		{policy: "exponential 1s x1.5 4", want: []time.Duration{s, 1500 * ms, 2250 * ms}},
		{policy: "exponential 1s x2 cap 5s 6", want: []time.Duration{s, 2 * s, 4 * s, 5 * s, 5 * s}},
		{policy: "schedule 5s 5m 30m 2h", want: []time.Duration{5 * s, 5 * m, 30 * m, 2 * h}},
		{policy: "schedule 1s 10s 5", want: []time.Duration{s, 10 * s, 10 * s, 10 * s}},
		{policy: "constant 10s equal-jitter", seed: 1, want: []time.Duration{8583737375, 6216843867, 6057413627, 5276217611}},
		{policy: "exponential 1s x2 full-jitter 5", seed: 1, want: []time.Duration{716747475, 486737546, 845930902, 441948178}},
		{policy: "exponential 1s x2 full-jitter 5", seed: 2, want: []time.Duration{7051233, 1658800333, 3667422483, 4858111541}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s, seed %d", test.policy, test.seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				policy, err := ParsePolicy(test.policy)
				require.NoError(t, err)
				failing := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
				sender, stop := overPipe(Config{Policy: policy, Seed: test.seed}, failing)
				result := sender.Deliver(t.Context(), Webhook{URL: "http://hooks.test/", ID: "wh_1"})
				require.NoError(t, stop())
				require.Equal(t, test.want, gaps(result))
				require.False(t, result.Acknowledged)
				require.False(t, result.Believed)
			})
		})
	}
}

func gaps(r Result) []time.Duration {
	var gaps []time.Duration
	for i := 1; i < len(r.Attempts); i++ {
		gaps = append(gaps, r.Attempts[i].Start.Sub(r.Attempts[i-1].End))
	}
	return gaps
}

func TestPauseOfEveryDraw(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name   string
		policy Policy
		n      int
		draw   float64
		want   time.Duration
	}{
		{"no jitter ignores the draw", Policy{Backoff: Backoff{Shape: Constant, First: s}}, 1, 0.9, s},
		{"full jitter may be nothing", Policy{Backoff: Backoff{Shape: Constant, First: s}, Jitter: FullJitter}, 1, 0, 0},
		{"full jitter in the middle", Policy{Backoff: Backoff{Shape: Constant, First: s}, Jitter: FullJitter}, 1, 0.5, s / 2},
		{"equal jitter is half at least", Policy{Backoff: Backoff{Shape: Constant, First: s}, Jitter: EqualJitter}, 1, 0, s / 2},
		{"equal jitter in the middle", Policy{Backoff: Backoff{Shape: Constant, First: s}, Jitter: EqualJitter}, 1, 0.5, 3 * s / 4},
		{"jitter is of the capped pause", Policy{Backoff: Backoff{Shape: Exponential, First: s, Factor: 10, Cap: 4 * s}, Jitter: FullJitter}, 9, 0.5, 2 * s},
		{"growth without a cap ends", Policy{Backoff: Backoff{Shape: Exponential, First: s, Factor: 10}}, 400, 0, maxPause},
		{"the zero policy does not pause", Policy{}, 1, 0.5, 0},
		{"an empty schedule does not pause", Policy{Backoff: Backoff{Shape: Scheduled}}, 1, 0.5, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, test.policy.Pause(test.n, test.draw))
		})
	}
}

func TestRetryAfter(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name   string
		policy string
		honour bool
		header string // after the first attempt; DATE+n: that many seconds later
		want   time.Duration
	}{
		{"ignored", "constant 1s 2", false, "30", s},
		{"longer than the backoff", "constant 1s 2", true, "30", 30 * s},
		{"shorter than the backoff", "constant 1m 2", true, "30", 60 * s},
		{"not below it by jitter", "constant 1s equal-jitter 2", true, "30", 30 * s},
		{"a date", "constant 1s 2", true, "DATE", 30 * s},
		{"a date that is past", "constant 1s 2", true, "Sun, 06 Nov 1994 08:49:37 GMT", s},
		{"zero", "constant 1s 2", true, "0", s},
		{"negative", "constant 1s 2", true, "-30", s},
		{"no number and no date", "constant 1s 2", true, "soon", s},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				policy, err := ParsePolicy(test.policy)
				require.NoError(t, err)
				policy.HonourRetryAfter = test.honour
				busy := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					value := test.header
					if value == "DATE" {
						value = time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat)
					}
					w.Header().Set("Retry-After", value)
					w.WriteHeader(503)
				})
				sender, stop := overPipe(Config{Policy: policy}, busy)
				result := sender.Deliver(t.Context(), Webhook{URL: "http://hooks.test/", ID: "wh_1"})
				require.NoError(t, stop())
				require.Equal(t, []time.Duration{test.want}, gaps(result))
			})
		})
	}
}

func TestTimeoutBoundsTheWholeAttempt(t *testing.T) {
	tests := []struct {
		name   string
		answer func(w http.ResponseWriter)
	}{
		{"no answer", func(http.ResponseWriter) {}},
		{"a head, then nothing", func(w http.ResponseWriter) {
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hanging := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					test.answer(w)
					<-r.Context().Done()
				})
				policy := Policy{Attempts: 3, Timeout: 10 * time.Second, Retry: Retry{Timeout: true}}
				sender, stop := overPipe(Config{Policy: policy}, hanging)
				result := sender.Deliver(t.Context(), Webhook{URL: "http://hooks.test/", ID: "wh_1"})
				require.NoError(t, stop())
				require.Len(t, result.Attempts, 3)
				for _, a := range result.Attempts {
					require.Equal(t, TimedOut, a.Ending)
					require.Equal(t, 10*time.Second, a.End.Sub(a.Start))
					require.Error(t, a.Err)
				}
			})
		})
	}
}

func TestWithoutTimeoutASenderWaitsAsLongAsTheHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(36 * time.Hour) })
		sender, stop := overPipe(Config{}, slow)
		result := sender.Deliver(t.Context(), Webhook{URL: "http://hooks.test/", ID: "wh_1"})
		require.NoError(t, stop())
		require.True(t, result.Acknowledged)
		require.Equal(t, 36*time.Hour, result.Attempts[0].End.Sub(result.Attempts[0].Start))
	})
}
