package main

import "fmt"

// growth measures how the cost of an attempt grows with what there is more of: rules, deliveries, connections.
func growth(b *bench) ([]table, error) {
	var rules, keys, connections []peer
	for _, n := range []int{10, 100, 1000} {
		rules = append(rules, peer{
			name:  fmt.Sprintf("%d rules", n),
			start: faultlineAs(fmt.Sprintf("faultline-%d-rules", n), b.faultline, scenarioText{byHost: n}),
		})
	}
	for _, n := range []int{100, 4000, 10_000_000} {
		keys = append(keys, peer{
			name:  fmt.Sprintf("%d keys", n),
			start: faultlineAs(fmt.Sprintf("faultline-%d-keys", n), b.faultline, usual()),
			vary:  func(l *load) { l.keys = n },
		})
	}
	keys[2].name = "each attempt a new key"
	for _, n := range []int{8, 64, 512, 2048} {
		connections = append(connections, peer{
			name:  fmt.Sprintf("%d senders", n),
			start: faultlineAs(fmt.Sprintf("faultline-%d-senders", n), b.faultline, usual()),
			vary:  func(l *load) { l.senders = n },
		})
	}
	var tables []table
	for _, question := range []struct {
		name, title string
		peers       []peer
	}{
		{"growth-rules", "How cost grows with rules for other hosts", rules},
		{"growth-keys", "How cost grows with deliveries", keys},
		{"growth-connections", "How cost grows with senders at work", connections},
	} {
		t, err := b.grown(question.name, question.title, question.peers)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", question.name, err)
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// grown is a contest of faultline with itself.
func (b *bench) grown(name, title string, peers []peer) (table, error) {
	defer b.stopAll()
	target, err := b.startTarget()
	if err != nil {
		return table{}, err
	}
	contenders, err := b.contest(peers, target.address, b.under(load{
		senders: senderCount, url: "http://" + target.address + "/claims/7", host: target.address, keys: keyCount,
	}))
	t := tableOf(name, title, roundColumns(), contenders)
	t.Notes = []string{"A ratio below 1 is growth: the first row costs that share of it."}
	return t, err
}
