package console

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/faultline/faultline/deliveries"
)

// otherHost is the `host` of all hosts beyond Config.Hosts.
const otherHost = "other"

// maxHost is the longest host with a label of its own: a DNS name of 253 bytes, a colon, five digits.
const maxHost = 259

// hostLabel is the `host` of a host: what a sender puts into a request must not become a series that is as large as its header.
func hostLabel(host string) string {
	if len(host) > maxHost {
		return otherHost
	}
	return valid(host)
}

// hostSeries are the series of one webhook host, ready to be counted.
type hostSeries struct {
	attempts handles[attemptKind, prometheus.Counter]
	answers  handles[string, prometheus.Counter]

	total, target, gap                       prometheus.Observer
	acknowledged, duplicated, unacknowledged prometheus.Counter
}

type attemptKind struct {
	placement string
	outcome   deliveries.Outcome
}

func (m *Metrics) newHost(name string) *hostSeries {
	f := &m.families
	return &hostSeries{
		attempts: handles[attemptKind, prometheus.Counter]{make: func(k attemptKind) prometheus.Counter {
			return f.attempts.WithLabelValues(name, valid(k.placement), valid(string(k.outcome)))
		}},
		answers: handles[string, prometheus.Counter]{make: func(code string) prometheus.Counter {
			return f.answers.WithLabelValues(name, code)
		}},
		total:          f.attemptSeconds.WithLabelValues(name),
		target:         f.targetSeconds.WithLabelValues(name),
		gap:            f.gapSeconds.WithLabelValues(name),
		acknowledged:   f.deliveries.WithLabelValues(name, "acknowledged"),
		duplicated:     f.deliveries.WithLabelValues(name, "duplicated"),
		unacknowledged: f.deliveries.WithLabelValues(name, "unacknowledged"),
	}
}
