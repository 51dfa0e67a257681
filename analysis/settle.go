package analysis

import (
	"fmt"
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// settling is from when on a delivery without an acknowledgement is lost.
type settling struct {
	ended bool // the sender has ended: all are settled
	after time.Duration
	given bool // after is the operator's own word
}

// leastSilence is what a delivery must be silent for, unless somebody says otherwise: Celery waits 180 s before a retry by default.
const leastSilence = 200 * time.Second

// settlingOf is what the question says, or else three times the longest gap that the policy would wait.
func settlingOf(q Question, longest time.Duration) settling {
	switch {
	case q.Ended:
		return settling{ended: true}
	case q.Settle > 0:
		return settling{after: q.Settle, given: true}
	default:
		return settling{after: max(leastSilence, 3*longest)}
	}
}

// shortness says that a silence of the operator's own word is shorter than what a sender may wait.
func (s settling) shortness() string {
	if s.after >= leastSilence {
		return ""
	}
	return fmt.Sprintf("; nothing for %s: Celery's default delay is 180 s", period(s.after))
}

// settle sets a delivery's state.
func (c *context) settle(one *course) {
	one.Judge(c.senders.of(one).settling.ended || !c.underWay(one) && c.silent(one) >= c.patience(one))
	one.doubtful = !one.acknowledged() && c.kin.mayHaveComeAgain(one)
}

// underWay reports whether an attempt of the delivery had not ended when the log did.
func (c *context) underWay(one *course) bool {
	return slices.ContainsFunc(one.Unfinished, func(o *deliveries.Open) bool { return o.Run == c.newest })
}

// silent is for how long, at a stretch, faultline watched and nothing came of a delivery since its last attempt, although its sender had a worker left.
func (c *context) silent(one *course) time.Duration { return c.idle.longestAfter(one.lastSign()) }

// patience is how long a delivery must be silent to be settled. A sender that was told to wait may do so.
func (c *context) patience(one *course) time.Duration {
	settling := c.senders.of(one).settling
	patience := settling.after
	if last := one.lastArrival(); last != nil && !settling.given {
		patience += last.announces()
	}
	return patience
}
