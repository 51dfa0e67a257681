package proxy

import (
	"time"

	"github.com/faultline/faultline/deliveries"
)

// targetFacts are what really happened at the target.
type targetFacts struct {
	asked  time.Time // the request began to be sent, or the connection to be made
	ended  time.Time
	addr   string
	reused bool
	wrote  bool // at least one byte
	whole  bool // the whole request
	status int
	bytes  int64
	err    error
}

func (f *targetFacts) reached() deliveries.Reached {
	switch {
	case f.whole:
		return deliveries.Whole
	case f.wrote:
		return deliveries.Part
	default:
		return deliveries.None
	}
}

// delivered is whether the target answered with success; nil when it got all and its answer is not known.
func (x *exchange) delivered(f *targetFacts) *bool {
	if f.status == 0 && f.whole {
		return nil
	}
	success := f.status != 0 && x.ruling.scenario.Success(f.status)
	return &success
}

func (x *exchange) target() *deliveries.Target {
	f := &x.facts
	if f.asked.IsZero() {
		return nil
	}
	return &deliveries.Target{
		Status: f.status, Bytes: f.bytes, MS: ms(f.ended.Sub(f.asked)), Error: errorText(f.err), Addr: f.addr, Reused: f.reused,
	}
}
