package faults

import (
	"io/fs"
	"time"

	"github.com/faultline/faultline/schema"
)

var hangKind = Kind{
	Name: "hang",
	Doc: "The request is read and nothing is answered, until the sender gives up, `for` is over (at most limits.hold), or faults are lifted; then the " +
		"connection is reset.",
	Imitates: "a deadlock, a pool that is exhausted, a backend that a load balancer waits for",
	Limits:   "The request is read whole; a target that takes no more of a large body is `bandwidth` with a small `up`.",
	Cousins:  "toxiproxy: `timeout = 0`. WireMock: a long `fixedDelayMilliseconds`. Envoy: a long `delay` of the fault filter.",
	Terminal: true,
	Main:     "for",
	Bare:     true,
	OnAnswer: true,
	New:      func() Fault { return &hang{} },
}

// hang: silence, then RST.
type hang struct{ limit time.Duration }

func (f *hang) Fields() []schema.Field {
	return []schema.Field{schema.Duration(&f.limit, "for", "how long nothing is answered; without it as long as limits.hold allows")}
}

func (f *hang) Check(v schema.Value, _ fs.FS) {
	if given := v.Key("for"); given.Raw != nil && f.limit == 0 {
		given.Reject("is no time at all", "more than 0s", "reset = true ends the attempt at once")
	}
}

func (f *hang) Parts(Occasion) []Part {
	return []Part{{Stage: StageTerminal, Step: Hold{For: f.limit}, Ends: true}, {Stage: StageTerminal, Step: Reset{}, Ends: true}}
}
