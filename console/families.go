package console

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// The bounds of the histograms, in seconds. They are written out, as an alert names a bound by its text.

// attemptBounds hold the usual client timeouts, and the longest that an attempt is held.
func attemptBounds() []float64 {
	return []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120, 300, 600}
}

// gapBounds hold the steps of published retry policies and Celery's default delay of 180 s.
func gapBounds() []float64 {
	return []float64{0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 180, 300, 600, 1800, 3600, 7200, 18000, 36000, 86400}
}

// syncBounds reach from a fast disk to one that stands still.
func syncBounds() []float64 {
	return []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5}
}

// families are the metrics that are counted as things happen. What is asked for at a scrape is in live.go.
type families struct {
	attempts, answers, faults, delays, deliveries, other, refused, reloads *prometheus.CounterVec
	attemptSeconds, targetSeconds, gapSeconds                              *prometheus.HistogramVec
	syncSeconds                                                            prometheus.Histogram
}

func newFamilies(registry *prometheus.Registry) families {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		registry.MustRegister(vec)
		return vec
	}
	histogram := func(name, help string, bounds []float64) *prometheus.HistogramVec {
		vec := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: bounds}, []string{"host"})
		registry.MustRegister(vec)
		return vec
	}
	f := families{
		attempts: counter("faultline_attempts_total",
			"Finished delivery attempts, by what the sender saw.", "host", "placement", "outcome"),
		answers: counter("faultline_answers_total",
			"Answers that the sender was sent, whoever made them, by status code.", "host", "code"),
		faults: counter("faultline_faults_total",
			"Faults done to attempts and CONNECTs, by the rule that fired.", "rule", "fault"),
		attemptSeconds: histogram("faultline_attempt_duration_seconds",
			"From an attempt's first byte to its end as the sender saw it, injected delays included.", attemptBounds()),
		targetSeconds: histogram("faultline_target_duration_seconds",
			"What the target itself took, for attempts that were sent to it.", attemptBounds()),
		delays: counter("faultline_injected_delay_seconds_total",
			"Time for which a rule held attempts back.", "rule"),
		deliveries: counter("faultline_deliveries_total",
			"Deliveries that were acknowledged, that the target answered with success more than once, that were forgotten unacknowledged.",
			"host", "result"),
		other: counter("faultline_other_total",
			"Requests that passed and are no webhooks.", "host"),
		refused: counter("faultline_refused_total",
			"Requests turned away before they were attempts, and attempts turned away by a limit.", "reason"),
		gapSeconds: histogram("faultline_retry_gap_seconds",
			"From the end of an attempt to the start of the next one of its delivery; attempts that overlap have no gap.", gapBounds()),
		reloads: counter("faultline_scenario_reloads_total",
			"Reloads of the scenario; one with an error changes nothing.", "result"),
		syncSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "faultline_log_sync_duration_seconds", Help: "Time that syncs of the log took.", Buckets: syncBounds(),
		}),
	}
	registry.MustRegister(f.syncSeconds)
	return f
}

// registerProcess adds what describes the process, not its traffic.
func registerProcess(registry *prometheus.Registry, version string) {
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "faultline_build_info", Help: "What is running; always 1.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
	})
	build.Set(1)
	registry.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
}
