package console

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write goldens anew")

// TestPage: docs/metrics.md has what a registry gathers, every family of it.
func TestPage(t *testing.T) {
	const page = "../docs/metrics.md"
	want := renderPage(t)
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
	}
	got, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, want, string(got), "make golden writes it anew")
}

// labelMeanings are what the page says of each label.
func labelMeanings() map[string]string {
	return map[string]string{
		"host": "of the target, in lower case, with its port unless it is the scheme's own; the first 100 webhook hosts, and the first 100 others, get a value " +
			"of their own, all later ones are `other`",
		"placement": "how the sender came: `forward`, `intercept`, `gateway`",
		"outcome":   "what the sender saw, as in [the log](log.md#outcome)",
		"code":      "status of the answer; `other` for a number that is none (RFC 9110 15)",
		"rule":      "name of the rule that fired",
		"fault":     "a kind of fault, see [faults](faults.md)",
		"result": "of a delivery: `acknowledged` (its first), `duplicated` (its second success at the target), `unacknowledged` (forgotten without one); " +
			"of a reload: `success`, `error`",
		"reason":    "why it was turned away, in a word such as `loop`, `client`, `held`",
		"phase":     "where an attempt is: `request`, `held`, `target`, `answer`",
		"name":      "name of the scenario",
		"hash":      "SHA-256 of its text in hex",
		"version":   "of faultline",
		"goversion": "of Go",
	}
}

type pageFamily struct{ Name, Kind, Labels, Help, Bounds string }

type pageLabel struct{ Name, Meaning string }

func renderPage(t *testing.T) string {
	t.Helper()
	var said struct {
		Families, Histograms []pageFamily
		Labels               []pageLabel
	}
	labels := map[string]bool{}
	for _, family := range gather(t) {
		f := pageFamily{Name: family.GetName(), Kind: strings.ToLower(family.GetType().String()), Help: family.GetHelp()}
		metric := family.GetMetric()[0]
		var names []string
		for _, pair := range metric.GetLabel() {
			labels[pair.GetName()] = true
			names = append(names, "`"+pair.GetName()+"`")
		}
		f.Labels = strings.Join(names, ", ")
		said.Families = append(said.Families, f)
		if family.GetType() == dto.MetricType_HISTOGRAM {
			f.Bounds = bounds(metric.GetHistogram())
			said.Histograms = append(said.Histograms, f)
		}
	}
	meanings := labelMeanings()
	require.Equal(t, slices.Sorted(maps.Keys(meanings)), slices.Sorted(maps.Keys(labels)), "the labels that are explained are those there are")
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		said.Labels = append(said.Labels, pageLabel{name, meanings[name]})
	}
	var b strings.Builder
	page, err := template.ParseFiles("testdata/metrics.md.tmpl")
	require.NoError(t, err)
	require.NoError(t, page.Execute(&b, said))
	return b.String()
}

// gather gives our families, sorted by name. TestEveryMetricOfTheContract holds that each has a series here.
func gather(t *testing.T) []*dto.MetricFamily {
	t.Helper()
	families, err := used(t).registry.Gather()
	require.NoError(t, err)
	return slices.DeleteFunc(families, func(f *dto.MetricFamily) bool { return !strings.HasPrefix(f.GetName(), "faultline_") })
}

func bounds(h *dto.Histogram) string {
	var texts []string
	for _, bucket := range h.GetBucket() {
		texts = append(texts, strconv.FormatFloat(bucket.GetUpperBound(), 'f', -1, 64))
	}
	return strings.Join(texts, ", ")
}
