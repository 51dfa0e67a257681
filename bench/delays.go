package main

import (
	"fmt"
	"strings"
	"time"
)

// delays measures how late an attempt is that latency holds back.
func delays(b *bench) ([]table, error) {
	defer b.stopAll()
	target, err := b.startTarget()
	if err != nil {
		return nil, err
	}
	asked := []time.Duration{0, time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond}
	scenario := usual()
	for _, delay := range asked[1:] {
		scenario.more += fmt.Sprintf("\n[[rule]]\nname = \"%v\"\nmatch.path = \"/%v\"\nlatency = \"%v\"\n", delay, delay, delay)
	}
	start := faultlineAs("faultline-delays", b.faultline, scenario)
	process, err := start(b, target.address)
	if err != nil {
		return nil, err
	}

	t := table{Name: "delays", Title: "Delays: how much later than the delay an answer is there (16 senders)", Columns: []column{
		{Name: "p50", Unit: "ms", Digits: 2}, {Name: "p99", Unit: "ms", Digits: 2}, {Name: "latest", Unit: "ms", Digits: 2}, {Name: "too early", Unit: "attempts"}, {Name: "attempts"},
	}}
	for _, delay := range asked {
		var rounds [][]float64
		for range b.rounds {
			values, err := b.lateness(process, target.address, delay)
			if err != nil {
				return nil, fmt.Errorf("delay of %v: %w", delay, err)
			}
			rounds = append(rounds, values)
		}
		t.Rows = append(t.Rows, row{Name: strings.Replace(delay.String(), "0s", "none", 1), Cells: spreadsOf(rounds, len(t.Columns))})
	}
	t.Notes = []string{"The way to the target and back is in it: the first row is that alone."}
	return []table{t}, nil
}

// lateness is one round of attempts that are held back for delay.
func (b *bench) lateness(p *process, target string, delay time.Duration) ([]float64, error) {
	if err := b.ctx.Err(); err != nil {
		return nil, err
	}
	l := load{proxy: p.address, senders: 16, url: fmt.Sprintf("http://%s/%v", target, delay), host: target, keys: keyCount}
	senders, err := l.connect()
	if err != nil {
		return nil, err
	}
	defer senders.close()
	tally, err := senders.run(b.span)
	if err != nil {
		return nil, err
	}
	early := 0
	for _, wait := range tally.waits {
		if wait < delay {
			early++
		}
	}
	return []float64{
		milliseconds(tally.quantile(0.50) - delay), milliseconds(tally.quantile(0.99) - delay), milliseconds(tally.quantile(1) - delay), float64(early), float64(tally.attempts),
	}, nil
}
