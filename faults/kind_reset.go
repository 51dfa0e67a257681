package faults

import (
	"io/fs"

	"github.com/faultline/faultline/schema"
)

var resetKind = Kind{
	Name: "reset",
	Doc: "The whole request is read, then the connection is reset (RST): before any byte of an answer, or with at = \"body\" after the head and `after` of the " +
		"body. With `deliver_first` the latter resets the target's own answer.",
	Terminal: true,
	Bare:     true,
	New:      func() Fault { return &reset{standIn: newStandIn(), at: resetHead, after: Amount{Share: true, Of: 0.5}} },
}

// reset: RST after the whole request.
type reset struct {
	standIn
	at    resetAt
	after Amount
}

type resetAt string

const (
	resetHead resetAt = "head" // before any byte of the answer
	resetBody resetAt = "body" // in the answer's body
)

func (f *reset) Fields() []schema.Field {
	return append([]schema.Field{
		schema.Func("at", "word", "one of head, body", "where the connection breaks: head, before any answer, or body", func(v schema.Value) {
			if v.Raw == "request" {
				v.Reject("is not in this version of faultline yet", "one of head, body", "")
				return
			}
			schema.Enum(&f.at, "at", "", resetHead, resetBody).Read(v)
		}),
		amountField(&f.after, "after", `"50%"`, `how much of the body is shown first, for at = "body"`),
	}, f.standIn.fields()...)
}

func (f *reset) Check(v schema.Value, _ fs.FS) {
	f.standIn.check(v)
	for _, key := range [...]string{"after", "code", "body"} {
		if given := v.Key(key); f.at == resetHead && given.Raw != nil {
			given.Reject("is for a reset in the body", "", `at = "body"`)
		}
	}
}

func (f *reset) Parts(Occasion) []Part {
	if f.at == resetBody {
		return bent(Begin{After: f.after}, &f.standIn, Reset{})
	}
	return []Part{{Stage: StageTerminal, Step: Reset{}, Ends: true}}
}
