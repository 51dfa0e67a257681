package deliveries

import "time"

// flag sets what is to be said of a delivery besides its state.
func (d *Delivery) flag(seen []sighting) {
	var successes int
	var unknown, standIn bool
	var acknowledged time.Time // end of the first acknowledged attempt
	for i, a := range seen {
		if d.SetBack && i > 0 && a.steps != seen[i-1].steps {
			acknowledged = time.Time{} // by another clock
		}
		if !acknowledged.IsZero() && !a.Start.Before(acknowledged) {
			d.RetriedAfterAck = true
		}
		for delivered := range a.deliveries() {
			switch {
			case delivered == nil:
				unknown = true
			case *delivered:
				successes++
			}
		}
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
