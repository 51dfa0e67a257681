package main

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// A round is what was measured of one peer in one stretch.
type round struct {
	cpu       time.Duration // of the proxy, per attempt
	perSecond float64
	p50, p99  time.Duration
	resident  int64   // bytes, at the end
	allocs    float64 // per attempt; 0 where the process does not say
	bytes     float64 // allocated per attempt; 0 where the process does not say
}

// A contender is a peer that runs, or that this machine does not have.
type contender struct {
	peer
	process *process
	missing string // why it does not run
	rounds  []round
}

// contest starts peers and measures them in turn, round by round, so that what disturbs the machine disturbs all of them.
func (b *bench) contest(peers []peer, target string, l load) ([]*contender, error) {
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
	for number := range b.rounds {
		for _, c := range all {
			if c.missing != "" {
				continue
			}
			measured, err := b.round(c, l)
			if err != nil {
				return nil, fmt.Errorf("%s, round %d: %w", c.name, number+1, err)
			}
			c.rounds = append(c.rounds, measured)
		}
		fmt.Fprintf(os.Stderr, "bench:   round %d of %d\n", number+1, b.rounds)
	}
	return all, nil
}

// round measures one peer once: it warms up, then counts.
func (b *bench) round(c *contender, l load) (round, error) {
	if err := b.ctx.Err(); err != nil {
		return round{}, err
	}
	l.proxy, l.faulted = c.process.address, c.faulted
	senders, err := l.connect()
	if err != nil {
		return round{}, err
	}
	defer senders.close()
	if _, err := senders.run(b.warm); err != nil && b.warm > 0 {
		return round{}, err
	}
	before, err := c.process.sample()
	if err != nil {
		return round{}, err
	}
	tally, err := senders.run(b.span)
	if err != nil {
		return round{}, err
	}
	if err := c.process.settle(); err != nil {
		return round{}, err
	}
	after, err := c.process.sample()
	if err != nil {
		return round{}, err
	}
	if share := tally.faultedShare(); c.faulted && (share < 0.05 || share > 0.15) {
		return round{}, fmt.Errorf("a share of %.3f of the attempts was faulted, not 0.1", share)
	}
	return between(before, after, tally), nil
}

// between is a round by what was sampled around it.
func between(before, after sample, t tally) round {
	attempts := float64(t.attempts)
	return round{
		cpu:       (after.cpu - before.cpu) / time.Duration(t.attempts),
		perSecond: t.perSecond(),
		p50:       t.quantile(0.50),
		p99:       t.quantile(0.99),
		resident:  after.resident,
		allocs:    float64(after.allocs-before.allocs) / attempts,
		bytes:     float64(after.bytes-before.bytes) / attempts,
	}
}
