package sender

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Config is what a Sender needs. The zero Config sends once, directly, with a Webhook-Id.
type Config struct {
	Policy Policy
	// Proxy takes all requests; nil: they go to their targets directly. The environment is never asked.
	Proxy *url.URL
	// Unkeyed leaves the Webhook-Id out: the deliveries can be told apart by nothing but their bodies.
	Unkeyed bool
	// Rate is how many deliveries Run begins a second, evenly; 0: as many as it can.
	Rate float64
	// Header is sent with each attempt besides what every webhook has.
	Header http.Header
	// Done is told of each delivery of Run that is over; nil: nobody is. It may be called from several goroutines at once.
	Done func(Result)
	// Seed decides the jitter, with the delivery's ID: the same delivery pauses for the same times in every run.
	Seed uint64
}

// Webhook is one event on its way to one endpoint.
type Webhook struct {
	URL string
	// ID is the same in all attempts, and is sent as Webhook-Id (Standard Webhooks).
	ID string
	// Body is JSON.
	Body []byte
	// Make makes the body when the delivery begins, in place of Body, so that not all that are to be sent are held at once; nil: Body is it.
	Make func() []byte
}

// Ending is how an attempt ended for the sender.
type Ending int

// The endings.
const (
	Answered    Ending = iota // a complete answer
	Failed                    // no connection, or it broke before the answer was complete
	TimedOut                  // Policy.Timeout passed
	Interrupted               // the sender itself was told to stop
)

// Attempt is what a sender knows of one attempt.
type Attempt struct {
	Start, End time.Time
	Ending     Ending
	Status     int           // of a complete answer, else 0
	RetryAfter time.Duration // what the answer announced, from End on; 0: nothing
	Err        error         // of one that was not answered
}

// Result is what became of a delivery.
type Result struct {
	ID       string
	Attempts []Attempt
	// Acknowledged: an attempt was answered completely with a 2xx.
	Acknowledged bool
	// Believed is what the sender itself reports, which is another thing when its policy believes any answer.
	Believed bool
}

// Sender delivers webhooks. Make it with New. It holds nothing open between attempts and may be used by many goroutines at once.
type Sender struct {
	cfg    Config
	client *http.Client
}

// New makes a sender. Nothing runs.
func New(cfg Config) *Sender {
	return &Sender{cfg: cfg, client: newClient(cfg.Proxy)}
}

// Deliver makes attempts until one is believed, the policy gives up, or ctx ends.
func (s *Sender) Deliver(ctx context.Context, hook Webhook) Result {
	result := Result{ID: hook.ID}
	if hook.Make != nil {
		hook.Body = hook.Make()
	}
	draws := rand.New(rand.NewPCG(s.cfg.Seed, hashOf(hook.ID)))
	policy := s.cfg.Policy
	for n := 1; ; n++ {
		a := s.attempt(ctx, hook)
		result.Attempts = append(result.Attempts, a)
		if a.Ending == Answered {
			result.Acknowledged = a.Status/100 == 2
			result.Believed = result.Acknowledged || policy.BelievesAnyAnswer
		}
		if result.Believed || n >= policy.Attempts || !policy.Retry.retries(a) {
			return result
		}
		pause := policy.Pause(n, draws.Float64())
		if policy.HonourRetryAfter {
			pause = max(pause, a.RetryAfter)
		}
		if !wait(ctx, pause) {
			return result
		}
	}
}

// Run delivers hooks, at most so many at once (below 1: one), and returns their results in the same order. After ctx has ended no further
// delivery is begun: its result has no attempts.
func (s *Sender) Run(ctx context.Context, hooks []Webhook, concurrency int) []Result {
	results := make([]Result, len(hooks))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(max(1, concurrency), len(hooks)) {
		workers.Go(func() {
			for i := range next {
				results[i] = s.Deliver(ctx, hooks[i])
				if s.cfg.Done != nil {
					s.cfg.Done(results[i])
				}
			}
		})
	}
	begun := time.Now()
	for i, hook := range hooks {
		results[i].ID = hook.ID
		if ctx.Err() != nil || !s.await(ctx, begun, i) {
			continue
		}
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	workers.Wait()
	return results
}

// await waits until the i-th delivery of a run is due; false when ctx ended first.
func (s *Sender) await(ctx context.Context, begun time.Time, i int) bool {
	if s.cfg.Rate <= 0 {
		return true
	}
	return wait(ctx, time.Until(begun.Add(time.Duration(float64(i)/s.cfg.Rate*float64(time.Second)))))
}

// wait pauses; false when ctx ended first.
func wait(ctx context.Context, pause time.Duration) bool {
	if pause <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func hashOf(id string) uint64 {
	h := fnv.New64a()
	// A hash takes all that is written.
	_, _ = h.Write([]byte(id))
	return h.Sum64()
}
