package faults

import (
	"io/fs"

	"github.com/faultline/faultline/schema"
)

var informationalKind = Kind{
	Name:     "informational",
	Doc:      "Interim answers (1xx) come before the answer. Some clients (requests, urllib) take the first one for the answer; HTTP/1.0 senders are spared.",
	Imitates: "a CDN that sends early hints (103), an application that says it is still at it (102)",
	Limits:   "100 and 101 are left to those whose they are: after a bare 100 some clients wait without a limit.",
	Cousins:  "None in toxiproxy, WireMock and Envoy.",
	Main:     "code",
	Bare:     true,
	New:      func() Fault { return &informational{code: 103, count: 1} },
}

// informational: 1xx before the answer.
type informational struct{ code, count int }

func (f *informational) Fields() []schema.Field {
	return []schema.Field{
		schema.Int(&f.code, "code", 102, 199, "the status"),
		schema.Int(&f.count, "count", 1, 1000, "how many of them"),
	}
}

func (f *informational) Check(schema.Value, fs.FS) {}

func (f *informational) Parts(Occasion) []Part {
	return []Part{{Stage: StageInformational, Step: Interim{Status: f.code, Count: f.count}}}
}
