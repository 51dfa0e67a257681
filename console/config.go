// Package console is what an operator and a Prometheus see of a running faultline: metrics, health, the admin API and the live page.
// It stands after the record: nothing that an attempt waits for happens here.
//
// Promise: observing never blocks and never fails, no sender can make what is remembered or counted grow without bound, no reader holds anybody up, and a GET
// changes nothing.
//
//	metrics := console.NewMetrics(console.Config{Version: "0.1"})
//	metrics.Declare(console.Names{Hosts: []string{"hooks.example.com"}, Placements: []string{"forward"}})
//	server := console.NewServer(metrics)
//	go server.Serve(listener) // until server.Close
//	metrics.Observe(record, firings)
package console

import "log/slog"

// Config is what metrics and server need to know. The zero Config works: it counts, and everything that it would ask for is zero.
// The functions are called once per scrape or health check, from several goroutines, and must answer at once.
type Config struct {
	// Version of faultline, for faultline_build_info.
	Version string
	// Hosts is how many hosts get a `host` label of their own, webhook hosts and others counted apart; all later ones are `other`. 0: 100.
	Hosts int
	// Deliveries is how many deliveries are remembered to tell a first acknowledgement from a second; the longest idle goes first. 0: 1,000,000.
	Deliveries int

	// Live is what the proxy is doing right now.
	Live func() Live
	// OpenDeliveries is how many deliveries are remembered as not acknowledged yet.
	OpenDeliveries func() int
	// Log is what the log's writer has done so far.
	Log func() LogStats
	// Ready is what stands in the way of serving. nil: nothing does.
	Ready func() Readiness

	// Control is what an operator may do. nil: nothing, and there is no API.
	Control Control
	// Recent is what the API's lists, its events and the live page tell of. nil: nothing is remembered.
	Recent *Recent
	// Token is what unsafe methods must bring as a bearer token (RFC 6750). "": none is asked for.
	Token string

	// Logger takes failures of the admin listener itself. nil: they are dropped.
	Logger *slog.Logger
}

// Live is what a proxy is doing right now.
type Live struct {
	Connections int            // of senders, tunnels among them
	Tunnels     int            // CONNECTs that are passed through
	InFlight    map[string]int // attempts, by where they are: request, held, target, answer
}

// LogStats is what the log's writer has done since the start. None of it ever falls.
type LogStats struct {
	Records uint64 // written
	Lost    uint64 // could not be written
	Bytes   uint64 // written
}

// Readiness is what stands in the way of serving, by what it concerns; nil: nothing.
type Readiness struct {
	Listening error
	Log       error
	Scenario  error
}

// Firing is a rule that fired and one of the faults that it brought.
type Firing struct{ Rule, Fault string }

// Names are the label values that a scenario names before anything has happened.
type Names struct {
	// Hosts as records write them: lower case, with the port unless it is the scheme's own. A glob is no host.
	Hosts []string
	// Placements that serve these hosts.
	Placements []string
	// Codes that rules answer with.
	Codes []int
	// Firings are each rule with each of its faults.
	Firings []Firing
}

func (c Config) withDefaults() Config {
	if c.Hosts == 0 {
		c.Hosts = 100
	}
	if c.Deliveries == 0 {
		c.Deliveries = 1_000_000
	}
	if c.Live == nil {
		c.Live = func() Live { return Live{} }
	}
	if c.OpenDeliveries == nil {
		c.OpenDeliveries = func() int { return 0 }
	}
	if c.Log == nil {
		c.Log = func() LogStats { return LogStats{} }
	}
	if c.Ready == nil {
		c.Ready = func() Readiness { return Readiness{} }
	}
	if c.Recent == nil {
		c.Recent = NewRecent()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}
