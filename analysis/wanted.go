package analysis

import (
	"time"

	"github.com/faultline/faultline/scenario"
)

// wanted are the gaps that [expect] backoff allows.
type wanted struct {
	*scenario.Backoff
	waits backoff
}

// wantedGaps are what is asked for. What is not said of the first gap and the factor is the sender's own, if it waits in that shape; else ok is false.
func wantedGaps(b *scenario.Backoff, p *Policy) (w wanted, ok bool) {
	w = wanted{b, backoff{
		shape: Shape(b.Shape), first: b.First.Seconds(), step: b.First.Seconds(), factor: b.Factor, most: b.Cap.Seconds(), share: leastShare(b.Jitter),
	}}
	if b.Shape == "" {
		w.waits.shape = ShapeSchedule
		for _, wait := range b.Schedule {
			w.waits.table = append(w.waits.table, wait.Seconds())
		}
		return w, true
	}
	ownFirst, ownFactor := b.First == 0, b.Shape == string(ShapeExponential) && b.Factor == 0
	if !ownFirst && !ownFactor {
		return w, true
	}
	if p.waits == nil || p.Shape != w.waits.shape {
		return w, false
	}
	if ownFirst {
		w.waits.first, w.waits.step = p.waits.first, p.waits.step
	}
	if ownFactor {
		w.waits.factor = p.waits.factor
	}
	return w, true
}

// leastShare is the shortest wait of a jitter, as a share of the one that is written down.
func leastShare(jitter string) float64 {
	switch Jitter(jitter) {
	case JitterFull:
		return 0
	case JitterEqual, JitterSome:
		return 0.5
	case JitterNone, "":
		return 1
	default:
		panic("analysis: jitter " + jitter)
	}
}

// mostShare is the longest.
func mostShare(jitter string) float64 {
	if Jitter(jitter) == JitterSome {
		return 1.5
	}
	return 1
}

// after is the interval of the gap after a try, lateness not included; more is false when there should be no further attempt.
func (w wanted) after(try int) (least, most time.Duration, more bool) {
	if w.Backoff.Shape == "" && try > len(w.waits.table) && !w.Repeats {
		return 0, 0, false
	}
	wait := w.waits.high(try)
	return seconds(wait * w.waits.share * (1 - w.Tolerance)), seconds(wait * mostShare(w.Jitter) * (1 + w.Tolerance)), true
}
