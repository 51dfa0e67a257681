package faults

import (
	"io/fs"
	"slices"
	"sort"
	"time"

	"github.com/faultline/faultline/schema"
)

var capacityKind = Kind{
	Name: "capacity",
	Doc: "An overloaded endpoint, shared by all attempts that the rule meets: `workers` of them are served at once, each for `work`, then the target is asked. " +
		"The others wait in a queue, in order of arrival; when `queue` are waiting, the next is read and answered with `code`. What was taken in is worked off, " +
		"also when its sender has left: senders that give up early and come back keep the endpoint busy for nobody.",
	Imitates: "a small service with a queue, workers that are all busy, a retry storm after an outage",
	Limits:   "Work is a time, not a load: an attempt that is inside is not slowed down by the others.",
	Cousins:  "Envoy: circuit breakers (`max_requests`, `max_pending_requests`) turn away likewise, and hold nobody. toxiproxy, WireMock: none.",
	Terminal: true,
	Bare:     true,
	New:      func() Fault { return &capacity{workers: 4, work: 200 * time.Millisecond, queue: 20, code: 503} },
}

// capacity: a queue and the workers behind it, and an answer of our own where it is full.
type capacity struct {
	workers, queue int
	work           time.Duration
	code           int
	retryAfter     time.Duration
}

// mostInside bounds how many are in the queue or at work, which each arrival looks through.
const mostInside = 10_000

func (f *capacity) Fields() []schema.Field {
	return []schema.Field{
		schema.Int(&f.workers, "workers", 1, mostInside, "how many attempts are served at once"),
		schema.Duration(&f.work, "work", "how long each is served"),
		schema.Int(&f.queue, "queue", 0, mostInside, "how many may wait"),
		schema.Int(&f.code, "code", 400, 599, "the status when the queue is full"),
		schema.Duration(&f.retryAfter, "retry_after", "what Retry-After announces then, in whole seconds, rounded up"),
	}
}

func (f *capacity) Check(v schema.Value, _ fs.FS) {
	if f.work == 0 {
		v.Key("work").Reject("is no time at all", "more than 0s", "")
	}
	if given := v.Key("retry_after"); given.Raw != nil && f.retryAfter == 0 {
		given.Reject("is no time at all", "more than 0s", "")
	}
}

// inside is the name under which the ends of all work that was taken in are kept.
const inside = "inside"

// Parts finds a worker for an attempt: with n inside it is served as soon as fewer than `workers` of them are left. That is known when it arrives, as the
// work of all before it is.
func (f *capacity) Parts(at Occasion) []Part {
	ends := after(at.Now, at.Ahead(inside))
	waiting := len(ends) - f.workers
	if waiting >= f.queue && waiting >= 0 {
		return []Part{{Stage: StageAdmission, Ends: true, Step: f.Refusal()}}
	}
	start := at.Now
	if waiting >= 0 {
		start = ends[waiting]
	}
	end := start.Add(f.work)
	at.Keep(inside, append(slices.Clip(ends), end)) // what was kept before is not changed
	return []Part{{Stage: StageAdmission, Step: Wait{Rule: at.Rule, For: end.Sub(at.Now)}}}
}

// Refusal is the answer when the queue is full.
func (f *capacity) Refusal() Answer { return Answer{Status: f.code, RetryAfter: f.retryAfter} }

// after are those of the moments, which are in order, that lie after now.
func after(now time.Time, moments []time.Time) []time.Time {
	past := sort.Search(len(moments), func(i int) bool { return moments[i].After(now) })
	return moments[past:]
}
