package analysis_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
)

// pool is a made Celery: tasks that become due, and workers that take them. What is due waits until a worker is free and, with a rate limit, until that lets it pass.
type pool struct {
	r       *rand.Rand
	workers int
	every   time.Duration                                 // rate_limit: one task in so long; 0: none
	wait    func(r *rand.Rand, retries int) time.Duration // before a retry; negative: there is none
	fate    func(now time.Duration, event, try int) (ending string, took time.Duration)
	stops   func(ending string) bool         // no retry after it; nil: after a 2xx alone
	hidden  func(r *rand.Rand) time.Duration // what a worker does between two attempts; nil: nothing
	told    bool                             // it waits as long as Retry-After says

	queue []task
	lines map[int]*strings.Builder
	ended map[int]time.Duration
}

// task is due at a time.
type task struct {
	due        time.Duration
	event, try int
}

// run gives the made log of events that are emitted at their times.
func (p *pool) run(emitted []time.Duration) string {
	p.lines, p.ended = make(map[int]*strings.Builder), make(map[int]time.Duration)
	for i, at := range emitted {
		p.queue = append(p.queue, task{at, i, 1})
	}
	free := make([]time.Duration, p.workers)
	passed := -p.every
	for len(p.queue) > 0 {
		slices.SortStableFunc(p.queue, func(a, b task) int { return cmp.Compare(a.due, b.due) })
		next := p.queue[0]
		p.queue = p.queue[1:]
		slices.Sort(free)
		now := max(next.due, free[0], passed+p.every) + time.Duration(p.r.IntN(8))*time.Millisecond
		passed = now
		free[0] = p.attempt(next, now)
	}
	var log strings.Builder
	for i := range emitted {
		log.WriteString(p.lines[i].String() + "\n")
	}
	return log.String()
}

// attempt makes one, and gives when its worker is free again.
func (p *pool) attempt(t task, now time.Duration) time.Duration {
	ending, took := p.fate(now, t.event, t.try)
	line := p.lines[t.event]
	if line == nil {
		line = &strings.Builder{}
		p.lines[t.event] = line
		fmt.Fprintf(line, "wh_%d %s", t.event, now)
	} else {
		fmt.Fprintf(line, " %s", now-p.ended[t.event])
	}
	fmt.Fprintf(line, " %s@%s", ending, took)
	over := now + took
	p.ended[t.event] = over
	if ending != "200" && (p.stops == nil || !p.stops(ending)) {
		wait := p.wait(p.r, t.try)
		if _, after, is := strings.Cut(ending, "+"); is && p.told {
			wait, _ = time.ParseDuration(after)
		}
		if wait >= 0 {
			p.queue = append(p.queue, task{over + wait, t.event, t.try + 1})
		}
	}
	if p.hidden != nil {
		return over + p.hidden(p.r)
	}
	return over
}

// celeryBackoff is autoretry_for with retry_backoff and max_retries, and Celery's jitter: whole seconds, randrange(countdown + 1).
func celeryBackoff(factor, maxRetries int) func(*rand.Rand, int) time.Duration {
	return func(r *rand.Rand, retries int) time.Duration {
		if retries > maxRetries {
			return -1
		}
		countdown := min(600, factor*int(math.Pow(2, float64(retries-1))))
		return time.Duration(r.IntN(countdown+1)) * time.Second
	}
}

// steadyDelay is default_retry_delay.
func steadyDelay(delay time.Duration, maxRetries int) func(*rand.Rand, int) time.Duration {
	return func(_ *rand.Rand, retries int) time.Duration {
		if retries > maxRetries {
			return -1
		}
		return delay
	}
}

// emitted are n events, so far apart.
func emitted(n int, every time.Duration) (at []time.Duration) {
	for i := range n {
		at = append(at, time.Duration(i)*every)
	}
	return at
}

const quick = 8 * time.Millisecond

// down fails until a time.
func down(until time.Duration) func(time.Duration, int, int) (string, time.Duration) {
	return func(now time.Duration, _, _ int) (string, time.Duration) {
		if now < until {
			return "503", quick
		}
		return "200", quick
	}
}

