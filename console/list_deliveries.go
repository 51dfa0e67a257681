package console

import (
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
)

type deliveriesPage struct {
	Memory     memory          `json:"memory"`
	SettleMS   int64           `json:"settle_ms"` // without an acknowledgement, a delivery counts as lost when it was silent for so long
	Deliveries []shownDelivery `json:"deliveries"`
	Next       *string         `json:"next"`
}

// shownDelivery is a delivery, as far as it is remembered.
type shownDelivery struct {
	Delivery        string               `json:"delivery"`
	Key             string               `json:"key"`
	Endpoint        string               `json:"endpoint"`
	Host            string               `json:"host"`
	State           deliveries.State     `json:"state"`
	Reason          deliveries.Reason    `json:"reason"`
	Attempts        int                  `json:"attempts"`   // the highest number of one
	Partial         bool                 `json:"partial"`    // some of them are not remembered: state and flags go by the others
	Outcomes        []deliveries.Outcome `json:"outcomes"`   // of those that are finished and remembered, by number
	Unfinished      int                  `json:"unfinished"` // of those that are remembered
	First           time.Time            `json:"first"`      // when the first that is remembered began
	Last            time.Time            `json:"last"`       // when the last end was, or the last begin of one that is unfinished
	Delivered       bool                 `json:"delivered"`
	Duplicated      bool                 `json:"duplicated"`
	RetriedAfterAck bool                 `json:"retried_after_ack"`
	FalseSuccess    bool                 `json:"false_success"`
	MaybeDelivered  bool                 `json:"maybe_delivered"`
}

// deliveries lists deliveries, the one with the last attempt first.
func (l lists) deliveries(f filter, now time.Time) deliveriesPage {
	all := l.recent.all()
	grouped, settle := group(all, now)
	wanted := slices.DeleteFunc(grouped, func(d recentDelivery) bool { return !f.before(d.behind) || !f.wantsDelivery(&d) })
	chosen, next := paged(wanted, f.limit, func(d recentDelivery) uint64 { return d.behind })
	page := deliveriesPage{Memory: all.memory, SettleMS: settle.Milliseconds(), Deliveries: make([]shownDelivery, len(chosen)), Next: next}
	for i := range chosen {
		page.Deliveries[i] = chosen[i].shown()
	}
	return page
}

func (f *filter) wantsDelivery(d *recentDelivery) bool {
	_, last := d.span()
	return (f.state == "" || f.state == string(d.State)) && f.ofHost(d.Host) && !last.Before(f.since)
}

func (d *recentDelivery) shown() shownDelivery {
	first, last := d.span()
	highest := d.highest()
	outcomes := make([]deliveries.Outcome, len(d.Attempts))
	for i, a := range d.Attempts {
		outcomes[i] = a.Outcome
	}
	return shownDelivery{
		Delivery: d.ID, Key: d.Key, Endpoint: d.Endpoint, Host: d.Host, State: d.State, Reason: d.Reason,
		Attempts: highest, Partial: len(d.Attempts)+len(d.Unfinished) < highest, Outcomes: outcomes, Unfinished: len(d.Unfinished),
		First: first.Round(0).UTC(), Last: last.Round(0).UTC(),
		Delivered: d.Delivered, Duplicated: d.Duplicated, RetriedAfterAck: d.RetriedAfterAck, FalseSuccess: d.FalseSuccess, MaybeDelivered: d.MaybeDelivered,
	}
}
