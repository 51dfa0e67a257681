package scenario_test

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
	"github.com/faultline/faultline/sender"
)

// overload is an endpoint under a crowd of senders, each with one delivery, and how long one looks on.
type overload struct {
	workers, queue int
	work           time.Duration

	senders int
	arrival func(who int) time.Duration // when a sender's first attempt comes
	policy  sender.Policy
	lasts   time.Duration
}

// draw is what decides the jitter of a sender's n-th pause, the same in every run.
func draw(who, n int) float64 { return rand.New(rand.NewPCG(uint64(who), uint64(n))).Float64() }

// performed is when the deliveries succeed, after the start, when the senders meet the scenario, decision by decision, in virtual time.
func (o overload) performed(t *testing.T) []time.Duration {
	var succeeded []time.Duration
	synctest.Test(t, func(t *testing.T) {
		s := parse(t, fmt.Sprintf("[[rule]]\nname = \"r\"\ncapacity = { workers = %d, queue = %d, work = \"%dms\" }", o.workers, o.queue, o.work.Milliseconds()))
		table, begun := counters.New(counters.Config{}), time.Now()
		var mu sync.Mutex
		var all sync.WaitGroup
		for who := range o.senders {
			all.Go(func() {
				<-time.After(o.arrival(who))
				for n := 1; time.Since(begun) < o.lasts; n++ {
					if takes, in := admitted(s, table, fmt.Sprint(who)); in {
						if <-time.After(min(takes, o.policy.Timeout)); takes <= o.policy.Timeout {
							mu.Lock()
							succeeded = append(succeeded, time.Since(begun))
							mu.Unlock()
							return
						}
					}
					<-time.After(o.policy.Pause(n, draw(who, n)))
				}
			})
		}
		all.Wait()
	})
	return succeeded
}

// admitted is how long an attempt takes that the endpoint takes in, decided and counted under one lock.
func admitted(s *scenario.Scenario, table *counters.Table, key string) (takes time.Duration, in bool) {
	subj := post(func(subj *scenario.Subject) { subj.Key = key })
	matching := s.Matching(subj)
	table.Do(func(tx *counters.Tx) {
		now := time.Now()
		d := s.Decide(subj, matching, tx, scenario.Instant{Now: now, Start: now})
		for _, k := range d.Kept {
			tx.Keep(k.Rule, k.Name, k.Ahead, now)
		}
		var wait faults.Wait
		wait, in = d.Plan.Steps[0].(faults.Wait)
		takes = wait.For
	})
	return takes, in
}

// simulated is the same by a discrete-event simulation, which knows nothing of faultline: workers, a queue, and what happens at each instant.
func (o overload) simulated() []time.Duration {
	e := &events{}
	for who := range o.senders {
		e.add(comes, o.arrival(who), &attempt{who: who, n: 1})
	}
	var succeeded []time.Duration
	var queue []*attempt
	busy := 0
	retry := func(a *attempt, from time.Duration) {
		e.add(comes, from+o.policy.Pause(a.n, draw(a.who, a.n)), &attempt{who: a.who, n: a.n + 1})
	}
	serve := func(a *attempt, at time.Duration) {
		busy++
		e.add(isDone, at+o.work, a)
	}
	for e.Len() > 0 {
		switch now := heap.Pop(e).(event); now.what {
		case isDone:
			busy--
			if now.of.done = true; !now.of.left {
				succeeded = append(succeeded, now.at)
			}
			if len(queue) > 0 {
				serve(queue[0], now.at)
				queue = queue[1:]
			}
		case givesUp:
			if now.of.left = !now.of.done; now.of.left {
				retry(now.of, now.at)
			}
		case comes:
			if now.at >= o.lasts {
				continue
			}
			if busy == o.workers && len(queue) == o.queue {
				retry(now.of, now.at)
				continue
			}
			e.add(givesUp, now.at+o.policy.Timeout, now.of)
			if busy == o.workers {
				queue = append(queue, now.of)
				continue
			}
			serve(now.of, now.at)
		}
	}
	return succeeded
}

// attempt is one in a simulation.
type attempt struct {
	who, n     int
	done, left bool
}

// event is something that happens in a simulation, to an attempt.
type event struct {
	at     time.Duration
	what   happening
	of     *attempt
	number int // of events of one sort at one instant the first comes first
}

// happening is a sort of event, in the order in which they count at one instant.
type happening int

const (
	isDone happening = iota // its work; a worker is free
	givesUp
	comes
)

