package e2e

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

const dicedScenario = `
seed = %d

[delivery]
match.host = "127.0.0.1"
key = "header:Webhook-Id"

[[rule]]
name = "server error"
when.chance = "30%%"
status = 503

[[rule]]
name = "connection reset"
when.chance = 0.2
reset = true

[[rule]]
name = "unlucky deliveries"
when.chance = "10%%"
when.chance_per = "delivery"
status = 500
`

const (
	dicedDeliveries = 60
	dicedAttempts   = 3
)

// The draws depend on the seed and on the delivery, on nothing that differs between two runs.
func TestSameSeedSameFaults(t *testing.T) {
	t.Parallel()
	inOrder := make([]int, dicedDeliveries)
	for i := range inOrder {
		inOrder[i] = i
	}
	shuffled := func() []int { return rand.New(rand.NewPCG(1, 2)).Perm(dicedDeliveries) }

	want := throwDice(t, 42, inOrder, 1)

	require.Equal(t, want, throwDice(t, 42, shuffled(), 16), "in another order, sixteen senders at once, another target port")
	require.NotEqual(t, want, throwDice(t, 43, inOrder, 1), "with another seed")
	count := map[string]int{}
	for _, result := range want {
		count[result]++
	}
	require.Greater(t, count["503"], dicedDeliveries*dicedAttempts/5, "of about 30 %%")
	require.Greater(t, count["no answer"], 0)
	require.Greater(t, count["200"], 0)
}

// throwDice sends every delivery three times through a new faultline to a new target, the deliveries in the order given, spread
// over so many senders, and returns what each attempt came to. The log must say the same.
func throwDice(t *testing.T, seed int, order []int, senders int) map[string]string {
	t.Helper()
	proxy := start(t, fmt.Sprintf(dicedScenario, seed))
	target := harness.NewTarget(t, nil)
	queue := make(chan string)
	var mu sync.Mutex
	results := map[string]string{}
	var sending sync.WaitGroup
	for range senders {
		sender := newSender(t, proxy)
		sending.Go(func() {
			for id := range queue {
				for attempt := range dicedAttempts {
					result := sender.result(target.URL+"/hook", id)
					mu.Lock()
					results[fmt.Sprintf("%s #%d", id, attempt+1)] = result
					mu.Unlock()
				}
			}
		})
	}
	for _, i := range order {
		queue <- fmt.Sprintf("wh_%d", i)
	}
	close(queue)
	sending.Wait()
	proxy.Stop(t)

	logged := map[string]string{}
	for _, attempt := range proxy.Log.Attempts(t) {
		result := "no answer"
		if attempt.Answer != nil {
			result = fmt.Sprint(attempt.Status())
		}
		logged[fmt.Sprintf("%s #%d", attempt.Key, attempt.Attempt)] = result
	}
	require.Equal(t, results, logged, "what the senders saw, and what the log says")
	return results
}

// One lock covers a decision and its counters: no firing too many, none too few.
func TestCountsAreExactUnderManySenders(t *testing.T) {
	t.Parallel()
	const senders, each = 64, 4
	for _, test := range []struct {
		name, when string
		want       int
	}{
		{"times", "when.times = 5", 5},
		{"every", "when.every = 8", senders * each / 8},
		{"nth", `when.nth = "10-29"`, 20},
		{"attempt", "when.attempt = 2", senders},
	} {
		t.Run(test.name, func(t *testing.T) {
			target := harness.NewTarget(t, nil)
			proxy := start(t, "[delivery]\nkey = \"header:Webhook-Id\"\n[[rule]]\nname = \"counted\"\n"+test.when+"\nstatus = 503\n")
			var mu sync.Mutex
			got := map[string]int{}
			ready := make(chan struct{})
			var sending sync.WaitGroup
			for i := range senders {
				sender := newSender(t, proxy)
				sending.Go(func() {
					<-ready
					for range each {
						result := sender.result(target.URL+"/hook", fmt.Sprintf("wh_%d", i))
						mu.Lock()
						got[result]++
						mu.Unlock()
					}
				})
			}

			close(ready)
			sending.Wait()

			require.Equal(t, map[string]int{"503": test.want, "200": senders*each - test.want}, got)
		})
	}
}
