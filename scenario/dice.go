package scenario

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// lot is what a draw is made for: the same lot gives the same number, whatever the order in which attempts arrive, on whatever host and port.
type lot struct {
	seed    uint64
	rule    string
	purpose string // keeps the draws of one attempt independent: chance, one_of, jitter, corrupt
	path    string
	key     string
	// acknowledged is, for body keys, how many acknowledged deliveries of the same body came before.
	acknowledged uint64
	attempt      uint64
}

// draw is a number in [0, 1), evenly spread over different lots.
func (l lot) draw() float64 {
	b := make([]byte, 0, 256)
	for _, n := range [...]uint64{l.seed, l.acknowledged, l.attempt} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	for _, text := range [...]string{l.rule, l.purpose, l.path, l.key} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(text)))
		b = append(b, text...)
	}
	sum := sha256.Sum256(b)
	const bits = 53 // what a float64 holds exactly
	return float64(binary.BigEndian.Uint64(sum[:])>>(64-bits)) / (1 << bits)
}

// Draws reports whether anything that an enabled rule does depends on the seed.
func (s *Scenario) Draws() bool {
	return slices.ContainsFunc(s.Rules, func(r Rule) bool {
		return r.Enabled && (r.When.Chance != nil || len(r.OneOf) > 0 || r.drawsFaults())
	})
}
