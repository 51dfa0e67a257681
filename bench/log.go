package main

import "fmt"

// logs measures what the log's sync costs.
func logs(b *bench) ([]table, error) {
	defer b.stopAll()
	target, err := b.startTarget()
	if err != nil {
		return nil, err
	}
	var peers []peer
	for _, sync := range []string{"never", "interval 100ms", "always"} {
		scenario := usual()
		scenario.more = fmt.Sprintf("\n[log]\nsync = %q\n", sync)
		peers = append(peers, peer{name: sync, start: faultlineAs("faultline-"+sync, b.faultline, scenario)})
	}
	never := 0.0 // p99 of the same round
	contenders, err := b.contest(peers, target.address, func(c *contender) ([]float64, error) {
		r, err := b.round(c, load{senders: senderCount, url: "http://" + target.address + "/claims/7", host: target.address, keys: keyCount})
		p99 := milliseconds(r.p99)
		if c.name == "never" {
			never = p99
		}
		return []float64{r.perSecond, float64(r.cpu.Nanoseconds()) / 1000, p99, p99 - never}, err
	})
	if err != nil {
		return nil, err
	}
	return []table{tableOf("log", "The log, by log.sync: each attempt is recorded before the last byte of its answer", []column{
		{Name: "records", Unit: "per second"}, {Name: "CPU", Unit: "µs per attempt", Digits: 1, Ratio: true}, {Name: "p99", Unit: "ms", Digits: 2}, {Name: "added p99", Unit: "ms", Digits: 2},
	}, contenders)}, nil
}
