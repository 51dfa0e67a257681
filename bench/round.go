package main

import (
	"fmt"
	"math"
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

// round measures one peer under a load once: it warms up, then counts.
func (b *bench) round(c *contender, l load) (round, error) {
	l.proxy, l.faulted = c.process.address, c.faulted
	if c.vary != nil {
		c.vary(&l)
	}
	senders, err := l.connect()
	if err != nil {
		return round{}, err
	}
	defer senders.close()
	if _, err := senders.run(b.warm); err != nil && b.warm > 0 {
		return round{}, err
	}
	before, err := c.process.sampleBefore()
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
	after, err := c.process.sampleAfter()
	if err != nil {
		return round{}, err
	}
	if share := tally.faultedShare(); c.faulted && (share < 0.03 || share > 0.2) {
		return round{}, fmt.Errorf("a share of %.3f of the attempts was faulted, not 0.1", share)
	}
	return between(before, after, tally), nil
}

// between is a round by what was sampled around it.
func between(before, after sample, t tally) round {
	attempts, allocated := float64(t.attempts), after.memory.minus(before.memory)
	return round{
		cpu:       (after.cpu - before.cpu) / time.Duration(t.attempts),
		perSecond: t.perSecond(),
		p50:       t.quantile(0.50),
		p99:       t.quantile(0.99),
		resident:  after.resident,
		allocs:    max(0, allocated.allocs) / attempts,
		bytes:     max(0, allocated.bytes) / attempts,
	}
}

// roundColumns are what a round has, in the order of values.
func roundColumns() []column {
	return []column{
		{Name: "CPU", Unit: "µs per attempt", Digits: 1, Ratio: true},
		{Name: "attempts", Unit: "per second"},
		{Name: "p50", Unit: "ms", Digits: 2},
		{Name: "p99", Unit: "ms", Digits: 2},
		{Name: "RSS", Unit: "MiB"},
		{Name: "allocations", Unit: "per attempt"},
		{Name: "allocated", Unit: "KB per attempt", Digits: 1},
	}
}

// values are those of the columns; NaN for allocations of a process that does not say.
func (r round) values(says bool) []float64 {
	values := []float64{
		float64(r.cpu.Nanoseconds()) / 1000, r.perSecond, milliseconds(r.p50), milliseconds(r.p99), float64(r.resident) / (1 << 20), r.allocs, r.bytes / 1000,
	}
	if !says {
		values[5], values[6] = math.NaN(), math.NaN()
	}
	return values
}

// under measures a contender under a load.
func (b *bench) under(l load) func(*contender) ([]float64, error) {
	return func(c *contender) ([]float64, error) {
		r, err := b.round(c, l)
		return r.values(c.process.metrics != ""), err
	}
}
