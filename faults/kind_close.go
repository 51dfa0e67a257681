package faults

import (
	"io/fs"

	"github.com/faultline/faultline/schema"
)

var closeKind = Kind{
	Name:     "close",
	Doc:      "The whole request is read, then the connection is closed (FIN) without a byte of an answer.",
	Imitates: "a server that is restarted, a time limit for idle connections that meets a request, a worker that its supervisor ends",
	Cousins:  "WireMock: `EMPTY_RESPONSE`. toxiproxy: `timeout` of a few milliseconds. Envoy: none.",
	Terminal: true,
	Bare:     true,
	OnAnswer: true,
	New:      func() Fault { return &closing{} },
}

// closing: FIN after the whole request.
type closing struct{}

func (f *closing) Fields() []schema.Field { return nil }

func (f *closing) Check(schema.Value, fs.FS) {}

func (f *closing) Parts(Occasion) []Part {
	return []Part{{Stage: StageTerminal, Step: Finish{}, Ends: true}}
}
