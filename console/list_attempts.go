package console

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
)

type attemptsPage struct {
	Memory   memory            `json:"memory"`
	Attempts []json.RawMessage `json:"attempts"` // as in the log, but for their bodies
	Next     *string           `json:"next"`
}

// attempts lists attempts, the last first. Their state is their outcome.
func (l lists) attempts(f filter, _ time.Time) attemptsPage {
	all := l.recent.all()
	chosen, next := paged(latest(all, f, f.limit+1), f.limit, func(p placed) uint64 { return p.behind })
	page := attemptsPage{Memory: all.memory, Attempts: make([]json.RawMessage, len(chosen)), Next: next}
	for i, c := range chosen {
		page.Attempts[i] = c.line
	}
	return page
}

// placed is an attempt with the position behind it.
type placed struct {
	*moment
	behind uint64
}

// latest gives the attempts that a filter asks for, at most so many, the last first.
func latest(all remembrance, f filter, most int) []placed {
	var chosen []placed
	for i, m := range slices.Backward(all.moments) {
		behind := all.first + uint64(i) + 1
		if m.event != deliveries.EventAttempt || !f.before(behind) || !f.wants(m.attempt()) {
			continue
		}
		if chosen = append(chosen, placed{m, behind}); len(chosen) == most {
			break
		}
	}
	return chosen
}

func (f *filter) wants(a *deliveries.Attempt) bool {
	return (f.state == "" || f.state == string(a.Outcome)) && f.ofHost(a.Host) && !a.Start.Before(f.since)
}
