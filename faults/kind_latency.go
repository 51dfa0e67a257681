package faults

import (
	"io/fs"
	"math"
	"time"

	"github.com/faultline/faultline/schema"
)

var latencyKind = Kind{
	Name: "latency",
	Doc: "The attempt is held back: before its request goes to the target, or (at = \"response\") after the target has done its work and before the " +
		"sender sees the answer. A tunnel's CONNECT is held back before it is answered. Several delays add up.",
	Imitates: "a slow database behind the endpoint, a cold start, a long way",
	Limits:   "It delays an attempt as a whole, not each packet of it; `bandwidth` slows the bytes.",
	Cousins:  "toxiproxy: `latency`. WireMock: `fixedDelayMilliseconds`, `delayDistribution`. Envoy: `delay` of the fault filter.",
	Main:     "delay",
	Acts:     InTunnels,
	OnAnswer: true,
	New:      func() Fault { return &latency{distribution: uniform, at: atRequest} },
}

// latency: a wait, by chance a longer or a shorter one.
type latency struct {
	delay        schema.Ramp
	jitter       time.Duration
	distribution distribution
	at           side
}

// distribution is how the delays of many attempts are spread.
type distribution string

const (
	uniform     distribution = "uniform"     // evenly, from delay - jitter to delay + jitter, never below 0
	exponential distribution = "exponential" // many short, few long: delay is the mean, jitter is not used
)

// side is where on its way an attempt is held back.
type side string

const (
	atRequest  side = "request"
	atResponse side = "response"
)

func (f *latency) Fields() []schema.Field {
	return []schema.Field{
		schema.DurationRamp(&f.delay, "delay", "how long; or a ramp { from, to, over } from the opening of the rule's window").Needed(),
		schema.Duration(&f.jitter, "jitter", "how far a delay may lie from `delay`, evenly on both sides, never below 0"),
		schema.Enum(&f.distribution, "distribution", "how delays are spread: uniform (delay ± jitter), or exponential (delay is the mean)", uniform, exponential),
		schema.Enum(&f.at, "at", "before the target (request), or between the target's answer and the sender (response)", atRequest, atResponse),
	}
}

func (f *latency) Check(v schema.Value, _ fs.FS) {
	if f.distribution == exponential && f.jitter > 0 {
		v.Key("jitter").Reject("is not used by the exponential distribution", "", "its delays are spread already; leave jitter out")
	}
}

func (f *latency) Parts(at Occasion) []Part {
	stage := StageRequestLatency
	if f.at == atResponse && !at.Connect {
		stage = StageResponseLatency
	}
	return []Part{{Stage: stage, Step: Wait{Rule: at.Rule, For: f.drawn(at)}}}
}

// Draws reports whether the delay depends on a draw.
func (f *latency) Draws() bool { return f.jitter > 0 || f.distribution == exponential }

// drawn is the delay of one attempt.
func (f *latency) drawn(at Occasion) time.Duration {
	delay := f.delay.At(at.Open)
	if !f.Draws() || at.Draw == nil {
		return time.Duration(delay)
	}
	draw := at.Draw("jitter")
	switch f.distribution {
	case uniform:
		return bounded(delay + (2*draw-1)*float64(f.jitter))
	case exponential:
		return bounded(-delay * math.Log1p(-draw))
	default:
		panic("faults: latency with distribution " + string(f.distribution))
	}
}

// longest is far above any delay that is of use, and far below what a Duration holds.
const longest = 365 * 24 * time.Hour

func bounded(delay float64) time.Duration { return time.Duration(min(max(0, delay), float64(longest))) }

// Outbound is what would have it wait after the target has answered.
func (f *latency) Outbound() string {
	if f.at == atRequest {
		return `at = "response"`
	}
	return ""
}
