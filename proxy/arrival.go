package proxy

import (
	"crypto/sha256"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
)

// arrive counts the attempt within its delivery. The counters' lock is held.
func (x *exchange) arrive(tx *counters.Tx, key scenario.Key) {
	x.key = key
	x.identity = counters.Identity{Key: deliveries.DeliveryID(key.Scope, key.Value, ""), Body: key.Body}
	x.arrival = tx.Arrive(x.identity, x.id, func(first string) string {
		if key.Body {
			return deliveries.DeliveryID(key.Scope, key.Value, first)
		}
		return x.identity.Key
	}, x.start)
	x.arrived = true
	x.subject.Key = key.Value
	x.subject.Attempt = x.arrival.Attempt
	x.subject.First = x.ruling.clock.shifted(x.arrival.First)
	x.subject.Acknowledged = x.arrival.Acknowledged
}

// bodyEnded numbers an attempt whose key is its body's and whose body was not held back: now its hash is known.
func (x *exchange) bodyEnded() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.judged || x.arrived || x.ended {
		return
	}
	x.s.cfg.Counters.Do(func(tx *counters.Tx) { x.arrive(tx, x.passedKey()) })
}

// passedKey is the key of a body that passed without being held.
func (x *exchange) passedKey() scenario.Key {
	if x.body.prefix != nil {
		return x.ruling.scenario.PrefixKey(&x.subject, [sha256.Size]byte(x.body.prefix))
	}
	return x.ruling.scenario.BodyKey(&x.subject, [sha256.Size]byte(x.body.digest()))
}

// arriveCut is for an attempt whose body never came to its end: a delivery of its own, which no other attempt can belong to.
func (x *exchange) arriveCut() {
	scope := x.ruling.scenario.Scope(&x.subject)
	x.key = scenario.Key{From: "none", Scope: scope, Body: true}
	x.arrival = counters.Arrival{Delivery: deliveries.DeliveryID(scope, "", x.id), Attempt: 1, First: x.start}
}
