package main

// senderCount and keyCount are those of all parts that say nothing else.
const (
	senderCount = 64
	keyCount    = 4000
)

// forward measures attempts that are only forwarded, over connections that are kept.
func forward(b *bench) ([]table, error) {
	defer b.stopAll()
	target, err := b.startTarget()
	if err != nil {
		return nil, err
	}
	peers := []peer{
		{name: "faultline", start: faultlineAs("faultline", b.faultline, usual())},
		{name: "faultline, 10 % faulted", start: faultlineAs("faultline-faulted", b.faultline, tenth()), faulted: true},
		{name: "faultline, a line printed per attempt", start: faultlineAs("faultline-printing", b.faultline, usual(), "--quiet=false")},
		{name: "goproxy, tuned", start: own("tuned")},
		{name: "goproxy", start: own("goproxy")},
		{name: "fasthttp forwarder", start: own("forward")},
		{name: "squid", start: squid},
		{name: "HAProxy", start: haproxy},
		{name: "mitmdump", start: mitmdump()},
	}
	contenders, err := b.contest(b.withOther(peers, usual()), target.address, b.under(load{
		senders: senderCount,
		url:     "http://" + target.address + "/claims/7",
		host:    target.address,
		keys:    keyCount,
	}))
	if err != nil {
		return nil, err
	}
	t := tableOf("forward", "Forwarding: 64 keep-alive senders, POST of 1 KiB, one core for the proxy", roundColumns(), contenders)
	t.Notes = []string{
		"faultline decides by 100 rules for other hosts and 5 by path, counts 4,000 deliveries, logs and measures each attempt; all others forward, and HAProxy need not even look where to.",
		"Wanted of its CPU: at most 1.15 of tuned goproxy's, 0.60 of bare goproxy's and squid's, 3.50 of the fasthttp forwarder's; and at most 100 allocations and 9 KB per attempt.",
	}
	return []table{t}, nil
}
