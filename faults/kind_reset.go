package faults

import (
	"io/fs"

	"github.com/faultline/faultline/schema"
)

var resetKind = Kind{
	Name: "reset",
	Doc: "The connection is reset (RST) once the whole request was read, before any byte of an answer; with at = \"body\" after the head and `after` of the " +
		"answer's body (with `deliver_first` of the target's own); with at = \"request\" while the request is still being sent, after its head and half of its body " +
		"(of a body of unknown length after what came first; all of a body that a rule looks into).",
	Imitates: "a process that crashed, a firewall that cuts, a load balancer that has lost its backend",
	Cousins:  "toxiproxy: `reset_peer`. WireMock: `CONNECTION_RESET_BY_PEER`. Envoy: none.",
	Terminal: true,
	Bare:     true,
	OnAnswer: true,
	New:      func() Fault { return &reset{standIn: newStandIn(), at: resetHead, after: Amount{Share: true, Of: 0.5}} },
}

// reset: RST in the request, after it, or in the answer.
type reset struct {
	standIn
	at    resetAt
	after Amount
}

type resetAt string

const (
	resetRequest resetAt = "request" // while the request is sent
	resetHead    resetAt = "head"    // before any byte of the answer
	resetBody    resetAt = "body"    // in the answer's body
)

func (f *reset) Fields() []schema.Field {
	return append([]schema.Field{
		schema.Enum(&f.at, "at", "where the connection breaks: in the request, before any answer (head), or in the answer's body", resetRequest, resetHead, resetBody),
		amountField(&f.after, "after", `"50%"`, `how much of the body is shown first, for at = "body"`),
	}, f.standIn.fields()...)
}

func (f *reset) Check(v schema.Value, _ fs.FS) {
	f.standIn.check(v)
	for _, key := range [...]string{"after", "code", "body"} {
		if given := v.Key(key); f.at != resetBody && given.Raw != nil {
			given.Reject("is for a reset in the body", "", `at = "body"`)
		}
	}
}

func (f *reset) Parts(Occasion) []Part {
	if f.at == resetBody {
		return bent(Begin{After: f.after}, &f.standIn, Reset{})
	}
	return []Part{{Stage: StageTerminal, Step: Reset{Midway: f.at == resetRequest}, Ends: true}}
}

// Outbound is what would have it break off after the target has answered.
func (f *reset) Outbound() string {
	if f.at == resetRequest {
		return `at = "head", or "body"`
	}
	return ""
}
