package console

import (
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/faultline/faultline/deliveries"
)

// Metrics are the numbers of one proxy, in a registry of their own. Make them with NewMetrics. All methods may be called at any time by any
// number of goroutines; none of them waits for anything but a short lock.
type Metrics struct {
	cfg        Config
	registry   *prometheus.Registry
	families   families
	live       *live
	deliveries remembered

	hosts   handles[string, *hostSeries]
	other   handles[string, prometheus.Counter]
	faults  handles[Firing, prometheus.Counter]
	delays  handles[string, prometheus.Counter]
	refused handles[string, prometheus.Counter]
}

// NewMetrics makes the metrics. Nothing runs.
func NewMetrics(cfg Config) *Metrics {
	cfg = cfg.withDefaults()
	registry := prometheus.NewPedanticRegistry()
	m := &Metrics{
		cfg:        cfg,
		registry:   registry,
		families:   newFamilies(registry),
		live:       newLive(cfg),
		deliveries: remembered{limit: cfg.Deliveries},
	}
	registry.MustRegister(m.live)
	registerProcess(registry, cfg.Version)

	m.hosts = handles[string, *hostSeries]{limit: cfg.Hosts, rest: otherHost, make: m.newHost}
	m.other = handles[string, prometheus.Counter]{limit: cfg.Hosts, rest: otherHost, make: labelled(m.families.other)}
	m.delays = handles[string, prometheus.Counter]{make: labelled(m.families.delays)}
	m.refused = handles[string, prometheus.Counter]{make: labelled(m.families.refused)}
	m.faults = handles[Firing, prometheus.Counter]{make: func(f Firing) prometheus.Counter {
		return m.families.faults.WithLabelValues(valid(f.Rule), valid(f.Fault))
	}}
	for _, result := range [...]string{reloadSuccess, reloadError} {
		m.families.reloads.WithLabelValues(result)
	}
	return m
}

func labelled(vec *prometheus.CounterVec) func(string) prometheus.Counter {
	return func(value string) prometheus.Counter { return vec.WithLabelValues(valid(value)) }
}

// valid is a text as a label may have it: WithLabelValues panics on anything but UTF-8.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// The results of a reload.
const (
	reloadSuccess = "success"
	reloadError   = "error"
)

// Observe counts a record that was written, and what fired for it. An attempt stays counted as it was first recorded: a counter cannot take
// back what a later amend record corrects.
func (m *Metrics) Observe(record deliveries.Record, firings []Firing) {
	switch r := record.(type) {
	case *deliveries.Attempt:
		m.attempt(r)
		m.fired(firings)
	case *deliveries.Connect:
		m.fired(firings)
	case *deliveries.Open, *deliveries.Amend: // the same attempt, whose faults count with its own record
	case *deliveries.Other: // counted by Passed, as each of its requests passes
	case *deliveries.Tunnel, *deliveries.Run, *deliveries.Gap, *deliveries.Change: // asked for at a scrape, or about the log itself
	}
}

func (m *Metrics) attempt(a *deliveries.Attempt) {
	host := m.hosts.of(hostLabel(a.Host))
	host.attempts.of(attemptKind{a.Placement, a.Outcome}).Inc()
	if a.Answer != nil {
		host.answers.of(codeName(a.Answer.Status)).Inc()
	}
	host.total.Observe(a.MS.Total / 1000)
	if a.Target != nil {
		host.target.Observe(a.MS.Target / 1000)
	}
	m.deliveries.attempt(a, host)
}

func (m *Metrics) fired(firings []Firing) {
	for _, f := range firings {
		m.faults.of(f).Inc()
	}
}

// Passed counts a request to a host that was no webhook.
func (m *Metrics) Passed(host string) { m.other.of(hostLabel(host)).Inc() }

// Waited counts how long a rule has held an attempt back.
func (m *Metrics) Waited(rule string, d time.Duration) { m.delays.of(rule).Add(d.Seconds()) }

// Refused counts a request that was turned away, by a reason out of a closed set.
func (m *Metrics) Refused(reason string) { m.refused.of(reason).Inc() }

// Forgotten takes note that a delivery (its id, as in Attempt.Delivery) is remembered no longer: without an acknowledgement it counts as
// unacknowledged. One that this process saw no attempt of is not counted.
func (m *Metrics) Forgotten(delivery string) { m.deliveries.forget(delivery) }

// Synced takes the time that a sync of the log took.
func (m *Metrics) Synced(d time.Duration) { m.families.syncSeconds.Observe(d.Seconds()) }

// Scenario says which scenario is in force from now on.
func (m *Metrics) Scenario(name, hash string) { m.live.scenario.Store(&scenarioInfo{name, hash}) }

// Reloaded counts a reload of the scenario; err is why it changed nothing, nil when it is in force.
func (m *Metrics) Reloaded(err error) {
	result := reloadSuccess
	if err != nil {
		result = reloadError
	}
	m.families.reloads.WithLabelValues(result).Inc()
}

// Declare makes every series that a scenario names exist at 0, as increase() sees no step from nothing to 1. What exists keeps its value.
func (m *Metrics) Declare(names Names) {
	for _, name := range names.Hosts {
		name = hostLabel(name)
		host := m.hosts.of(name)
		m.other.of(name)
		for _, placement := range names.Placements {
			for _, outcome := range outcomes() {
				host.attempts.of(attemptKind{placement, outcome})
			}
		}
		for _, code := range names.Codes {
			host.answers.of(codeName(code))
		}
	}
	for _, f := range names.Firings {
		m.faults.of(f)
		m.delays.of(f.Rule)
	}
}

func outcomes() []deliveries.Outcome {
	return []deliveries.Outcome{
		deliveries.Acknowledged, deliveries.Rejected, deliveries.Broken, deliveries.Unanswered, deliveries.Aborted,
	}
}

// codeName is the label of a status code. A target may send any three digits: what is no status code is one series.
func codeName(code int) string {
	switch {
	case code == 200: // nearly all of them
		return "200"
	case code < 100 || code > 599:
		return "other"
	default:
		return strconv.Itoa(code)
	}
}
