package deliveries

import (
	"maps"
	"sync/atomic"
)

// knownNames remembers of names whether they are secrets: senders and targets use few, and the same with each attempt. The zero value is ready.
type knownNames struct {
	secret atomic.Pointer[map[string]bool]
}

// What is remembered is bounded: names are what anybody sends.
const (
	mostKnown   = 200
	longestName = 64
)

func (k *knownNames) of(name string) (secret, known bool) {
	all := k.secret.Load()
	if all == nil {
		return false, false
	}
	secret, known = (*all)[name]
	return secret, known
}

func (k *knownNames) remember(name string, secret bool) {
	all := k.secret.Load()
	grown := map[string]bool{}
	if all != nil {
		grown = maps.Clone(*all)
	}
	if len(grown) >= mostKnown || len(name) > longestName {
		return
	}
	grown[name] = secret
	k.secret.CompareAndSwap(all, &grown) // whoever is beaten to it comes again
}
