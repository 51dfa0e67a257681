package analysis

import (
	"errors"
	"fmt"

	"github.com/faultline/faultline/deliveries"
)

// Why a lost delivery is not to be sent again.
var (
	// ErrReached says that its target has it, or may have it: sent again, it may be there twice.
	ErrReached = errors.New("it may be there twice")
	// ErrUnknown says that the log does not hold what was sent.
	ErrUnknown = errors.New("it is not in the log")
)

// Again is the attempt that is sent again when a lost delivery is: the last one that the log holds whole. An error that is ErrReached or ErrUnknown says why
// there is none; evenIfReached does without the former.
func (s Story) Again(evenIfReached bool) (*deliveries.Attempt, error) {
	if why := s.mayBeThere(); why != "" && !evenIfReached {
		return nil, fmt.Errorf("%s: %w", why, ErrReached)
	}
	longest := int64(0)
	for _, a := range s.Attempts {
		longest = max(longest, a.Request.Bytes)
	}
	for i := len(s.Attempts) - 1; i >= 0; i-- {
		a := s.Attempts[i]
		if _, whole := a.Request.Whole(); whole && a.Request.Bytes == longest { // one that was cut off has the hash of its beginning
			return a, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", s.whyNotWhole(), ErrUnknown)
}

// mayBeThere says why the delivery may have arrived although its sender has lost it; "" when it has not.
func (s Story) mayBeThere() string {
	switch {
	case s.Delivery.Delivered:
		return "it arrived, and its sender was not shown that"
	case s.arrivedByReplay():
		return "it was replayed, and arrived"
	case s.MaybeDelivered:
		return "its target got it whole, and its answer is not known"
	case s.replayMayHaveArrived():
		return "it was replayed, and nobody knows whether it arrived"
	case len(s.Unfinished) > 0:
		return "an attempt had not ended when faultline did"
	case s.doubtful:
		return "what looks like it came again under another key"
	default:
		return ""
	}
}

// whyNotWhole says why the log does not hold what was sent.
func (s Story) whyNotWhole() string {
	if len(s.Attempts) == 0 {
		return "none of its attempts has ended"
	}
	if s.Attempts[len(s.Attempts)-1].Request.Body == nil {
		return `its body is not logged (log.bodies = "full" would)`
	}
	return "its body is logged redacted, or not to its end"
}

// arrivedByReplay reports whether faultline replay has delivered it.
func (s Story) arrivedByReplay() bool {
	for _, a := range s.replays {
		if a.Successes() > 0 {
			return true
		}
	}
	return false
}

func (s Story) replayMayHaveArrived() bool {
	for _, a := range s.replays {
		if a.Delivered == nil {
			return true
		}
	}
	return false
}

// foreign are the attempts of faultline replay that are deliveries of their own, as nothing but the body tells them, by the attempt that they repeat.
func (l *Log) foreign() map[string][]*deliveries.Attempt {
	all := make(map[string][]*deliveries.Attempt)
	for d := range l.each() {
		if !d.Foreign() {
			continue
		}
		for _, a := range d.Replays {
			all[a.Replay] = append(all[a.Replay], a)
		}
	}
	return all
}
