package deliveries

// ReplayHeader is the field by which faultline replay marks what it sends; its value is the id of the attempt that it sends again.
const ReplayHeader = "X-Faultline-Replay"

// withoutReplays gives the sender's attempts, and puts all into their lists.
func (d *Delivery) withoutReplays(seen []sighting) (own []sighting) {
	own = seen[:0]
	for _, s := range seen {
		if s.Replay != "" {
			d.Replays = append(d.Replays, s.Attempt)
			d.Replayed = d.Replayed || s.Successes() > 0
			continue
		}
		own, d.Attempts = append(own, s), append(d.Attempts, s.Attempt)
	}
	return own
}

// Foreign reports whether none of its attempts is the sender's.
func (d *Delivery) Foreign() bool { return len(d.Attempts)+len(d.Unfinished) == 0 }
