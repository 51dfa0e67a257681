// Package scenario is the stage decide: the scenario language, and what it says of one attempt. It is pure: no clock, no socket, no global chance;
// the time, the counts and the subject come in.
//
// Its promise: a file is read strictly, every problem of it is reported by line; and a decision is a function of the scenario, the seed, the subject,
// the counts and the time, so that the same deliveries meet the same faults in whatever order they arrive.
//
//	s, problems := scenario.Parse("outage.toml", text, os.DirFS("."))
//	if s.Webhook(subj) {
//		subj.Key = …                                       // s.Key, and the counters
//		decision := s.Decide(subj, s.Matching(subj), counts, scenario.Instant{Now: now, Start: start})
//	}
package scenario

import (
	"slices"
	"strings"
	"time"

	"github.com/faultline/faultline/schema"
)

// Scenario is one file that was read without a problem. It is not changed any more, and may be used by many at once.
type Scenario struct {
	Name string
	// Seed is what chance is drawn from; SeedGiven is false when the file left it out and WithSeed has not set one.
	Seed      uint64
	SeedGiven bool
	// Text is the file as it was read, Hash the SHA-256 of it in hex.
	Text, Hash string
	// Location is the zone of daily, days, and date-times without an offset.
	Location *time.Location
	Clock    Clock
	Phases   []Phase
	// RepeatPhases starts them over when the last has ended.
	RepeatPhases bool
	Delivery     Delivery
	Rules        []Rule
	Expect       *Expect // nil: the file has none
	Proxy        Proxy
	Log          Log
	TLS          TLS
	Target       Target
	Limits       Limits
	Gateways     []GatewayListener

	root    schema.Value // the file, for warnings
	telling              // decisions say why
	hosts   hostIndex    // which rules may match where
}

// Clock is what after, for, phases and ramps count from.
type Clock string

// The values of clock.
const (
	ClockStart        Clock = "start"         // the start of the proxy
	ClockFirstAttempt Clock = "first_attempt" // the first attempt of the first delivery
)

// Empty is the scenario of a proxy without one: it has no rules and injects nothing.
func Empty() *Scenario {
	return &Scenario{
		Location: time.UTC, Clock: ClockStart, Delivery: defaultDelivery(),
		Proxy: defaultProxy(), Log: defaultLog(), Limits: defaultLimits(),
	}
}

// WithSeed is the scenario with another seed.
func (s *Scenario) WithSeed(seed uint64) *Scenario {
	seeded := *s
	seeded.Seed, seeded.SeedGiven = seed, true
	return &seeded
}

// Label names the scenario in a record: name@hash, the hash cut to 12 digits; "" for the empty one.
func (s *Scenario) Label() string {
	if s.Hash == "" {
		return ""
	}
	return s.Name + "@" + s.Hash[:12]
}

// Hosts are the globs of the webhooks' hosts, without ports: those of [delivery], or else all that enabled rules name. None: any host.
func (s *Scenario) Hosts() []string {
	if hosts := withoutPorts(s.Delivery.Match.Host); len(hosts) > 0 {
		return hosts
	}
	var hosts []string
	for _, r := range s.Rules {
		if r.Enabled {
			hosts = append(hosts, withoutPorts(r.Match.Host)...)
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

func withoutPorts(globs []string) []string {
	var hosts []string
	for _, glob := range globs {
		if globHasPort(glob) {
			glob = glob[:strings.LastIndexByte(glob, ':')]
		}
		hosts = append(hosts, glob)
	}
	return hosts
}
