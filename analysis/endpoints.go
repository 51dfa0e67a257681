package analysis

import (
	"cmp"
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// Endpoint is what became of what was sent to one host.
type Endpoint struct {
	Host                 string
	Attempts, Deliveries int
	Settled, Arrived     int     // deliveries
	SuccessRate          float64 // share of the settled deliveries that were acknowledged and delivered; 1 when none is settled
	P50, P99             time.Duration
	Duplicates           int // deliveries that the target answered with success more than once
	ByOutcome            map[deliveries.Outcome]int

	steps [trendSteps]byOutcome // attempts, from the first in the log to the last
}

// Fault is what became of attempts that met one kind of fault.
type Fault struct {
	Kind               string
	Attempts, Followed int // followed: another attempt came after
	Deliveries         int
	Arrived            int // deliveries
}

// endpoints gather both.
type endpoints struct {
	span   span
	hosts  map[string]*hostTally
	faults map[string]*Fault
}

type hostTally struct {
	Endpoint
	took []float64 // milliseconds of each attempt
}

// trendSteps is how many times a trend has.
const trendSteps = 16

func (e *endpoints) see(c *course) {
	if e.hosts == nil {
		e.hosts, e.faults = make(map[string]*hostTally), make(map[string]*Fault)
	}
	h := e.hosts[c.Host]
	if h == nil {
		h = &hostTally{Endpoint: Endpoint{Host: c.Host, ByOutcome: make(map[deliveries.Outcome]int)}}
		e.hosts[c.Host] = h
	}
	arrived := c.acknowledged() && c.Delivered
	h.Deliveries++
	if c.State != deliveries.StateOpen {
		h.Settled++
	}
	if arrived {
		h.Arrived++
	}
	if c.Duplicated {
		h.Duplicates++
	}
	for _, a := range c.arrivals {
		h.see(a, e.span)
	}
	e.seeFaults(c, arrived)
}

func (h *hostTally) see(a arrival, all span) {
	h.Attempts++
	h.ByOutcome[a.Outcome]++
	h.took = append(h.took, a.MS.Total)
	step := 0
	if whole := all.to.Sub(all.from); whole > 0 {
		step = min(trendSteps-1, max(0, int(float64(trendSteps)*float64(a.Start.Sub(all.from))/float64(whole))))
	}
	h.steps[step].add(a.Outcome)
}

func (e *endpoints) seeFaults(c *course, arrived bool) {
	if !c.faulted {
		return
	}
	met := make(map[string]bool)
	for i, a := range c.arrivals {
		for _, kind := range a.Faults {
			f := e.faults[kind]
			if f == nil {
				f = &Fault{Kind: kind}
				e.faults[kind] = f
			}
			f.Attempts++
			if c.follower(i) != nil {
				f.Followed++
			}
			met[kind] = true
		}
	}
	for kind := range met {
		e.faults[kind].Deliveries++
		if arrived {
			e.faults[kind].Arrived++
		}
	}
}

// table has the hosts, the worst first: those with the smallest share, of these those with most deliveries.
func (e *endpoints) table() []Endpoint {
	all := []Endpoint{}
	for _, h := range e.hosts {
		slices.Sort(h.took)
		if len(h.took) > 0 {
			h.P50, h.P99 = milliseconds(percentile(h.took, 50)), milliseconds(percentile(h.took, 99))
		}
		h.SuccessRate = 1
		if h.Settled > 0 {
			h.SuccessRate = float64(h.Arrived) / float64(h.Settled)
		}
		all = append(all, h.Endpoint)
	}
	slices.SortFunc(all, func(a, b Endpoint) int {
		return cmp.Or(cmp.Compare(a.SuccessRate, b.SuccessRate), b.Deliveries-a.Deliveries, cmp.Compare(a.Host, b.Host))
	})
	return all
}

// percentiles are how long half of all attempts, and 99 in 100, took at most.
func (e *endpoints) percentiles() (half, most time.Duration) {
	var took []float64
	for _, h := range e.hosts {
		took = append(took, h.took...)
	}
	if len(took) == 0 {
		return 0, 0
	}
	slices.Sort(took)
	return milliseconds(percentile(took, 50)), milliseconds(percentile(took, 99))
}

// percentile is the least of sorted numbers that so many in a hundred do not exceed (nearest rank).
func percentile(sorted []float64, p int) float64 { return sorted[(len(sorted)*p+99)/100-1] }

// faultTable has the kinds by name.
func (e *endpoints) faultTable() []Fault {
	all := []Fault{}
	for _, f := range e.faults {
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b Fault) int { return cmp.Compare(a.Kind, b.Kind) })
	return all
}
