package console

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
)

// used are metrics of which every family has a series.
func used(t *testing.T) *Metrics {
	t.Helper()
	m := NewMetrics(Config{
		Version: "0.1",
		Live: func() Live {
			return Live{Connections: 3, Tunnels: 1, InFlight: map[string]int{"request": 2, "held": 4}}
		},
		Log: func() LogStats { return LogStats{Records: 10, Lost: 1, Bytes: 2048} },

		OpenDeliveries: func() int { return 7 },
	})
	m.Declare(Names{
		Hosts: []string{"hooks.example.com"}, Placements: []string{"forward"}, Codes: []int{503}, Firings: []Firing{{"outage", "status"}},
	})
	m.Scenario("claims-outage", "3f2a")
	m.Refused("loop")
	m.Reloaded(nil)
	m.Synced(time.Millisecond)
	return m
}

func TestEveryMetricOfTheContract(t *testing.T) {
	tests := []struct {
		name   string
		kind   dto.MetricType
		labels []string // sorted
	}{
		{"faultline_attempts_total", dto.MetricType_COUNTER, []string{"host", "outcome", "placement"}},
		{"faultline_answers_total", dto.MetricType_COUNTER, []string{"code", "host"}},
		{"faultline_faults_total", dto.MetricType_COUNTER, []string{"fault", "rule"}},
		{"faultline_attempt_duration_seconds", dto.MetricType_HISTOGRAM, []string{"host"}},
		{"faultline_target_duration_seconds", dto.MetricType_HISTOGRAM, []string{"host"}},
		{"faultline_injected_delay_seconds_total", dto.MetricType_COUNTER, []string{"rule"}},
		{"faultline_deliveries_total", dto.MetricType_COUNTER, []string{"host", "result"}},
		{"faultline_deliveries_open", dto.MetricType_GAUGE, nil},
		{"faultline_attempts_in_flight", dto.MetricType_GAUGE, []string{"phase"}},
		{"faultline_connections", dto.MetricType_GAUGE, nil},
		{"faultline_tunnels", dto.MetricType_GAUGE, nil},
		{"faultline_other_total", dto.MetricType_COUNTER, []string{"host"}},
		{"faultline_refused_total", dto.MetricType_COUNTER, []string{"reason"}},
		{"faultline_retry_gap_seconds", dto.MetricType_HISTOGRAM, []string{"host"}},
		{"faultline_log_records_total", dto.MetricType_COUNTER, nil},
		{"faultline_log_lost_records_total", dto.MetricType_COUNTER, nil},
		{"faultline_log_bytes_total", dto.MetricType_COUNTER, nil},
		{"faultline_log_sync_duration_seconds", dto.MetricType_HISTOGRAM, nil},
		{"faultline_scenario_reloads_total", dto.MetricType_COUNTER, []string{"result"}},
		{"faultline_scenario_info", dto.MetricType_GAUGE, []string{"hash", "name"}},
		{"faultline_build_info", dto.MetricType_GAUGE, []string{"goversion", "version"}},
	}
	_, families := scrape(t, used(t))
	var contract []string
	for _, test := range tests {
		contract = append(contract, test.name)
		t.Run(test.name, func(t *testing.T) {
			family := families[test.name]
			require.NotNil(t, family, "not in the scrape")
			require.Equal(t, test.kind, family.GetType())
			require.NotEmpty(t, family.GetHelp())
			for _, metric := range family.GetMetric() {
				var labels []string
				for _, pair := range metric.GetLabel() {
					labels = append(labels, pair.GetName())
				}
				slices.Sort(labels)
				require.Equal(t, test.labels, labels)
			}
		})
	}
	slices.Sort(contract)
	var ours []string
	for _, name := range slices.Sorted(maps.Keys(families)) {
		if strings.HasPrefix(name, "faultline_") {
			ours = append(ours, name)
		}
	}
	require.Equal(t, contract, ours, "a metric that the contract does not name")
	require.Contains(t, families, "go_goroutines")
	require.Contains(t, families, "process_open_fds")
}

func TestWhatIsAskedForAtAScrape(t *testing.T) {
	_, families := scrape(t, used(t))
	tests := []struct {
		name   string
		labels []string
		want   float64
	}{
		{"faultline_connections", nil, 3},
		{"faultline_tunnels", nil, 1},
		{"faultline_attempts_in_flight", []string{"phase", "held"}, 4},
		{"faultline_attempts_in_flight", []string{"phase", "request"}, 2},
		{"faultline_deliveries_open", nil, 7},
		{"faultline_log_records_total", nil, 10},
		{"faultline_log_lost_records_total", nil, 1},
		{"faultline_log_bytes_total", nil, 2048},
		{"faultline_log_sync_duration_seconds", nil, 1},
		{"faultline_scenario_info", []string{"name", "claims-outage", "hash", "3f2a"}, 1},
	}
	for _, test := range tests {
		got, ok := value(families, test.name, test.labels...)
		require.True(t, ok, "%s %v", test.name, test.labels)
		require.Equal(t, test.want, got, "%s %v", test.name, test.labels)
	}
}

