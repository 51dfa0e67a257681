package main

import (
	"errors"
	"fmt"
	"math"
	"os"
)

// A contender is a peer that runs, or that this machine does not have.
type contender struct {
	peer
	process *process
	missing string      // why it does not run
	rounds  [][]float64 // of each, a value per column
}

// contest starts peers and measures each in turn, round by round, so that what disturbs the machine disturbs all of them. Of a round, once tells a
// value per column, NaN where it was not measured.
func (b *bench) contest(peers []peer, target string, once func(*contender) ([]float64, error)) ([]*contender, error) {
	all, err := b.startAll(peers, target)
	if err != nil {
		return nil, err
	}
	for number := range b.rounds {
		for _, c := range all {
			if c.missing != "" {
				continue
			}
			if err := b.ctx.Err(); err != nil {
				return nil, err
			}
			values, err := once(c)
			if err != nil {
				return nil, fmt.Errorf("%s, round %d: %w", c.name, number+1, err)
			}
			c.rounds = append(c.rounds, values)
		}
		fmt.Fprintf(os.Stderr, "bench:   round %d of %d\n", number+1, b.rounds)
	}
	return all, nil
}

func (b *bench) startAll(peers []peer, target string) ([]*contender, error) {
	var all []*contender
	for _, p := range peers {
		c := &contender{peer: p}
		all = append(all, c)
		var err error
		c.process, err = p.start(b, target)
		if errors.Is(err, errMissing) {
			c.missing = errMissing.Error()
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// tableOf is a contest as a table. The first contender is the one that is set in relation to the others.
func tableOf(name, title string, columns []column, contenders []*contender) table {
	t := table{Name: name, Title: title, Columns: columns}
	for _, c := range contenders {
		t.Rows = append(t.Rows, row{Name: c.name, Missing: c.missing, Cells: spreadsOf(c.rounds, len(columns))})
	}
	return t
}

// spreadsOf are the spreads of rounds, column by column.
func spreadsOf(rounds [][]float64, columns int) []spread {
	spreads := make([]spread, columns)
	for i := range spreads {
		var taken []float64
		for _, values := range rounds {
			if !math.IsNaN(values[i]) {
				taken = append(taken, values[i])
			}
		}
		spreads[i] = spreadOf(taken)
	}
	return spreads
}
