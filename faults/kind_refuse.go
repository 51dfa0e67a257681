package faults

import (
	"io/fs"

	"github.com/faultline/faultline/schema"
)

var refuseKind = Kind{
	Name: "refuse",
	Doc: "The endpoint cannot be reached. Through a proxy that is not what a kernel does: a plain request is read whole, then reset (RST); a CONNECT is " +
		"answered 200, then reset. With `code` the sender gets the answer of a proxy that cannot reach the target.",
	Terminal: true,
	Bare:     true,
	Acts:     InTunnels,
	New:      func() Fault { return &refuse{} },
}

// refuse: RST, or a gateway's failure.
type refuse struct{ code int }

func (f *refuse) Fields() []schema.Field {
	return []schema.Field{
		schema.Int(&f.code, "code", 502, 504, "the status of a proxy that cannot reach the target, instead of a reset connection"),
		schema.Later("listener", "the proxy's own listener refuses"),
	}
}

func (f *refuse) Check(schema.Value, fs.FS) {}

func (f *refuse) Parts(Occasion) []Part {
	if f.code != 0 {
		return []Part{{Stage: StageConnect, Step: Answer{Status: f.code}, Ends: true}}
	}
	return []Part{{Stage: StageConnect, Step: Reset{}, Ends: true}}
}
