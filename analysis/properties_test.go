package analysis_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/deliveries"
)

// everything asks all that can be asked.
const everything = `
deliveries = 30
delivered = 1
min_attempts = 2
max_attempts = 6
keeps_trying = "10s"
survives = "30s"
backoff = { shape = "exponential", first = "2s", factor = 2, jitter = "full" }
retry_after = true
never_retry = [410]
always_retry = ["5xx", "broken", "read_timeout"]
stops_endpoint = [410]
max_duplicates = 0
after_lost_ack = 3
stable_key = true
stable_body = true
max_amplification = 3
max_herd = 0.5
max_concurrency = 4
max_rate = 20
ordered = true
max_time = "2m"
timeout = "10s"
[expect.untouched]
delivered = 1
max_time = "1s"
`

// verdictOf is the verdict as JSON, and what is said for people.
func verdictOf(t testing.TB, r *analysis.Report) string {
	t.Helper()
	verdict, err := r.VerdictJSON()
	require.NoError(t, err)
	report, err := r.JSON()
	require.NoError(t, err)
	return string(verdict) + string(report) + r.Text("LOG") + r.Table()
}

func TestTheSameLogGivesTheSameBytes(t *testing.T) {
	for _, c := range crowds() {
		ask := analysis.Question{Expect: expect(t, everything)}
		want := verdictOf(t, analysis.Judge(logOf(c.log(t, 1, 30)), ask))
		for range 2 {
			require.Equal(t, want, verdictOf(t, analysis.Judge(logOf(c.log(t, 1, 30)), ask)))
		}
	}
}

// The order in which lines of different deliveries stand tells nothing, nor does the order in which logs are read.
func TestOrderOfLines(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range crowds() {
		records := c.log(t, 2, 30)
		ask := analysis.Question{Expect: expect(t, everything)}
		want := verdictOf(t, analysis.Judge(logOf(records), ask))

		shuffled := slices.Clone(records)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		require.Equal(t, want, verdictOf(t, analysis.Judge(logOf(shuffled), ask)), c.name)

		half := len(records) / 2
		require.Equal(t, want, verdictOf(t, analysis.Judge(logOf(slices.Concat(records[half:], records[:half])), ask)), c.name)
	}
}

// Policy and defects are told by what happened: not by what was asked, nor by the scenario, nor by the names of its faults.
func TestPolicyNeedsNoScenario(t *testing.T) {
	for _, c := range crowds() {
		told := func(records []deliveries.Record, ask analysis.Question) string {
			r := analysis.Judge(logOf(records), ask)
			text, err := r.JSON()
			require.NoError(t, err)
			r.Endpoints, r.Faults = nil, nil
			habits, err := r.JSON()
			require.NoError(t, err)
			require.NotEmpty(t, text)
			return string(habits)
		}
		start := &deliveries.Run{Run: "r1", Start: epoch, Seed: 7, Scenario: deliveries.ScenarioText{Name: "outage", Hash: "3f2a", Text: "name = \"outage\""}}
		with := append([]deliveries.Record{start}, c.log(t, 3, 30)...)
		want := told(with, analysis.Question{Expect: expect(t, everything), Label: "outage@3f2a", Rules: []analysis.RuleFirings{{Rule: "rule", Fired: 9}}})

		bare := *start
		bare.Scenario = deliveries.ScenarioText{}
		without := append([]deliveries.Record{&bare}, c.log(t, 3, 30)...)
		for _, r := range without {
			if a, is := r.(*deliveries.Attempt); is && len(a.Faults) > 0 {
				a.Faults, a.Rules, a.Scenario = []string{"?"}, []string{"?"}, ""
			}
		}
		require.Equal(t, want, told(without, analysis.Question{}), c.name)
	}
}

// What is taken out of a log leaves a hole, and a log with a hole passes nothing: no fail becomes a pass.
func TestLessEvidence(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, c := range crowds() {
		records := c.log(t, 4, 20)
		last := 0 // the last attempt: a log that ends before it has no hole
		for i, record := range records {
			if _, is := record.(*deliveries.Attempt); is {
				last = i
			}
		}
		ask := analysis.Question{Expect: expect(t, everything)}
		whole := analysis.Judge(logOf(records), ask)
		for range 5 {
			i := r.IntN(last)
			less := analysis.Judge(logOf(slices.Delete(slices.Clone(records), i, i+1)), ask)
			for _, was := range whole.Checks {
				now := checkOf(t, less, was.Name)
				require.False(t, was.Result == analysis.Fail && now.Result == analysis.Pass, "%s: %s: %s, was %s", c.name, was.Name, now.Text, was.Text)
			}
			require.NotEqual(t, analysis.Pass, less.Verdict)
		}
	}
}
