package analysis

import (
	"cmp"
	"slices"
	"time"
)

// herds find the retries that come when an outage is over. An outage is a time in which all attempts at a host failed.
type herds struct{ hosts map[string][]mark }

// mark is an attempt at a host.
type mark struct {
	span
	well bool
	gap  time.Duration // since the end of the attempt before it; 0 for a first one
	late bool          // it may have waited for a worker
	witness
}

// herd are the retries after one outage: of each delivery that failed in it the first that came afterwards.
type herd struct {
	outage       span
	all, busiest int
	gaps         []time.Duration // before those in the busiest second that no queue has held back, sorted
	shown        witnesses
}

// leastHerd is how many retries say something about how they are spread.
const leastHerd = 20

// leastOutage is how long failures must last, in the midst of other attempts, to be an outage and no chance: the retries of what failed within a second come
// within a second.
const leastOutage = 3 * time.Second

func (h herd) share() float64 { return float64(h.busiest) / float64(h.all) }

func (h *herds) see(c *course) {
	if h.hosts == nil {
		h.hosts = make(map[string][]mark)
	}
	for _, a := range c.arrivals {
		h.hosts[c.Host] = append(h.hosts[c.Host], mark{span: span{a.Start, a.ended}, well: a.how == wellEnded, gap: a.gap, late: a.queued(), witness: witnessOf(c)})
	}
}

// worst is the herd of which the largest share came at once; ok is false when none was large enough.
func (h *herds) worst() (worst herd, ok bool) {
	var hosts []string
	for host := range h.hosts {
		hosts = append(hosts, host)
	}
	slices.Sort(hosts)
	for _, host := range hosts {
		for _, one := range herdsAt(h.hosts[host]) {
			if one.all >= leastHerd && (!ok || one.share() > worst.share()) {
				worst, ok = one, true
			}
		}
	}
	return worst, ok
}

// herdsAt are the herds of one host.
func herdsAt(marks []mark) []herd {
	slices.SortFunc(marks, func(a, b mark) int {
		return cmp.Or(a.to.Compare(b.to), a.from.Compare(b.from), cmp.Compare(a.id, b.id))
	})
	var found []herd
	well := time.Time{} // the last end that was none of a failure
	for i := 0; i < len(marks); {
		if marks[i].well {
			well = marks[i].to
			i++
			continue
		}
		over := i
		failed := make(map[string]bool)
		for over < len(marks) && !marks[over].well {
			failed[marks[over].id] = true
			over++
		}
		outage := span{marks[i].from, marks[over-1].to}
		byChance := outage.to.Sub(outage.from) < leastOutage && !well.IsZero() && outage.from.Sub(well) < leastOutage
		if len(failed) >= leastHerd && !byChance {
			found = append(found, herdAfter(outage, failed, marks[over:]))
		}
		i = over
	}
	return found
}

// herdAfter are the retries of what failed in an outage; marks are what ended after it.
func herdAfter(outage span, failed map[string]bool, marks []mark) herd {
	var retries []mark
	for _, m := range marks {
		if failed[m.id] && !m.from.Before(outage.to) {
			retries = append(retries, m)
			delete(failed, m.id)
		}
	}
	slices.SortFunc(retries, func(a, b mark) int { return cmp.Or(a.from.Compare(b.from), cmp.Compare(a.id, b.id)) })
	starts := make([]start, len(retries))
	for i, m := range retries {
		starts[i] = start{m.from, m.witness}
	}
	h := herd{outage: outage, all: len(retries)}
	if h.all == 0 {
		return h
	}
	last := 0
	h.busiest, last = busiest(starts)
	for _, m := range retries[last+1-h.busiest:][:h.busiest] {
		if !m.late {
			h.gaps = append(h.gaps, m.gap)
		}
		h.shown.insert(m.witness)
	}
	slices.Sort(h.gaps)
	return h
}
