package main

import (
	"fmt"
	"time"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
)

// resumeLimit is how much of a log's end is read at a start: numbers of deliveries whose last attempt lies further back begin at 1 again.
const resumeLimit = 128 << 20

// resume goes on with the attempt numbers that an earlier run in the same folder has come to.
func (p *station) resume() error {
	if p.settings.fresh {
		return nil
	}
	earlier, err := deliveries.Resume(p.settings.logDir, resumeLimit)
	if err != nil {
		return err
	}
	p.unread = unreadOf(earlier)
	all, open, since := rememberedOf(earlier.Deliveries, p.rules, time.Now())
	p.counters.Restore(all)
	if open > 0 {
		p.notes = append(p.notes, fmt.Sprintf("goes on with %d open deliveries of %s; --fresh starts anew", open, clock(since)))
	}
	return nil
}

// mostUnread is how many lines that cannot be read are shown, each by itself.
const mostUnread = 5

// unreadOf says which lines of a log cannot be read: what they told of is not gone on with.
func unreadOf(earlier deliveries.Resumed) (lines []string) {
	shown := earlier.Bad[:min(mostUnread, len(earlier.Bad))]
	for _, line := range shown {
		lines = append(lines, fmt.Sprintf("%v: the line cannot be read, and is passed over", line))
	}
	if more := earlier.BadLines - len(shown); more > 0 {
		lines = append(lines, fmt.Sprintf("%s of the log cannot be read", counted(more, "more line")))
	}
	return lines
}

// rememberedOf is what the counters need to know of the deliveries that are not too old, and how many of them are open since when.
func rememberedOf(earlier []deliveries.ResumedDelivery, rules *scenario.Scenario, now time.Time) (all []counters.Remembered, open int, since time.Time) {
	acknowledged := make(map[string]uint64) // deliveries of a body, by its identity
	for _, d := range earlier {
		if d.KeyFrom == "none" || now.Sub(d.Last) >= rules.Delivery.ForgetAfter {
			continue
		}
		id := identityOf(d, rules)
		all = append(all, counters.Remembered{
			Identity: id, Delivery: d.Delivery, Attempts: d.Attempts, First: d.First, Last: d.Last,
			Acknowledged: d.Acknowledged, Before: acknowledged[id.Key],
		})
		if d.Acknowledged {
			acknowledged[id.Key]++
			continue
		}
		open++
		if since.IsZero() || d.First.Before(since) {
			since = d.First
		}
	}
	return all, open, since
}

// identityOf is a delivery's identity: its id, or for a body's key, where each delivery of the same body has an id of its own, that of the key.
func identityOf(d deliveries.ResumedDelivery, rules *scenario.Scenario) counters.Identity {
	if !d.Body() {
		return counters.Identity{Key: d.Delivery}
	}
	return counters.Identity{Key: deliveries.DeliveryID(scopeOf(d, rules.Delivery.Per), d.Key, ""), Body: true}
}

func scopeOf(d deliveries.ResumedDelivery, per scenario.Per) string {
	switch per {
	case scenario.PerEndpoint:
		return d.Endpoint
	case scenario.PerHost:
		return d.Host
	case scenario.PerAll:
		return ""
	default:
		panic(fmt.Sprintf("faultline: keys per %q", per))
	}
}

// clock is a time of today, or one with its day.
func clock(t time.Time) string {
	if t.Local().Format(time.DateOnly) == time.Now().Format(time.DateOnly) {
		return t.Local().Format("15:04")
	}
	return t.Local().Format("2006-01-02 15:04")
}
