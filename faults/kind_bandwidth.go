package faults

import (
	"io/fs"

	"github.com/faultline/faultline/schema"
)

var bandwidthKind = Kind{
	Name: "bandwidth",
	Doc: "The way between sender and proxy is slow: `up`, the body of the request is read at that rate, whatever becomes of it; `down`, the answer is written at " +
		"that rate, head and body, whoever made it. In a tunnel both flows. Bytes go evenly, in pieces of at most 10 ms, at `\"1B/s\"` one by one: such a drip never " +
		"lets a time limit for a single read pass. Of several rates the lowest holds. A body that had to be read before the rule could be decided " +
		"is held back afterwards for the time that it should have taken.",
	Imitates: "a saturated line, a mobile uplink, an application that writes byte by byte",
	Limits: "It paces what faultline reads and writes; what the kernels hold between it and the sender comes on top. Lost and reordered packets, below TCP, are not " +
		"imitated.",
	Cousins:  "toxiproxy: `bandwidth`, `slicer`. WireMock: `chunkedDribbleDelay`. Envoy: `response_rate_limit` of the fault filter.",
	Acts:     InTunnels,
	OnAnswer: true,
	New:      func() Fault { return &bandwidth{} },
}

// bandwidth: a slow link.
type bandwidth struct{ up, down int64 }

func (f *bandwidth) Fields() []schema.Field {
	return []schema.Field{
		schema.Rate(&f.up, "up", "how fast the request's body comes in"),
		schema.Rate(&f.down, "down", "how fast the answer goes out"),
	}
}

func (f *bandwidth) Check(v schema.Value, _ fs.FS) {
	if f.up == 0 && f.down == 0 {
		v.Complain("limits nothing", `give it up, down, or both, such as down = "64KiB/s"`)
	}
}

// Outbound: the request has come in by the time that the target has answered.
func (f *bandwidth) Outbound() string {
	if f.up > 0 {
		return "leave up out, or make it two rules"
	}
	return ""
}

// Up is how fast the request's body comes in; 0: as fast as it is sent.
func (f *bandwidth) Up() int64 { return f.up }

func (f *bandwidth) Parts(Occasion) []Part {
	return []Part{{Stage: StageThroughout, Step: Throttle{Up: f.up, Down: f.down}}}
}
