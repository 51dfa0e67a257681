package proxy

import (
	"errors"
	"net/http"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
)

// wait: the sender sees nothing for a time; then the attempt goes on.
//
// The body is read first, as far as it is held in memory: an unread one would hide that the sender left. A sender that waits for a 100 gets none yet. Once the
// target was asked, the body is its to take.
func (x *exchange) wait(step faults.Wait) (over bool) {
	if x.facts.asked.IsZero() && !x.expects() && x.body.held == nil {
		if _, err := x.body.hold(); err != nil {
			x.gone(err)
			return true
		}
	}
	if !x.hasRoom() {
		return true
	}
	before := x.stage
	x.move(stageHeld)
	x.waited = true
	begun := time.Now()
	left := x.s.pause(step.For, x.r.Context().Done())
	x.s.held.Add(-1)
	x.s.cfg.Observer.Waited(step.Rule, time.Since(begun))
	if left {
		x.failed(nil)
		return true
	}
	x.move(before)
	return false
}

var errNoRoom = errors.New("too many attempts are held (limits.held)")

// hasRoom takes one of the places for held attempts. Without one the attempt ends with a 503 that says so.
func (x *exchange) hasRoom() bool {
	if x.s.held.Add(1) <= int64(x.s.cfg.Limits.Held) {
		return true
	}
	x.s.held.Add(-1)
	x.s.cfg.Refused("held")
	x.mu.Lock()            // the line about an open attempt names what has fired
	x.decision.Fired = nil // what fired was not done
	x.mu.Unlock()
	x.own(http.StatusServiceUnavailable, "connection_limit_reached", errNoRoom.Error(), ending{by: deliveries.ByProxy, err: errNoRoom})
	return false
}
