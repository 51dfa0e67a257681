package scenario_test

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// parse reads a sound scenario.
func parse(t testing.TB, text string) *scenario.Scenario {
	t.Helper()
	s, problems := scenario.Parse("test.toml", text, fstest.MapFS{})
	require.Empty(t, problems)
	return s
}

// rule is a scenario of one rule, which answers 500.
func rule(keys string) string {
	return "seed = 7\n[[rule]]\nname = \"r\"\n" + keys + "\nstatus = 500\n"
}

// post is an attempt with a small JSON body, held whole.
func post(change ...func(*scenario.Subject)) *scenario.Subject {
	subj := &scenario.Subject{
		Moment: scenario.Request, Placement: scenario.Forward, Client: netip.MustParseAddr("10.0.0.7"),
		Method: "POST", Scheme: "http", Host: "hooks.example.com", Port: 80, Path: "/claims/7", RawQuery: "tenant=acme&tenant=bolt&empty=",
		Header:  map[string][]string{"Webhook-Id": {"wh_1"}, "X-Tags": {"a", "urgent"}},
		Key:     "wh_1",
		Attempt: 1,
	}
	body(`{"type":"claim.paid","amount":100,"paid":true,"open":false,"none":null,"claim":{"id":"c7","items":[{"sku":"x"},{"sku":"y"}]}}`)(subj)
	for _, f := range change {
		f(subj)
	}
	return subj
}

func body(text string) func(*scenario.Subject) {
	return func(subj *scenario.Subject) {
		subj.Body, subj.BodyHeld, subj.BodyWhole, subj.Size = []byte(text), true, true, int64(len(text))
	}
}

// beyond is an attempt of unknown size of whose body this much was held, and there is more.
func beyond(text string) func(*scenario.Subject) {
	return func(subj *scenario.Subject) {
		subj.Body, subj.BodyHeld, subj.BodyWhole, subj.Size = []byte(text), true, false, -1
	}
}

// unheld is an attempt whose body was not looked at, with a size that is announced, or not (-1).
func unheld(size int64) func(*scenario.Subject) {
	return func(subj *scenario.Subject) {
		subj.Body, subj.BodyHeld, subj.BodyWhole, subj.Size = nil, false, false, size
	}
}

func header(name string, values ...string) func(*scenario.Subject) {
	return func(subj *scenario.Subject) { subj.Header = map[string][]string{name: values} }
}

// connect is a CONNECT to a host.
func connect(host string) *scenario.Subject {
	return &scenario.Subject{
		Moment: scenario.Connect, Placement: scenario.Tunnel, Client: netip.MustParseAddr("10.0.0.7"), Scheme: "https", Host: host, Port: 443, Size: -1,
	}
}

// counts are counted by name, and moved by count.
type counts struct {
	matched, fired map[string]uint64
	kept           map[string][]time.Time // by rule and name
}

func newCounts() *counts {
	return &counts{map[string]uint64{}, map[string]uint64{}, map[string][]time.Time{}}
}

func (c *counts) Matched(rule string) uint64          { return c.matched[rule] }
func (c *counts) Ahead(rule, name string) []time.Time { return c.kept[rule+": "+name] }

// Fired knows of no moment but the beginning of all; windows and phases are counted by package counters.
func (c *counts) Fired(rule string, _ time.Time) uint64 { return c.fired[rule] }

func (c *counts) count(d scenario.Decision) {
	for _, name := range d.Matched {
		c.matched[name]++
	}
	for _, f := range d.Fired {
		c.fired[f.Rule]++
	}
	for _, k := range d.Kept {
		c.kept[k.Rule+": "+k.Name] = k.Ahead
	}
}

// noon is the start of the clock: a Tuesday.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// decide decides at some time after noon, and counts.
func decide(s *scenario.Scenario, subj *scenario.Subject, c *counts, after time.Duration) scenario.Decision {
	d := explained(s, func(s *scenario.Scenario) scenario.Decision {
		return s.Decide(subj, s.Matching(subj), c, scenario.Instant{Now: noon.Add(after), Start: noon})
	})
	c.count(d)
	return d
}

// explained is a decision with its readings. It panics unless it is the one that is made without them, when the rules for other hosts are not even looked at.
func explained(s *scenario.Scenario, decide func(*scenario.Scenario) scenario.Decision) scenario.Decision {
	text := func(d scenario.Decision) string {
		return fmt.Sprint(d.Plan, d.Phase, d.Fired, d.Matched, d.Kept, d.Unseen)
	}
	told, untold := decide(s.Explaining()), decide(s)
	same := told
	same.Readings = untold.Readings
	if len(told.Readings) != len(s.Rules) || len(untold.Readings) > 0 || !reflect.DeepEqual(same, untold) && text(told) != text(untold) {
		panic(fmt.Sprintf("explained: %s\ndecided: %s\nreadings: %d, %d", text(told), text(untold), len(told.Readings), len(untold.Readings)))
	}
	return told
}

// decideAt decides by the wall clock; the clock of the scenario starts then.
func decideAt(s *scenario.Scenario, subj *scenario.Subject, now time.Time) scenario.Decision {
	return explained(s, func(s *scenario.Scenario) scenario.Decision {
		return s.Decide(subj, s.Matching(subj), newCounts(), scenario.Instant{Now: now, Start: now})
	})
}

// decideAnswer decides again, by the target's answer, and counts.
func decideAnswer(s *scenario.Scenario, subj *scenario.Subject, status int, before scenario.Decision, c *counts, after time.Duration) scenario.Decision {
	answered := *subj
	answered.Moment, answered.Status = scenario.Response, status
	d := explained(s, func(s *scenario.Scenario) scenario.Decision {
		return s.DecideAnswer(&answered, s.Matching(&answered), before, c, scenario.Instant{Now: noon.Add(after), Start: noon})
	})
	c.count(d)
	return d
}

// fires reports whether a scenario of one rule does anything at an attempt.
func fires(s *scenario.Scenario, subj *scenario.Subject) bool {
	return len(decide(s, subj, newCounts(), 0).Fired) > 0
}

// said is a plan in words.
func said(plan faults.Plan) string {
	var words []string
	for _, step := range plan.Steps {
		word := strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", step), "faults."))
		switch step := step.(type) {
		case faults.Wait:
			word += " " + step.For.String()
		case faults.Answer:
			word += fmt.Sprintf(" %d", step.Status)
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

func firedNames(d scenario.Decision) string {
	var names []string
	for _, f := range d.Fired {
		names = append(names, f.Rule)
	}
	return strings.Join(names, ", ")
}
