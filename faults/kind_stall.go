package faults

import (
	"io/fs"
	"time"

	"github.com/faultline/faultline/schema"
)

var stallKind = Kind{
	Name: "stall",
	Doc: "The head of the answer and `after` of its body are shown, then nothing more, until the sender gives up, `for` is over (at most limits.hold), or " +
		"faults are lifted; then the connection is reset. With `deliver_first` it is the target's own answer that stalls.",
	Imitates: "a backend that dies while it writes, behind a proxy that does not notice",
	Cousins:  "WireMock: `chunkedDribbleDelay` with a long time. toxiproxy: `timeout`, added while the answer passes. Envoy: none.",
	Terminal: true,
	Main:     "after",
	Bare:     true,
	OnAnswer: true,
	New:      func() Fault { return &stall{standIn: newStandIn()} },
}

// stall: silence in the body, then RST.
type stall struct {
	standIn
	after Amount
	limit time.Duration
}

func (f *stall) Fields() []schema.Field {
	return append([]schema.Field{
		amountField(&f.after, "after", "0", "how much of the body is shown"),
		schema.Duration(&f.limit, "for", "how long nothing more comes; without it as long as limits.hold allows"),
	}, f.standIn.fields()...)
}

func (f *stall) Check(v schema.Value, _ fs.FS) { f.standIn.check(v) }

func (f *stall) Parts(Occasion) []Part {
	return bent(Begin{After: f.after}, &f.standIn, Hold{For: f.limit}, Reset{})
}
