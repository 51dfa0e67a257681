package analysis

import (
	"cmp"
	"slices"
	"time"
)

// Somebody may send a batch again by hand, long after the sender was through with it: failed ones, or all. What says so is that their attempts come together,
// although those before them had ended at various times. No policy does that: its retries are as far apart as what they retry.

const (
	longSince   = 10 * time.Minute // since the attempt before
	together    = 5 * time.Second  // one after another, in a batch
	leastBatch  = 5
	moreTightly = 10 // times as close together as the attempts before them
)

// resumption is an attempt that came long after the one before it.
type resumption struct{ ended, began time.Time }

// batches are the times in which attempts came again together.
func batches(all []resumption) (found spans) {
	slices.SortFunc(all, func(a, b resumption) int { return cmp.Or(a.began.Compare(b.began), a.ended.Compare(b.ended)) })
	from := 0
	for i := range all {
		if last := i == len(all)-1; !last && all[i+1].began.Sub(all[i].began) <= together {
			continue
		}
		if one := all[from : i+1]; isBatch(one) {
			found = append(found, span{one[0].began, all[i].began})
		}
		from = i + 1
	}
	return found
}

func isBatch(all []resumption) bool {
	if len(all) < leastBatch {
		return false
	}
	first, last := all[0].ended, all[0].ended
	for _, one := range all {
		first, last = earlier(first, one.ended), later(last, one.ended)
	}
	took := all[len(all)-1].began.Sub(all[0].began)
	return last.Sub(first) >= moreTightly*max(took, time.Second)
}
