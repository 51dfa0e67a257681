package main

import (
	"errors"

	"github.com/faultline/faultline/deliveries"
)

// whole reads the logs once more, for attempts as the log has them, with header fields, which grouped ones do not have; in the order of the log. What was amended
// of an attempt stays so.
func (l *logged) whole(grouped []*deliveries.Attempt) ([]*deliveries.Attempt, error) {
	wanted := make(map[string]*deliveries.Attempt, len(grouped))
	for _, a := range grouped {
		wanted[a.ID] = a
	}
	var all []*deliveries.Attempt
	for record, err := range l.records() {
		if err != nil && !errors.As(err, new(*deliveries.BadLine)) { // a bad line was counted by whoever grouped them
			return nil, usage("%w", err)
		}
		read, is := record.(*deliveries.Attempt)
		if !is || wanted[read.ID] == nil {
			continue
		}
		known := wanted[read.ID]
		read.Outcome, read.End, read.EndedBy = known.Outcome, known.End, known.EndedBy
		all = append(all, read)
		delete(wanted, read.ID) // of a segment and its copy one is enough
	}
	return all, nil
}
