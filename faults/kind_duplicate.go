package faults

import (
	"io/fs"
	"time"

	"github.com/faultline/faultline/schema"
)

var duplicateKind = Kind{
	Name: "duplicate",
	Doc: "The target gets the whole request more than once, as from a network, or a queue, that delivers at least once: `copies` times in all, each on a connection " +
		"of its own with `Connection: close`, one `apart` after the other. The next goes out when the one before it was sent, not when it was answered: with \"0s\" they " +
		"race. The sender is shown the answer to the first, when all of them have been answered; the record has what became of each. A body that is larger than " +
		"limits.body, and a request for another protocol (Upgrade), are sent once, which the record says. Several such faults add their copies up. It is not " +
		"done to an attempt that a fault ends before the target is asked.",
	Imitates: "a proxy or a queue on the way that sends again what it was not sure of",
	Limits:   "The sender notices nothing, by nature. What makes senders themselves send twice is an answer that is lost: `deliver_first`.",
	Cousins:  "Envoy: `request_mirror_policies` sends a copy elsewhere. toxiproxy, WireMock: none.",
	Main:     "copies",
	Bare:     true,
	New:      func() Fault { return &duplicate{copies: 2} },
}

// duplicate: one request, delivered more than once.
type duplicate struct {
	copies int
	apart  time.Duration
}

// maxCopies bounds what one attempt can do to a target.
const maxCopies = 100

func (f *duplicate) Fields() []schema.Field {
	return []schema.Field{
		schema.Int(&f.copies, "copies", 2, maxCopies, "how often the target gets it in all"),
		schema.Duration(&f.apart, "apart", "how long after one the next is sent; at once without it"),
	}
}

func (f *duplicate) Check(schema.Value, fs.FS) {}

func (f *duplicate) Parts(Occasion) []Part {
	return []Part{{Stage: StageDuplicate, Step: Duplicate{More: f.copies - 1, Apart: f.apart}}}
}
