package deliveries

import (
	"slices"
	"time"
)

// flag sets what is to be said of a delivery besides its state.
func (d *Delivery) flag() {
	var successes int
	var unknown, standIn bool
	var acknowledged time.Time // end of the first acknowledged attempt
	for _, a := range d.Attempts {
		if !acknowledged.IsZero() && !a.Start.Before(acknowledged) {
			d.RetriedAfterAck = true
		}
		successes += a.Successes()
		unknown = unknown || slices.Contains(a.deliveries(), nil)
		if a.Outcome != Acknowledged {
			continue
		}
		standIn = standIn || !a.answeredByTarget()
		if end := a.Ended(); acknowledged.IsZero() || end.Before(acknowledged) {
			acknowledged = end
		}
	}
	d.Delivered = successes > 0
	d.Duplicated = successes > 1
	d.MaybeDelivered = !d.Delivered && unknown
	d.FalseSuccess = !d.Delivered && !unknown && standIn
}

// answeredByTarget tells whether the sender was shown the target's own answer.
func (a *Attempt) answeredByTarget() bool {
	return a.Target != nil && a.Answer != nil && a.Target.Status == a.Answer.Status
}
