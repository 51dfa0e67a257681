package analysis

import (
	"slices"
	"time"
)

// A sender may pace itself (Celery's rate_limit): its attempts, first ones and retries alike, begin so far apart and never closer. Then what lies between the
// attempts of a delivery may be the length of a queue, and says little of the policy.

const (
	fewPaced     = 20                    // attempts that must have begun so
	shortestPace = 40 * time.Millisecond // one is as quick as a sender can be otherwise
)

// pacedSpans are the times in which one attempt began after another at the pace that all of them keep; none when they keep none.
func pacedSpans(events []event) (found spans) {
	var begun []time.Duration
	for _, e := range events { // sorted
		if e.begins() {
			begun = append(begun, e.at())
		}
	}
	pace := paceOf(begun)
	if pace == 0 {
		return nil
	}
	from := 0
	for i := range begun {
		if last := i == len(begun)-1; last || begun[i+1]-begun[i] > atPace(pace) {
			found = append(found, span{moment(begun[from]), moment(begun[i])})
			from = i + 1
		}
	}
	return found
}

// atPace is how far apart two attempts are at most that keep a pace.
func atPace(pace time.Duration) time.Duration { return pace*21/20 + 20*time.Millisecond }

// paceOf is the pace that sorted beginnings keep; 0: they keep none.
func paceOf(begun []time.Duration) time.Duration {
	if len(begun) < fewPaced {
		return 0
	}
	between := make([]time.Duration, len(begun)-1)
	for i := range between {
		between[i] = begun[i+1] - begun[i]
	}
	slices.Sort(between)
	pace := between[len(between)/2]
	closer, near := 0, 0
	for _, b := range between {
		switch {
		case b < pace*9/10:
			closer++
		case b <= atPace(pace):
			near++
		}
	}
	const hardlyAny, many = 0.02, 0.5
	all := float64(len(between))
	if pace < shortestPace || float64(closer) > hardlyAny*all || float64(near) < many*all {
		return 0
	}
	return pace
}