// events are those to come, the next in front.
type events struct {
	all   []event
	added int
}

func (e *events) add(what happening, at time.Duration, of *attempt) {
	e.added++
	heap.Push(e, event{at, what, of, e.added})
}

func (e *events) Len() int { return len(e.all) }
func (e *events) Less(i, j int) bool {
	a, b := e.all[i], e.all[j]
	if a.at != b.at {
		return a.at < b.at
	}
	if a.what != b.what {
		return a.what < b.what
	}
	return a.number < b.number
}
func (e *events) Swap(i, j int) { e.all[i], e.all[j] = e.all[j], e.all[i] }
func (e *events) Push(x any)    { e.all = append(e.all, x.(event)) }
func (e *events) Pop() any {
	last := e.all[len(e.all)-1]
	e.all = e.all[:len(e.all)-1]
	return last
}

// spread is arrivals at random, so many a second.
func spread(perSecond float64) func(who int) time.Duration {
	return func(who int) time.Duration {
		whole := float64(who) + draw(who, 0) // in order, and nowhere evenly
		return time.Duration(whole / perSecond * float64(time.Second))
	}
}

func atOnce(int) time.Duration { return 0 }

func within(succeeded []time.Duration, from, to time.Duration) int {
	n := 0
	for _, at := range succeeded {
		if at >= from && at < to {
			n++
		}
	}
	return n
}

func policy(t *testing.T, text string, timeout time.Duration) sender.Policy {
	p, err := sender.ParsePolicy(text)
	require.NoError(t, err)
	p.Timeout = timeout
	return p
}

// What an overloaded endpoint gets done is what the simulation gets done, whoever comes, and however they come back.
func TestCapacityAgainstASimulation(t *testing.T) {
	const ms = time.Millisecond
	for _, test := range []struct {
		name string
		overload
	}{
		{"half of what it can do", overload{4, 20, 200 * ms, 600, spread(10), policy(t, "constant 1s", time.Hour), time.Minute}},
		{"nearly all that it can do", overload{4, 20, 200 * ms, 1100, spread(19), policy(t, "constant 1s", time.Hour), time.Minute}},
		{"more than it can do", overload{4, 20, 200 * ms, 1800, spread(30), policy(t, "exponential 1s full-jitter", time.Hour), time.Minute}},
		{"more than it can do, nobody waits", overload{3, 0, 100 * ms, 1000, spread(50), policy(t, "constant 1s full-jitter", time.Hour), 20 * time.Second}},
		{"impatient senders, more than it can do", overload{4, 20, 200 * ms, 900, spread(30), policy(t, "constant 2s full-jitter", 900*ms), 30 * time.Second}},
		{"impatient senders, all within a tenth of a second", overload{4, 40, 200 * ms, 200, spread(2000), policy(t, "exponential 1s full-jitter", time.Second), time.Minute}},
		{"one worker", overload{1, 5, 50 * ms, 500, spread(18), policy(t, "constant 1s", 250*ms), time.Minute}},
	} {
		t.Run(test.name, func(t *testing.T) {
			performed, simulated := test.performed(t), test.simulated()
			for to := 10 * time.Second; to <= test.lasts; to += 10 * time.Second {
				got, want := within(performed, 0, to), within(simulated, 0, to)
				require.NotZero(t, want)
				require.InEpsilon(t, want, got, 0.1, "delivered within %v: %d, simulated %d", to, got, want)
			}
		})
	}
}

// 200 senders at once, who wait half a second, at an endpoint whose queue takes more than one: it works for those who have left. When they come back all
// together, what is left of that work still takes longer than they wait, and so for ever. Spread out and ever further apart, all are served.
func TestRetryStorm(t *testing.T) {
	const patience, lasts = 500 * time.Millisecond, 5 * time.Minute
	storm := overload{workers: 4, queue: 20, work: 200 * time.Millisecond, senders: 200, arrival: atOnce, lasts: lasts}

	storm.policy = policy(t, "constant 1s", patience)
	inStep := storm.performed(t)
	require.Equal(t, within(storm.simulated(), 0, lasts), len(inStep))
	require.Less(t, len(inStep), storm.senders/10)
	require.Zero(t, within(inStep, 10*time.Second, lasts), "served after the first seconds")

	storm.policy = policy(t, "exponential 1s full-jitter", patience)
	spreadOut := storm.performed(t)
	require.Len(t, spreadOut, storm.senders)
	require.GreaterOrEqual(t, within(spreadOut, 0, time.Minute), storm.senders*9/10)
}
