package analysis_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
)

// backlog is the log of a Celery of two processes that has got all its tasks at once. Most of what a process does for a task is not seen: it takes about as long as work
// says, and for a while longer or shorter, as on a machine that others use.
func backlog(seed uint64, times int, work time.Duration, wait func(*rand.Rand, int) time.Duration) string {
	r := rand.New(rand.NewPCG(seed, 77))
	var kinds []string
	for range times {
		for _, kind := range [...]struct {
			name string
			n    int
		}{{"well", 16}, {"down", 10}, {"recovers", 24}, {"breaks", 6}, {"limited", 5}, {"gone", 3}, {"hangs", 1}} {
			kinds = append(kinds, slicesOf(kind.name, kind.n)...)
		}
	}
	p := pool{r: r, workers: 2, told: true}
	p.fate = func(_ time.Duration, event, try int) (string, time.Duration) {
		took := time.Duration((0.3 + 2*r.ExpFloat64()) * float64(time.Millisecond))
		switch kind := kinds[event]; {
		case kind == "down":
			return "503", took
		case kind == "recovers" && try <= 2:
			return "500", took
		case kind == "breaks" && try == 1:
			return "reset", took
		case kind == "limited" && try == 1:
			return "429+8s", took
		case kind == "gone":
			return "410", took
		case kind == "hangs" && try == 1:
			return "hang", 2 * time.Second
		}
		return "200", took
	}
	p.stops = func(ending string) bool { return ending == "410" || ending == "reset" || ending == "hang" }
	slow := 1.0
	p.hidden = func(r *rand.Rand) time.Duration {
		if r.IntN(12) == 0 {
			slow = math.Exp(0.8 * r.NormFloat64())
		}
		return time.Duration(slow * (0.5 + r.ExpFloat64()) * float64(work))
	}
	p.wait = func(r *rand.Rand, n int) time.Duration {
		if n > 3 {
			return -1
		}
		return wait(r, n)
	}
	return p.run(make([]time.Duration, len(kinds))) + ".other 100h"
}

// slicesOf is a value n times.
func slicesOf(value string, n int) (all []string) {
	for range n {
		all = append(all, value)
	}
	return all
}

// Behind a queue gaps are longer than the policy's waits, and never shorter. What the policy is can be told all the same where the queue is empty at times; where it
// never is, nothing is told rather than what the queue does.
func TestBacklog(t *testing.T) {
	const s, ms, us = time.Second, time.Millisecond, time.Microsecond
	constant := func(d time.Duration) func(*rand.Rand, int) time.Duration {
		return func(*rand.Rand, int) time.Duration { return d }
	}
	equal := func(d time.Duration) func(*rand.Rand, int) time.Duration {
		return func(r *rand.Rand, _ int) time.Duration { return d/2 + time.Duration(r.Int64N(int64(d/2))) }
	}
	exactly := func(waits ...time.Duration) func(*rand.Rand, int) time.Duration {
		return func(_ *rand.Rand, n int) time.Duration { return waits[n-1] }
	}
	some := func(d time.Duration) func(*rand.Rand, int) time.Duration {
		return func(r *rand.Rand, _ int) time.Duration { return d - time.Duration(r.Int64N(int64(d/5))) }
	}
	full := func(waits ...time.Duration) func(*rand.Rand, int) time.Duration {
		return func(r *rand.Rand, n int) time.Duration { return time.Duration(r.Int64N(int64(waits[n-1] * s))) }
	}
	for _, tt := range []struct {
		name  string
		wait  func(*rand.Rand, int) time.Duration
		times int
		work  time.Duration
		want  string // shape, jitter
		first time.Duration
		least int // of eight logs that tell it; the others tell nothing else
	}{
		{"1 s", constant(s), 1, 8 * ms, "constant none", s, 8},
		{"1 s, on a slower machine", constant(s), 1, 15 * ms, "constant none", s, 6},
		{"1 s, where a queue brings them together at 1.5 s", constant(s), 1, 60 * ms, "constant none", s, 1},
		{"300 ms, which a queue makes 400, 550, 600 or 800", constant(300 * ms), 1, 15 * ms, "constant none", 300 * ms, 0},
		{"1 s, 3 s and 4 s, which tell no cap", exactly(s, 3*s, 4*s), 1, 8 * ms, "schedule none", s, 0},
		{"four fifths of 1 s or more", some(s), 1, 7500 * us, "constant some", s, 0},
		{"2 s, behind a long queue", constant(2 * s), 3, 8 * ms, "constant none", 2 * s, 8},
		{"5 s, on a slow machine", constant(5 * s), 1, 60 * ms, "constant none", 5 * s, 8},
		{"half of 2 s or more", equal(2 * s), 1, 8 * ms, "constant equal", 2 * s, 0},
		{"up to 1 s, 2 s and 4 s, on a slow machine", full(1, 2, 4), 1, 60 * ms, "exponential full", s, 0},
		{"1 s, 2 s and 4 s, behind a long queue", exactly(s, 2*s, 4*s), 3, 60 * ms, "exponential none", s, 0},
		{"whole seconds, behind a long queue", celeryBackoff(2, 3), 3, 8 * ms, "exponential full", 2 * s, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			right := 0
			for seed := range uint64(8) {
				p := analysis.Judge(logOf(makeLog(t, backlog(seed, tt.times, tt.work, tt.wait))), analysis.Question{}).Policy
				shape, jitter, _ := strings.Cut(tt.want, " ")
				require.Contains(t, []string{"", shape}, string(p.Shape), "seed %d: %s", seed, p.String())
				require.Contains(t, []string{"", jitter}, string(p.Jitter), "seed %d: %s", seed, p.String())
				if p.First != nil {
					require.InEpsilon(t, tt.first, *p.First, 0.1, "seed %d: %s", seed, p.String())
				}
				right += one(p.First != nil && p.Shape != "" && p.Jitter != "")
			}
			require.GreaterOrEqual(t, right, tt.least)
		})
	}
}
