package proxy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
)

// perform carries out a plan's steps, one after another, until one of them ends the attempt.
func (x *exchange) perform(plan faults.Plan) {
	for i, step := range plan.Steps {
		if over := x.step(step); over {
			return
		}
		if _, answered := step.(faults.Forward); answered {
			x.perform(x.decideAnswer(plan.Steps[i+1:]))
			return
		}
	}
}

// step carries out one step, and reports whether the attempt is over.
func (x *exchange) step(step faults.Step) (over bool) {
	switch step := step.(type) {
	case faults.Wait:
		return x.wait(step)
	case faults.Throttle:
		x.throttle(step)
		return false
	case faults.Duplicate:
		return x.duplicate(step)
	case faults.Rewrite:
		if !step.Answer {
			return x.rewriteRequest(step)
		}
		x.edit(step)
		return false
	case faults.Corrupt:
		x.edit(step)
		return false
	case faults.Forward:
		return x.forward()
	case faults.Deliver:
		return x.deliver(step)
	case faults.HearOut:
		return x.withhold()
	case faults.Hold:
		return x.hold(step)
	case faults.Interim:
		x.interims(step)
		return false
	case faults.Begin:
		return x.begin(step)
	case faults.Raw:
		return x.raw(step)
	case faults.Relay:
		x.relay()
	case faults.Answer:
		x.answer(step)
	case faults.Reset:
		x.reset(step)
	case faults.Finish:
		x.finish()
	case faults.Alert, faults.Present, faults.Cut:
		panic(fmt.Sprintf("proxy: step %T was planned for a request", step))
	default:
		panic(fmt.Sprintf("proxy: no performer for step %T", step))
	}
	return true
}

// errShutdown is why attempts are ended when the drain is over.
var errShutdown = errors.New("faultline is shutting down")

// failed ends an attempt that got no answer from the target, showing the sender what it would have seen without us, or a gateway's failure.
func (x *exchange) failed(err error) {
	switch {
	case x.shutDown():
		x.cutOff(ending{outcome: deliveries.Unanswered, end: deliveries.Reset, by: deliveries.ByShutdown, err: err})
	case errors.Is(err, errSenderFailed) && !x.conn.ended.Load():
		x.w.closes = true // what follows cannot be told from a next request
		x.own(http.StatusBadRequest, "http_request_error", "the request's body is not framed as HTTP/1.1 has it", ending{by: deliveries.ByProxy, err: err})
	case errors.Is(err, errSenderFailed), x.senderLeft():
		x.gone(err)
	case errors.Is(err, errDiedReused):
		x.close(ending{outcome: deliveries.Unanswered, end: deliveries.Fin, by: deliveries.ByTarget, err: err})
	case errors.Is(err, errLoop):
		x.disown()
	default:
		x.answerFailure(err)
	}
}

// disown turns away what would come round for ever: it is no attempt, and gets no record.
func (x *exchange) disown() {
	x.mu.Lock()
	x.ended = true
	x.mu.Unlock()
	if x.arrived {
		x.s.cfg.Counters.Ended(x.identity, x.arrival, false, time.Now())
	}
	x.s.turnAway(x.w.reply, x.r, refusal{http.StatusLoopDetected, "loop", "the target is this proxy itself"})
}

// gone ends an attempt whose sender went away before there was an answer.
func (x *exchange) gone(err error) {
	outcome := deliveries.Aborted
	if x.waited {
		outcome = deliveries.Unanswered // it was a fault that it did not wait for
	}
	x.abort(ending{outcome: outcome, end: deliveries.Silence, by: deliveries.BySender, err: err})
}

// unfinished is what the sender sees of an attempt that is ended for it: an answer that was begun, or nothing of one.
func (x *exchange) unfinished() deliveries.Outcome {
	if x.w.status != 0 || x.shown > 0 {
		return deliveries.Broken
	}
	return deliveries.Unanswered
}

// senderLeft reports whether the sender closed its connection. It is noticed only once its request was read.
func (x *exchange) senderLeft() bool {
	return (x.conn.gone.Load() || x.r.Context().Err() != nil) && !x.shutDown()
}

// shutDown reports whether the drain is over and attempts are being ended.
func (x *exchange) shutDown() bool {
	return errors.Is(context.Cause(x.r.Context()), errShutdown)
}

// targetContext bounds what is asked of the target.
func (x *exchange) targetContext() (context.Context, context.CancelFunc) {
	if x.s.cfg.TargetTimeout > 0 {
		return context.WithTimeout(x.r.Context(), x.s.cfg.TargetTimeout)
	}
	return x.r.Context(), func() {}
}

// timedOut reports whether target.timeout was over before the target's answer was.
func (x *exchange) timedOut() bool {
	return x.asking != nil && errors.Is(x.asking.Err(), context.DeadlineExceeded)
}

// endOf is how a sender sees that a connection was broken with this error.
func endOf(err error) deliveries.End {
	if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return deliveries.Reset
	}
	return deliveries.Cut
}

// stage is where an attempt in flight is.
type stage int

// The stages, in the order of an attempt's life.
const (
	stageRequest stage = iota // being read and decided
	stageHeld                 // held back by a fault
	stageTarget               // at the target
	stageAnswer               // being answered
	stages
)

func (s stage) String() string {
	switch s {
	case stageRequest:
		return "request"
	case stageHeld:
		return "held"
	case stageTarget:
		return "target"
	case stageAnswer:
		return "answer"
	default:
		panic(fmt.Sprintf("proxy: stage %d", int(s)))
	}
}

func (x *exchange) enter(to stage) {
	x.stage = to
	x.s.inFlight[to].Add(1)
}

func (x *exchange) move(to stage) {
	x.s.inFlight[x.stage].Add(-1)
	x.enter(to)
}

// leave ends what the exchange began, however it ended.
func (x *exchange) leave() {
	x.vigil.end()
	if x.watch != nil {
		x.watch.Stop()
	}
	if x.cancelTarget != nil {
		x.cancelTarget()
	}
	if x.gathered && x.body.lent != nil { // else somebody may be sending it still
		x.s.heads.takeBack(x.body.lent)
	}
	x.s.inFlight[x.stage].Add(-1)
}

// pause waits for d, unless the sender leaves, faults are lifted or the proxy ends. left is closed when the sender leaves.
func (s *Server) pause(d time.Duration, left <-chan struct{}) (senderLeft bool) {
	w := s.alarm.set(min(d, s.cfg.Limits.Hold))
	defer s.alarm.unset(w)
	_, lifted := s.faults.lifted()
	select {
	case <-w.rung:
	case <-lifted:
	case <-left:
		return true
	}
	return false
}
