package console

import (
	"cmp"
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// leastSettle is how long a delivery must be silent at least before it counts as lost: Celery's default delay is 180 s.
const leastSettle = 200 * time.Second

// recentDelivery is a delivery as far as it is remembered.
type recentDelivery struct {
	deliveries.Delivery
	behind uint64 // the position behind its last record, which a cursor says
}

// group puts what is remembered together to deliveries, the one with the last record first. What is not acknowledged is lost when it was silent for three
// times the longest gap that any sender has left so far, and for no less than 200 s.
func group(all remembrance, now time.Time) (grouped []recentDelivery, settle time.Duration) {
	var grouper deliveries.Grouper
	behind := make(map[string]uint64)
	for i, m := range all.moments {
		switch r := m.look().(type) {
		case *deliveries.Attempt:
			behind[r.Delivery] = all.first + uint64(i) + 1
			grouper.Add(r)
		case *deliveries.Open:
			behind[r.Delivery] = all.first + uint64(i) + 1
			grouper.Add(r)
		}
	}
	grouper.Add(&deliveries.Run{Start: now}) // we are alive: silence is told by the clock, not by the last record
	settle = max(leastSettle, 3*longestGap(grouper.Deliveries(deliveries.Settle{})))
	for _, d := range grouper.Deliveries(deliveries.Settle{Silence: settle}) {
		if d.Foreign() { // replays alone
			continue
		}
		grouped = append(grouped, recentDelivery{d, behind[d.ID]})
	}
	slices.SortFunc(grouped, func(a, b recentDelivery) int { return cmp.Compare(b.behind, a.behind) })
	return grouped, settle
}

// longestGap is the longest time between an attempt's end and the next one's start.
func longestGap(all []deliveries.Delivery) time.Duration {
	var longest time.Duration
	for _, d := range all {
		for i := 1; i < len(d.Attempts); i++ {
			longest = max(longest, d.Attempts[i].Start.Sub(d.Attempts[i-1].Ended()))
		}
	}
	return longest
}

// span is when a delivery's first attempt began, and when there was the last of it.
func (d *recentDelivery) span() (first, last time.Time) {
	for _, a := range d.Attempts {
		first, last = widened(first, last, a.Start, a.Ended())
	}
	for _, o := range d.Unfinished {
		first, last = widened(first, last, o.Start, o.Start)
	}
	return first, last
}

func widened(first, last, begin, end time.Time) (time.Time, time.Time) {
	if first.IsZero() || begin.Before(first) {
		first = begin
	}
	if end.After(last) {
		last = end
	}
	return first, last
}

// highest is the number of the last attempt.
func (d *recentDelivery) highest() int {
	highest := 0
	for _, a := range d.Attempts {
		highest = max(highest, a.Attempt)
	}
	for _, o := range d.Unfinished {
		highest = max(highest, o.Attempt)
	}
	return highest
}
