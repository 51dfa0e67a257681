package console

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// live collects what others keep and is asked for at each scrape.
type live struct {
	cfg      Config
	scenario atomic.Pointer[scenarioInfo]

	inFlight, connections, tunnels, open *prometheus.Desc
	records, lost, bytes                 *prometheus.Desc
	info                                 *prometheus.Desc
}

type scenarioInfo struct{ name, hash string }

func newLive(cfg Config) *live {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &live{
		cfg:         cfg,
		inFlight:    desc("faultline_attempts_in_flight", "Attempts under way, by where they are: request, held, target, answer.", "phase"),
		connections: desc("faultline_connections", "Open connections of senders."),
		tunnels:     desc("faultline_tunnels", "Open CONNECT tunnels that are passed through."),
		open:        desc("faultline_deliveries_open", "Deliveries that are remembered and not acknowledged yet."),
		records:     desc("faultline_log_records_total", "Records written to the log."),
		lost:        desc("faultline_log_lost_records_total", "Records that could not be written to the log."),
		bytes:       desc("faultline_log_bytes_total", "Bytes written to the log."),
		info:        desc("faultline_scenario_info", "The scenario in force; always 1.", "name", "hash"),
	}
}

// Describe is part of prometheus.Collector.
func (l *live) Describe(out chan<- *prometheus.Desc) {
	for _, d := range [...]*prometheus.Desc{l.inFlight, l.connections, l.tunnels, l.open, l.records, l.lost, l.bytes, l.info} {
		out <- d
	}
}

// Collect is part of prometheus.Collector.
func (l *live) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v int, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), labels...)
	}
	counter := func(d *prometheus.Desc, v uint64) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v))
	}
	now := l.cfg.Live()
	for phase, n := range now.InFlight {
		gauge(l.inFlight, n, phase)
	}
	gauge(l.connections, now.Connections)
	gauge(l.tunnels, now.Tunnels)
	gauge(l.open, l.cfg.OpenDeliveries())

	log := l.cfg.Log()
	counter(l.records, log.Records)
	counter(l.lost, log.Lost)
	counter(l.bytes, log.Bytes)

	if s := l.scenario.Load(); s != nil {
		gauge(l.info, 1, s.name, s.hash)
	}
}
