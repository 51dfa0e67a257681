package scenario_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/scenario"
)

// story is what one sender does: it delivers a payload again and again until it is acknowledged, or it gives up, and then the same payload once more.
type story struct {
	subject *scenario.Subject
	left    int // deliveries
	tries   int // of this delivery, so far
	plans   []string
}

const (
	storyDeliveries = 3
	storyTries      = 4
)

// Any interleaving of the same deliveries meets the same decisions, attempt by attempt, whether they are told by an id or by their body.
func TestInterleavings(t *testing.T) {
	s := parse(t, `
		seed = 11
		[[rule]]
		name = "slow for some"
		when.chance = "40%"
		when.chance_per = "delivery"
		latency = { delay = "1s", jitter = "900ms" }
		[[rule]]
		name = "first attempts of claims"
		match.json = { type = "claim" }
		when.attempt = 1
		status = 503
		[[rule]]
		name = "broken in one of two ways"
		when.chance = "60%"
		one_of = [{ weight = 2, close = true }, { reset = true }]
		[[rule]]
		name = "down for some hosts"
		when.chance = "50%"
		when.chance_per = "host"
		refuse = true
	`)
	want := interleaved(t, s, rand.New(rand.NewPCG(0, 0)))
	outcomes := map[string]bool{}
	for _, plans := range want {
		for _, plan := range plans {
			outcomes[plan] = true
		}
	}
	require.Greater(t, len(outcomes), 5, "the scenario does too little to show anything")
	for seed := range uint64(50) {
		require.Equal(t, want, interleaved(t, s, rand.New(rand.NewPCG(seed, 1))))
	}
}

// interleaved lets forty stories take their steps in a random order, and gives what each met.
func interleaved(t *testing.T, s *scenario.Scenario, random *rand.Rand) map[string][]string {
	t.Helper()
	table, met := counters.New(counters.Config{}), map[string][]string{}
	stories := make([]*story, 40)
	for i := range stories {
		stories[i] = &story{subject: storySubject(i), left: storyDeliveries}
	}
	for going := stories; len(going) > 0; {
		i := random.IntN(len(going))
		if going[i].attempt(s, table); going[i].left == 0 {
			met[string(going[i].subject.Body)] = going[i].plans
			going = append(going[:i:i], going[i+1:]...)
		}
	}
	return met
}

func storySubject(i int) *scenario.Subject {
	subj := post(body(fmt.Sprintf(`{"type":%q,"n":%d}`, []string{"claim", "order"}[i%2], i)))
	subj.Host, subj.Path, subj.Header = fmt.Sprintf("h%d.test", i%5), fmt.Sprintf("/%d", i%3), nil
	if i%4 < 2 { // the others are told by their bodies
		subj.Header = map[string][]string{"Webhook-Id": {fmt.Sprintf("wh_%d", i)}}
	}
	return subj
}

// attempt is one attempt from its arrival to its end; one that no terminal fault has met is acknowledged.
func (s *story) attempt(rules *scenario.Scenario, table *counters.Table) {
	key, _ := rules.Key(s.subject)
	id := counters.Identity{Key: key.Scope + " " + key.Value, Body: key.Body}
	subj := *s.subject
	var arrival counters.Arrival
	var decision scenario.Decision
	table.Do(func(tx *counters.Tx) {
		arrival = tx.Arrive(id, "", func(string) string { return id.Key }, noon)
		subj.Key, subj.Attempt, subj.First, subj.Acknowledged = key.Value, arrival.Attempt, arrival.First, arrival.Acknowledged
		decision = rules.Decide(&subj, rules.Matching(&subj), tx, scenario.Instant{Now: noon, Start: noon})
		decision.Count(tx, noon)
	})
	acknowledged := !decision.Plan.Terminal()
	table.Ended(id, arrival, acknowledged, noon)
	s.plans = append(s.plans, fmt.Sprintf("#%d %s", arrival.Attempt, said(decision.Plan)))
	if s.tries++; acknowledged || s.tries == storyTries {
		s.left, s.tries = s.left-1, 0
	}
}
