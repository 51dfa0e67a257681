package analysis

import "github.com/faultline/faultline/deliveries"

// habits count what a sender did after each ending, and where it stopped.
type habits struct {
	retried map[ending]int         // attempts that were followed by another one
	stopped map[ending]map[int]int // deliveries that were lost after such an attempt, by how many tries they had
	lengths map[int]int            // deliveries, by how many tries they had
}

// see takes a delivery whose state is known.
func (h *habits) see(c course) {
	if h.retried == nil {
		h.retried, h.stopped, h.lengths = make(map[ending]int), make(map[ending]map[int]int), make(map[int]int)
	}
	h.lengths[c.tries]++
	for i := range c.arrivals {
		if how := c.arrivals[i].how; how != wellEnded && c.follower(i) != nil {
			h.retried[how]++
		}
	}
	last := c.lastArrival()
	if c.State != deliveries.StateLost || last == nil || len(c.Unfinished) > 0 || last.EndedBy == deliveries.ByShutdown {
		return
	}
	if h.stopped[last.how] == nil {
		h.stopped[last.how] = make(map[int]int)
	}
	h.stopped[last.how][c.tries]++
}

// follower is the first attempt of the sender's that began after the i-th had ended, nil when there is none.
func (c course) follower(i int) *arrival {
	for j := i + 1; j < len(c.arrivals); j++ {
		if !c.arrivals[j].byHand && !c.arrivals[j].Start.Before(c.arrivals[i].ended) {
			return &c.arrivals[j]
		}
	}
	return nil
}

// limit is after how many tries the sender gives a delivery up: the number of those that it has left after an ending that it retries otherwise.
// 0: none was given up, or after various numbers.
func (h *habits) limit() int {
	all, most, limit := 0, 0, 0
	byTries := make(map[int]int)
	for how, tries := range h.stopped {
		if h.retried[how] == 0 {
			continue
		}
		for n, deliveries := range tries {
			all += deliveries
			byTries[n] += deliveries
		}
	}
	for n, deliveries := range byTries {
		if deliveries > most || deliveries == most && n > limit {
			most, limit = deliveries, n
		}
	}
	if all == 0 {
		return h.never()
	}
	longer, total := 0, 0
	for n, deliveries := range h.lengths {
		total += deliveries
		if n > limit {
			longer += deliveries
		}
	}
	const nearlyAll, hardlyAny = 0.8, 0.02
	if float64(most) < nearlyAll*float64(all) || float64(longer) > hardlyAny*float64(total) {
		return 0
	}
	return limit
}

// never is 1 for a sender that was never seen to retry and has lost deliveries so, else 0. That it leaves one after an answer such as 404 says nothing.
func (h *habits) never() int {
	if len(h.retried) > 0 {
		return 0
	}
	for how := range h.stopped {
		if how.status() == 0 || how.temporary() {
			return 1
		}
	}
	return 0
}

// early is how many deliveries were left after an ending although the sender had tries left.
func (h *habits) early(how ending) int {
	limit := h.limit()
	n := 0
	for tries, deliveries := range h.stopped[how] {
		if limit <= 1 || tries < limit {
			n += deliveries
		}
	}
	return n
}

// retries say of each ending whether it is retried; one of which nothing is known is left out.
func (h *habits) retries() map[string]bool {
	known := make(map[string]bool)
	for how, n := range h.retried {
		known[string(how)] = n >= h.early(how)
	}
	for how := range h.stopped {
		if h.retried[how] == 0 && h.early(how) > 0 {
			known[string(how)] = false
		}
	}
	return known
}
