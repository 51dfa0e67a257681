package console

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
)

type endpointsPage struct {
	Memory    memory     `json:"memory"`
	Endpoints []endpoint `json:"endpoints"`
	Next      *string    `json:"next"`
}

// endpoint is what became of the deliveries of one endpoint.
type endpoint struct {
	Endpoint    string                     `json:"endpoint"`
	Host        string                     `json:"host"`
	Attempts    int                        `json:"attempts"` // that are finished
	Deliveries  int                        `json:"deliveries"`
	SuccessRate float64                    `json:"success_rate"` // share of its deliveries that are acknowledged; those that are open are not yet
	P50MS       *float64                   `json:"p50_ms"`       // of its attempts, as their senders saw it; null without one
	P99MS       *float64                   `json:"p99_ms"`
	Duplicates  int                        `json:"duplicates"` // deliveries that the target answered with success more than once
	ByOutcome   map[deliveries.Outcome]int `json:"by_outcome"` // attempts
}

// endpoints lists endpoints, the worst first. The state is that of the deliveries that are counted.
func (l lists) endpoints(f filter, now time.Time) endpointsPage {
	all := l.recent.all()
	grouped, _ := group(all, now)
	grouped = slices.DeleteFunc(grouped, func(d recentDelivery) bool { return !f.wantsDelivery(&d) })
	ranked := rank(grouped, f.since)
	shown := min(f.cursor, uint64(len(ranked))) // its cursor is how many were shown
	chosen, next := paged(ranked[shown:], f.limit, func(endpoint) uint64 { return shown + uint64(f.limit) })
	return endpointsPage{Memory: all.memory, Endpoints: chosen, Next: next}
}

// rank counts by endpoint, and puts the worst first: the smallest share of deliveries that arrived, then of attempts, then the most attempts. Of the
// deliveries it counts the attempts that began since then.
func rank(grouped []recentDelivery, since time.Time) []endpoint {
	tallies := make(map[string]*tally)
	for i := range grouped {
		d := &grouped[i].Delivery
		t := tallies[d.Endpoint]
		if t == nil {
			t = newTally(d)
			tallies[d.Endpoint] = t
		}
		t.count(d, since)
	}
	ranked := make([]endpoint, 0, len(tallies))
	for _, name := range slices.Sorted(maps.Keys(tallies)) {
		ranked = append(ranked, tallies[name].result())
	}
	slices.SortStableFunc(ranked, func(a, b endpoint) int {
		return cmp.Or(cmp.Compare(a.SuccessRate, b.SuccessRate), cmp.Compare(a.answeredWell(), b.answeredWell()), cmp.Compare(b.Attempts, a.Attempts))
	})
	return ranked
}

// answeredWell is the share of the attempts that were acknowledged.
func (e *endpoint) answeredWell() float64 {
	if e.Attempts == 0 {
		return 1
	}
	return float64(e.ByOutcome[deliveries.Acknowledged]) / float64(e.Attempts)
}

// tally counts for one endpoint.
type tally struct {
	endpoint
	acknowledged int // deliveries
	durations    []float64
}

func newTally(d *deliveries.Delivery) *tally {
	t := &tally{endpoint: endpoint{Endpoint: d.Endpoint, Host: d.Host, ByOutcome: make(map[deliveries.Outcome]int)}}
	for _, outcome := range outcomes() {
		t.ByOutcome[outcome] = 0
	}
	return t
}

func (t *tally) count(d *deliveries.Delivery, since time.Time) {
	t.Deliveries++
	if d.State == deliveries.StateAcknowledged {
		t.acknowledged++
	}
	if d.Duplicated {
		t.Duplicates++
	}
	for _, a := range d.Attempts {
		if a.Start.Before(since) {
			continue
		}
		t.Attempts++
		t.ByOutcome[a.Outcome]++
		t.durations = append(t.durations, a.MS.Total)
	}
}

func (t *tally) result() endpoint {
	t.SuccessRate = float64(t.acknowledged) / float64(t.Deliveries)
	slices.Sort(t.durations)
	t.P50MS, t.P99MS = quantile(t.durations, 50), quantile(t.durations, 99)
	return t.endpoint
}

// quantile is the least of the sorted values that so many percent do not exceed; nil without values.
func quantile(sorted []float64, percent int) *float64 {
	if len(sorted) == 0 {
		return nil
	}
	return &sorted[(len(sorted)*percent+99)/100-1]
}
