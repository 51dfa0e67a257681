package faults

import (
	"io/fs"

	"github.com/faultline/faultline/schema"
)

var truncateKind = Kind{
	Name: "truncate",
	Doc: "The answer ends (FIN) in the middle of its body. It is framed as chunked, so that every client sees the cut; with `keep_length` it keeps its " +
		"Content-Length, and some clients (requests) take the short body for the whole. With `deliver_first` it is the target's own answer that is cut.",
	Imitates: "a backend that dies in the middle of an answer, a proxy that runs out of buffer",
	Limits:   "It never cuts inside the head: half of the clients would take that for an empty 200.",
	Cousins:  "toxiproxy: `limit_data`. WireMock, Envoy: none.",
	Terminal: true,
	Main:     "after",
	Bare:     true,
	OnAnswer: true,
	New:      func() Fault { return &truncate{standIn: newStandIn(), after: Amount{Share: true, Of: 0.5}} },
}

// truncate: a FIN in the body.
type truncate struct {
	standIn
	after      Amount
	keepLength bool
}

func (f *truncate) Fields() []schema.Field {
	return append([]schema.Field{
		amountField(&f.after, "after", `"50%"`, "how much of the body is shown"),
		schema.Bool(&f.keepLength, "keep_length", "the answer keeps its Content-Length: some clients do not see that it is cut"),
	}, f.standIn.fields()...)
}

func (f *truncate) Check(v schema.Value, _ fs.FS) {
	f.standIn.check(v)
	if f.after.Share && f.after.Of >= 1 {
		v.Key("after").Reject("is the whole body", "less than 100%", "")
	}
}

func (f *truncate) Parts(Occasion) []Part {
	return bent(Begin{After: f.after, Chunked: !f.keepLength}, &f.standIn, Finish{})
}

// Unnoticed says who takes the short body for the whole.
func (f *truncate) Unnoticed() (by, mend string) {
	if !f.keepLength {
		return "", ""
	}
	return "requests takes the short body for the whole, and its 200 for success", "without keep_length every client sees the cut"
}
