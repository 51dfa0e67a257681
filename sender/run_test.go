package sender

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	tests := []struct {
		name        string
		hooks       int
		concurrency int
		wantMost    int // at once
		wantTakes   time.Duration
	}{
		{"one after another", 6, 1, 1, 6 * time.Second},
		{"two at once", 6, 2, 2, 3 * time.Second},
		{"more at once than there are", 3, 10, 3, time.Second},
		{"no concurrency is one", 2, 0, 1, 2 * time.Second},
		{"nothing to do", 0, 4, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var now, most atomic.Int64
				target := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
					n := now.Add(1)
					defer now.Add(-1)
					for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
					}
					time.Sleep(time.Second)
				})
				s, stop := overPipe(Config{}, target)
				begun := time.Now()
				results := s.Run(t.Context(), webhooks(test.hooks), test.concurrency)
				require.Equal(t, test.wantTakes, time.Since(begun))
				require.NoError(t, stop())
				require.EqualValues(t, test.wantMost, most.Load())
				require.Len(t, results, test.hooks)
				for i, result := range results {
					require.Equal(t, fmt.Sprintf("wh_%d", i), result.ID)
					require.True(t, result.Acknowledged)
				}
			})
		})
	}
}

// TestBodiesAreMadeWhenTheyAreSent: what is to be sent later takes no room yet.
func TestBodiesAreMadeWhenTheyAreSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made, got := 0, ""
		target := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got += fmt.Sprintf("%s of %d made, ", body, made)
		})
		s, stop := overPipe(Config{}, target)
		hooks := webhooks(3)
		for i := range hooks {
			hooks[i].Make = func() []byte {
				made++
				return fmt.Append(nil, i)
			}
		}
		s.Run(t.Context(), hooks, 1)
		require.NoError(t, stop())
		require.Equal(t, "0 of 1 made, 1 of 2 made, 2 of 3 made, ", got)
	})
}

func TestRunBeginsNothingAfterItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil { // unread, the server would not notice that the sender leaves
				return
			}
			select {
			case <-time.After(time.Second):
			case <-r.Context().Done():
			}
		})
		s, stop := overPipe(Config{}, slow)
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		results := s.Run(ctx, webhooks(4), 1)
		require.NoError(t, stop())
		var attempts []int
		for _, result := range results {
			attempts = append(attempts, len(result.Attempts))
		}
		require.Equal(t, []int{1, 1, 0, 0}, attempts)
		require.Equal(t, "wh_3", results[3].ID)
		require.Equal(t, Interrupted, results[1].Attempts[0].Ending)
	})
}

// The order in which deliveries are made must not move their pauses.
func TestPausesBelongToTheDelivery(t *testing.T) {
	policy, err := ParsePolicy("exponential 1s x2 full-jitter 4")
	require.NoError(t, err)
	failing := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	run := func(hooks []Webhook, concurrency int) map[string][]time.Duration {
		pauses := make(map[string][]time.Duration)
		synctest.Test(t, func(t *testing.T) {
			s, stop := overPipe(Config{Policy: policy, Seed: 42}, failing)
			for _, result := range s.Run(t.Context(), hooks, concurrency) {
				pauses[result.ID] = gaps(result)
			}
			require.NoError(t, stop())
		})
		return pauses
	}
	hooks := webhooks(20)
	forwards := run(hooks, 1)
	slices.Reverse(hooks)
	require.Equal(t, forwards, run(hooks, 7))
	require.NotEqual(t, forwards["wh_0"], forwards["wh_1"])
}

func webhooks(n int) []Webhook {
	hooks := make([]Webhook, n)
	for i := range hooks {
		hooks[i] = Webhook{URL: "http://hooks.test/claims", ID: fmt.Sprintf("wh_%d", i), Body: []byte("{}")}
	}
	return hooks
}
