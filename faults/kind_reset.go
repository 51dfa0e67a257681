package faults

import (
	"io/fs"

	"github.com/faultline/faultline/schema"
)

var resetKind = Kind{
	Name:     "reset",
	Doc:      "The whole request is read, then the connection is reset (RST) before any byte of an answer.",
	Terminal: true,
	Bare:     true,
	New:      func() Fault { return &reset{at: resetHead} },
}

// reset: RST after the whole request.
type reset struct{ at resetAt }

type resetAt string

// resetHead resets before any byte of the answer.
const resetHead resetAt = "head"

func (f *reset) Fields() []schema.Field {
	return []schema.Field{
		schema.Func("at", "word", `"head"`, `where the connection breaks: "head", before any answer`, func(v schema.Value) {
			switch v.Raw {
			case string(resetHead):
			case "request", "body":
				v.Reject("is not in this version of faultline yet", `"head"`, "")
			default:
				v.Reject("unknown value", `"head"`, "")
			}
		}),
		schema.Later("after", `how much of the answer is shown first, for at = "body"`),
	}
}

func (f *reset) Check(schema.Value, fs.FS) {}

func (f *reset) Parts(Occasion) []Part {
	return []Part{{Stage: StageTerminal, Step: Reset{}, Ends: true}}
}
