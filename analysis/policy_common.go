package analysis

import (
	"maps"
	"slices"
)

// SenderPolicy is the policy of one of several senders, or one of several policies of one, in a log.
type SenderPolicy struct {
	Of string // what tells its deliveries from the others': "host a.test", "sender 192.0.2.7"
	Policy
}

// meet leaves what two policies have in common.
func (p *Policy) meet(other *Policy) {
	sameWaits := p.Shape == other.Shape && same(p.First, other.First) && same(p.Factor, other.Factor) && same(p.Cap, other.Cap) && same(p.Step, other.Step) &&
		slices.Equal(p.Schedule, other.Schedule) && p.Jitter == other.Jitter
	if !sameWaits {
		p.forgetWaits()
	}
	if !same(p.Attempts, other.Attempts) {
		p.Attempts = nil
	}
	if !same(p.Timeout, other.Timeout) {
		p.Timeout = nil
	}
	if p.Obeys != other.Obeys {
		p.Obeys = ObedienceUnknown
	}
	if !same(p.Survives, other.Survives) {
		p.Survives = nil
	}
	p.Gaps += other.Gaps
	p.Retries = maps.Clone(p.Retries)
	for how, retried := range other.Retries {
		if mine, known := p.Retries[how]; known && mine != retried {
			delete(p.Retries, how)
		} else {
			p.Retries[how] = retried
		}
	}
}

// forgetWaits leaves what is known besides the waits.
func (p *Policy) forgetWaits() {
	p.Shape, p.First, p.Factor, p.Cap, p.Step, p.Schedule, p.Jitter, p.Fit, p.waits = "", nil, nil, nil, nil, nil, "", nil, nil
}

// same reports whether two values are known to be equal, or both unknown.
func same[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