func TestNewScenarioReplacesTheInfo(t *testing.T) {
	m := used(t)
	m.Scenario("claims-outage", "77aa")
	_, families := scrape(t, m)
	require.Len(t, families["faultline_scenario_info"].GetMetric(), 1)
	got, _ := value(families, "faultline_scenario_info", "name", "claims-outage", "hash", "77aa")
	require.Equal(t, 1.0, got)
}

func TestReloadsExistFromTheStart(t *testing.T) {
	m := NewMetrics(Config{})
	_, families := scrape(t, m)
	for _, result := range []string{"success", "error"} {
		got, ok := value(families, "faultline_scenario_reloads_total", "result", result)
		require.True(t, ok, result)
		require.Zero(t, got, result)
	}
	m.Reloaded(errors.New("a key that nobody knows"))
	_, families = scrape(t, m)
	got, _ := value(families, "faultline_scenario_reloads_total", "result", "error")
	require.Equal(t, 1.0, got)
}

// An alert names a bound by its text, so the text is the contract, in both formats.
func TestBoundsAreWrittenAsTheyAreMeant(t *testing.T) {
	tests := []struct {
		family      string
		text        []string
		openMetrics []string
	}{
		{
			"faultline_attempt_duration_seconds",
			[]string{"0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "15", "30", "60", "120", "300", "600", "+Inf"},
			[]string{"0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "15.0", "30.0", "60.0", "120.0", "300.0", "600.0", "+Inf"},
		},
		{
			"faultline_target_duration_seconds",
			[]string{"0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "15", "30", "60", "120", "300", "600", "+Inf"},
			[]string{"0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "15.0", "30.0", "60.0", "120.0", "300.0", "600.0", "+Inf"},
		},
		{
			"faultline_retry_gap_seconds",
			[]string{"0.1", "0.5", "1", "2", "5", "10", "30", "60", "120", "180", "300", "600", "1800", "3600", "7200", "18000", "36000", "86400", "+Inf"},
			[]string{"0.1", "0.5", "1.0", "2.0", "5.0", "10.0", "30.0", "60.0", "120.0", "180.0", "300.0", "600.0", "1800.0", "3600.0", "7200.0", "18000.0", "36000.0", "86400.0", "+Inf"},
		},
		{
			"faultline_log_sync_duration_seconds",
			[]string{"0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "+Inf"},
			[]string{"0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "+Inf"},
		},
	}
	m := used(t)
	url := "http://" + serve(t, m) + "/metrics"
	text := ask(t, http.MethodGet, url, nil)
	require.Contains(t, text.header.Get("Content-Type"), "text/plain")
	open := ask(t, http.MethodGet, url, map[string]string{"Accept": "application/openmetrics-text; version=1.0.0"})
	require.Contains(t, open.header.Get("Content-Type"), "application/openmetrics-text")
	require.True(t, strings.HasSuffix(open.body, "# EOF\n"))
	for _, test := range tests {
		t.Run(test.family, func(t *testing.T) {
			require.Equal(t, test.text, boundTexts(text.body, test.family))
			require.Equal(t, test.openMetrics, boundTexts(open.body, test.family))
		})
	}
}

func boundTexts(body, family string) []string {
	var texts []string
	for _, found := range regexp.MustCompile(`(?m)^`+family+`_bucket\{.*le="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		texts = append(texts, found[1])
	}
	return texts
}

func TestPromtoolFindsNothing(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	require.NoError(t, err, "promtool is missing: apt-get install prometheus")
	m := used(t)
	m.Observe(&deliveries.Attempt{
		Delivery: "d1", Attempt: 1, Host: "hooks.example.com", Placement: "forward", Outcome: deliveries.Rejected,
		Answer: &deliveries.Answer{Status: 503}, MS: deliveries.Times{Total: 12.5}, Start: time.Unix(1, 0),
	}, []Firing{{"outage", "status"}})
	text, _ := scrape(t, m)
	cmd := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	cmd.Stdin = strings.NewReader(text)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	require.NoError(t, cmd.Run(), said.String())
	require.Empty(t, said.String())
}