// Celery as people run it: senders that are right, or have one fault. Nothing is said of them that is not so: neither a defect nor a policy.
func TestCeleryAsPeopleRunIt(t *testing.T) {
	const s = time.Second
	nested := func(r *rand.Rand, n int) time.Duration { // urllib3's Retry(3, backoff_factor=0.5) in each of Celery's attempts
		if n%4 != 0 {
			return []time.Duration{0, s, 2 * s}[n%4-1]
		}
		return celeryBackoff(5, 3)(r, n/4)
	}
	hangs := func(now time.Duration, event, try int) (string, time.Duration) {
		if try == 1 && event%5 == 0 {
			return "hang", 10 * s
		}
		return down(40*s)(now, event, try)
	}
	crashes := func(now time.Duration, event, try int) (string, time.Duration) { // the worker is killed in the middle of some, and the task comes back: acks_late
		if try == 1 && event%9 == 0 {
			return "hang", 700 * time.Millisecond
		}
		return down(20*s)(now, event, try)
	}
	tests := []struct {
		name    string
		pool    pool
		emitted []time.Duration
		more    string
		defects []string // beginnings of their names
		policy  []string // what may be told of the waits; "": that they are not known
	}{
		{name: "retry_backoff with jitter, two workers", pool: pool{workers: 2, wait: celeryBackoff(1, 8), fate: down(30 * s)}, emitted: emitted(100, s/10), policy: []string{"exponential 1 s x2, full jitter"}},
		{name: "the default delay of 180 s", pool: pool{workers: 2, wait: steadyDelay(180*s, 3), fate: down(400 * s)}, emitted: emitted(100, s), policy: []string{"constant 3m, no jitter"}},
		{name: "rate_limit of 10 a minute", pool: pool{workers: 2, every: 6 * s, wait: celeryBackoff(2, 8), fate: down(300 * s)}, emitted: emitted(60, s)},
		{name: "rate_limit of 2 a second", pool: pool{workers: 2, every: s / 2, wait: steadyDelay(10*s, 8), fate: down(60 * s)}, emitted: emitted(60, s/2)},
		{name: "a pool of one, blocked by hangs", pool: pool{workers: 1, wait: celeryBackoff(2, 8), fate: hangs}, emitted: emitted(60, s),
			policy: []string{"shape unknown, full jitter", "exponential 2 s x2, full jitter"}},
		{name: "a burst that four workers prefetch", pool: pool{workers: 4, wait: celeryBackoff(2, 6), fate: down(15 * s)}, emitted: emitted(200, 0),
			policy: []string{"exponential 2 s x2, full jitter", "shape unknown, full jitter"}},
		{name: "a countdown of half an hour", pool: pool{workers: 2, wait: steadyDelay(1800*s, 3), fate: down(600 * s)}, emitted: emitted(50, 7*s), policy: []string{"shape unknown 30m, no jitter"}},
		{name: "acks_late, and workers that are killed", pool: pool{workers: 2, wait: celeryBackoff(1, 8), fate: crashes}, emitted: emitted(90, s/4), policy: []string{"exponential 1 s x2, full jitter", "shape unknown, full jitter"}},
		{name: "a session's Retry within Celery's", pool: pool{workers: 4, wait: nested, fate: down(60 * s)}, emitted: emitted(60, s/3)}, // of its waits one in four has jitter
		{name: "beat, which sends what has failed every minute", pool: pool{workers: 4, fate: down(0)}, emitted: emitted(1, s), more: spread(40), defects: []string{"retries in step"},
			policy: []string{"shape unknown 1m, full jitter"}},
		{name: "what was given up is sent again by hand", pool: pool{workers: 1, fate: down(0)}, emitted: emitted(1, s), more: byHand(40, "503 2s 503 4s 503 8s 503", "503 2s 503 4s 503 8s 503", 2*time.Hour),
			policy: []string{"exponential 2 s x2, no jitter"}},
		{name: "all of a day is sent again by hand", pool: pool{workers: 1, fate: down(0)}, emitted: emitted(1, s), more: byHand(40, "200", "410", 2*time.Hour)},
		{name: "a 410 is sent again by hand", pool: pool{workers: 1, fate: down(0)}, emitted: emitted(1, s), more: byHand(40, "410", "503 2s 200", 2*time.Hour), policy: []string{"shape unknown 2 s, no jitter"}},
		{name: "a task for each endpoint, with delays of its own", pool: pool{workers: 4, wait: func(r *rand.Rand, n int) time.Duration { return celeryBackoff(3, 6)(r, n) }, fate: down(25 * s)}, emitted: emitted(80, s/3),
			policy: []string{"exponential 3 s x2, full jitter", "shape unknown, full jitter"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for seed := range uint64(5) {
				p := tt.pool
				p.r = rand.New(rand.NewPCG(seed, 1))
				r := analysis.Judge(logOf(makeLog(t, p.run(tt.emitted)+tt.more+".other 100h")), analysis.Question{})
				require.Empty(t, r.Policies, "seed %d\n%s", seed, r.Habits())
				require.Equal(t, tt.defects, accusations(r), "seed %d\n%s", seed, r.Habits())
				waits := slices.ContainsFunc(tt.policy, func(may string) bool { return strings.HasPrefix(r.Policy.String(), may) })
				unknown := r.Policy.Shape == "" && r.Policy.Jitter == "" && r.Policy.First == nil
				require.True(t, waits || unknown, "seed %d: %s", seed, r.Policy.String())
				require.False(t, unknown && len(tt.policy) == 1 && seed == 0, "it is known: %s", r.Policy.String())
			}
		})
	}
}

// accusations are the beginnings of the defects' names. That a delivery was given up, as it is by a jitter that came out short, is told where it is so.
func accusations(r *analysis.Report) (names []string) {
	for _, d := range r.Defects {
		name, _, numbered := strings.Cut(d.Name, " after ")
		if numbered && d.Deliveries == r.Lost {
			continue
		}
		names = append(names, name)
	}
	return names
}

// byHand are n deliveries, begun a second apart, of which every other has the one course and the rest the other; after some time somebody sends all of them again.
func byHand(n int, one, other string, after time.Duration) string {
	var b strings.Builder
	for i := range n {
		course := one
		if i%2 == 1 {
			course = other
		}
		began := time.Duration(i) * time.Second
		ended := began
		for j, field := range strings.Fields(course) {
			if j%2 == 1 {
				gap, err := time.ParseDuration(field)
				if err != nil {
					panic(err)
				}
				ended += gap
				continue
			}
			ended += 10 * time.Millisecond
		}
		fmt.Fprintf(&b, "hand_%d %s %s %s 200\n", i, began, course, after+time.Duration(i)*20*time.Millisecond-ended)
	}
	return b.String()
}
