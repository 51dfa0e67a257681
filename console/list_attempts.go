package console

import (
	"encoding/json"
	"fmt"
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
		page.Attempts[i] = lineOf(c.attempt)
	}
	return page
}

// placed is an attempt with the position behind it.
type placed struct {
	attempt *deliveries.Attempt
	behind  uint64
}

// latest gives the attempts that a filter asks for, at most so many, the last first.
func latest(all remembrance, f filter, most int) []placed {
	var chosen []placed
	for i, record := range slices.Backward(all.records) {
		behind := all.first + uint64(i) + 1
		a, ok := record.(*deliveries.Attempt)
		if !ok || !f.before(behind) || !f.wants(a) {
			continue
		}
		if chosen = append(chosen, placed{a, behind}); len(chosen) == most {
			break
		}
	}
	return chosen
}

func (f *filter) wants(a *deliveries.Attempt) bool {
	return (f.state == "" || f.state == string(a.Outcome)) && f.ofHost(a.Host) && !a.Start.Before(f.since)
}

// lineOf is a record as its line stands in the log, without the newline.
func lineOf(record deliveries.Record) []byte {
	line, err := deliveries.Line(record)
	if err != nil {
		panic(fmt.Sprintf("console: %v", err)) // the same was written to the log: cannot be
	}
	return line[:len(line)-1]
}
