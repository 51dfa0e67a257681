package analysis

import (
	"cmp"
	"slices"
	"time"
)

// herds find the retries that come when an outage is over. An outage is a time in which all attempts at a host failed.
type herds struct {
	hosts      map[string][]mark
	deliveries []witness
	marks      int  // of all hosts
	rare       uint // of the hash of an id so many bits must be 0
}

// mark is an attempt at a host. Times are since 1970.
type mark struct {
	from, to time.Duration
	gap      time.Duration // since the end of the attempt before it; 0 for a first one
	delivery int32         // in herds.deliveries
	well     bool
	late     bool // it may have waited for a worker
	byHand   bool
}

// herd are the retries after one outage: of each delivery that failed in it the first that came afterwards.
type herd struct {
	host         string
	outage       span
	all, busiest int
	gaps         []time.Duration // before those in the busiest second that no queue has held back, sorted
	shown        witnesses
	starts       []time.Duration // of the retries, since the outage's end, sorted
	rush         time.Duration   // when the busiest second begins
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
	if !h.wants(c.ID) {
		return
	}
	for h.marks+len(c.arrivals) > mostHeld && len(h.deliveries) > 0 {
		h.thin()
		if !h.wants(c.ID) {
			return
		}
	}
	h.marks += len(c.arrivals)
	delivery := int32(len(h.deliveries))
	h.deliveries = append(h.deliveries, witnessOf(c))
	for _, a := range c.arrivals {
		one := mark{from: since1970(a.Start), to: since1970(a.ended), gap: a.gap, delivery: delivery, well: a.how == wellEnded, late: a.queued(), byHand: a.byHand}
		h.hosts[c.Host] = append(h.hosts[c.Host], one)
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
		for _, one := range h.at(h.hosts[host]) {
			if one.all >= leastHerd && (!ok || one.share() > worst.share()) {
				worst, ok = one, true
				worst.host = host
			}
		}
	}
	return worst, ok
}

// at are the herds of one host.
func (h *herds) at(marks []mark) []herd {
	slices.SortFunc(marks, func(a, b mark) int {
		return cmp.Or(cmp.Compare(a.to, b.to), cmp.Compare(a.from, b.from), h.deliveries[a.delivery].compare(h.deliveries[b.delivery]))
	})
	next := following(marks)
	var found []herd
	well := time.Duration(0) // the last end that was none of a failure; 0: there was none
	for i := 0; i < len(marks); {
		if marks[i].well {
			well = marks[i].to
			i++
			continue
		}
		over := i
		failed := make(map[int32]int) // the last failure of each delivery
		for over < len(marks) && !marks[over].well {
			failed[marks[over].delivery] = over
			over++
		}
		from, to := marks[i].from, marks[over-1].to
		byChance := to-from < leastOutage && well > 0 && from-well < leastOutage
		if len(failed) >= leastHerd && !byChance {
			found = append(found, h.after(from, to, failed, marks, next))
		}
		i = over
	}
	return found
}

// following is, for each attempt, the next one of its delivery at the host; 0: there is none.
func following(marks []mark) []int32 {
	next := make([]int32, len(marks))
	later := make(map[int32]int32)
	for i := len(marks) - 1; i >= 0; i-- {
		next[i] = later[marks[i].delivery]
		later[marks[i].delivery] = int32(i)
	}
	return next
}

// after are the retries of what failed in an outage.
func (h *herds) after(from, to time.Duration, failed map[int32]int, marks []mark, next []int32) herd {
	var retries []mark
	for _, last := range failed {
		i := next[last]
		for i != 0 && marks[i].from < to {
			i = next[i]
		}
		if i != 0 && !marks[i].byHand {
			retries = append(retries, marks[i])
		}
	}
	out := herd{outage: span{moment(from), moment(to)}, all: len(retries)}
	if out.all == 0 {
		return out
	}
	slices.SortFunc(retries, func(a, b mark) int {
		return cmp.Or(cmp.Compare(a.from, b.from), h.deliveries[a.delivery].compare(h.deliveries[b.delivery]))
	})
	starts := make([]start, len(retries))
	for i, m := range retries {
		starts[i] = start{moment(m.from), h.deliveries[m.delivery]}
	}
	for _, m := range retries {
		out.starts = append(out.starts, m.from-to)
	}
	last := 0
	out.busiest, last = busiest(starts)
	out.rush = out.starts[last+1-out.busiest]
	for _, m := range retries[last+1-out.busiest:][:out.busiest] {
		if !m.late {
			out.gaps = append(out.gaps, m.gap)
		}
		out.shown.insert(h.deliveries[m.delivery])
	}
	slices.Sort(out.gaps)
	return out
}
