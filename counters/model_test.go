package counters_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/counters"
)

// modelled is a delivery as one would keep it with all the room of the world.
type modelled struct {
	id       string
	attempts int
	acks     int
	before   uint64
}

// underWay is an attempt that has not ended, or has and may be amended.
type underWay struct {
	id       counters.Identity
	arrival  counters.Arrival
	of       *modelled
	acked    bool
	finished bool
}

// TestModel: under any interleaving of arrivals, ends and amends the table counts as a list of all deliveries would.
func TestModel(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 1))
		table := counters.New(counters.Config{})
		present := map[counters.Identity]*modelled{}
		var attempts []*underWay
		for step := range 500 {
			switch at := r.IntN(len(attempts) + 3); {
			case at >= len(attempts):
				id := counters.Identity{Key: fmt.Sprint(r.IntN(4)), Body: r.IntN(2) == 0}
				id.Key += fmt.Sprint(id.Body)
				attempts = append(attempts, modelArrival(t, table, present, id, fmt.Sprint("#", step)))
			case !attempts[at].finished:
				a := attempts[at]
				a.finished, a.acked = true, r.IntN(2) == 0
				if a.acked {
					a.of.acks++
				}
				table.Ended(a.id, a.arrival, a.acked, start)
			case attempts[at].acked:
				a := attempts[at]
				a.acked = false
				a.of.acks--
				table.Unacknowledged(a.id, a.arrival)
			}
			open := 0
			for _, m := range present {
				if m.acks == 0 {
					open++
				}
			}
			require.Equal(t, open, table.Open(), "seed %d, step %d", seed, step)
		}
	}
}

func modelArrival(t *testing.T, table *counters.Table, present map[counters.Identity]*modelled, id counters.Identity, attempt string) *underWay {
	t.Helper()
	m := present[id]
	switch {
	case m == nil:
		m = &modelled{id: id.Key + "@" + attempt}
	case id.Body && m.acks > 0:
		m = &modelled{id: id.Key + "@" + attempt, before: m.before + 1}
	}
	present[id] = m
	m.attempts++
	got := arrive(table, id, attempt, start)
	require.Equal(t, counters.Arrival{Delivery: m.id, Attempt: m.attempts, First: start, Acknowledged: m.before}, got)
	return &underWay{id: id, arrival: got, of: m}
}
