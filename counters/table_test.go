package counters_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/counters"
)

var start = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

func arrive(table *counters.Table, id counters.Identity, attempt string, now time.Time) (a counters.Arrival) {
	table.Do(func(tx *counters.Tx) {
		a = tx.Arrive(id, attempt, func(first string) string { return id.Key + "@" + first }, now)
	})
	return a
}

func TestNumbers(t *testing.T) {
	tests := []struct {
		name string
		body bool
		acks []bool // of each attempt, one after the other
		want []int
		ids  []string
	}{
		{"attempts count up", false, []bool{false, false, true}, []int{1, 2, 3}, []string{"k@a1", "k@a1", "k@a1"}},
		{"after an acknowledgement: a duplicate", false, []bool{true, false}, []int{1, 2}, []string{"k@a1", "k@a1"}},
		{"body: retries until acknowledged, then a new delivery", true, []bool{false, true, false, true, true}, []int{1, 2, 1, 2, 1},
			[]string{"k@a1", "k@a1", "k@a3", "k@a3", "k@a5"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table := counters.New(counters.Config{})
			id := counters.Identity{Key: "k", Body: tt.body}
			for i, ack := range tt.acks {
				a := arrive(table, id, fmt.Sprint("a", i+1), start)
				require.Equal(t, tt.want[i], a.Attempt)
				require.Equal(t, tt.ids[i], a.Delivery)
				table.Ended(id, a, ack, start)
			}
		})
	}
}

// TestOverlap: an attempt that was under way when its body's delivery was acknowledged does not touch the next one.
func TestOverlap(t *testing.T) {
	table := counters.New(counters.Config{})
	id := counters.Identity{Key: "k", Body: true}
	first, second := arrive(table, id, "a1", start), arrive(table, id, "a2", start)
	require.Equal(t, first.Delivery, second.Delivery)
	table.Ended(id, first, true, start)
	next := arrive(table, id, "a3", start)
	require.Equal(t, counters.Arrival{Delivery: "k@a3", Attempt: 1, First: start, Acknowledged: 1}, next)
	table.Ended(id, second, true, start)
	require.Equal(t, 1, table.Open())
	require.Equal(t, 2, arrive(table, id, "a4", start).Attempt)
}

func TestUnacknowledged(t *testing.T) {
	table := counters.New(counters.Config{})
	id := counters.Identity{Key: "k", Body: true}
	a := arrive(table, id, "a1", start)
	table.Ended(id, a, true, start)
	require.Equal(t, 0, table.Open())
	table.Unacknowledged(id, a)
	require.Equal(t, 1, table.Open())
	require.Equal(t, 2, arrive(table, id, "a2", start).Attempt)
}

// TestRoom: the longest idle delivery makes room, one with an attempt under way only if there is no other.
func TestRoom(t *testing.T) {
	var forgotten []string
	table := counters.New(counters.Config{Limit: 2, Forgotten: func(id string) { forgotten = append(forgotten, id) }})
	id := func(key string) counters.Identity { return counters.Identity{Key: key} }
	arrive(table, id("running"), "1", start)
	idle := arrive(table, id("idle"), "1", start)
	table.Ended(id("idle"), idle, false, start)
	arrive(table, id("new"), "1", start)
	require.Equal(t, []string{"idle@1"}, forgotten)
	arrive(table, id("newer"), "1", start)
	require.Equal(t, []string{"idle@1", "running@1"}, forgotten)
	require.Equal(t, 2, table.Open())
}

func TestForgetAfter(t *testing.T) {
	var forgotten []string
	table := counters.New(counters.Config{ForgetAfter: time.Hour, Forgotten: func(id string) { forgotten = append(forgotten, id) }})
	id := counters.Identity{Key: "old"}
	a := arrive(table, id, "1", start)
	table.Ended(id, a, false, start)
	arrive(table, counters.Identity{Key: "young"}, "1", start.Add(time.Hour-1))
	require.Empty(t, forgotten)
	arrive(table, counters.Identity{Key: "younger"}, "1", start.Add(time.Hour))
	require.Equal(t, []string{"old@1"}, forgotten)
	require.Equal(t, 1, arrive(table, id, "2", start.Add(time.Hour)).Attempt)
}

func TestRestore(t *testing.T) {
	table := counters.New(counters.Config{})
	open, done := counters.Identity{Key: "open"}, counters.Identity{Key: "done", Body: true}
	table.Restore([]counters.Remembered{
		{Identity: open, Delivery: "d1", Attempts: 3, First: start, Last: start},
		{Identity: done, Delivery: "d2", Attempts: 1, First: start, Last: start, Acknowledged: true, Before: 4},
	})
	require.Equal(t, 1, table.Open())
	require.Equal(t, counters.Arrival{Delivery: "d1", Attempt: 4, First: start}, arrive(table, open, "x", start))
	require.Equal(t, counters.Arrival{Delivery: "done@y", Attempt: 1, First: start, Acknowledged: 5}, arrive(table, done, "y", start))
}

// TestOnceEach: whatever the order and the number at once, every attempt gets a number of its own, and none is left out.
func TestOnceEach(t *testing.T) {
	const keys, each, senders = 50, 40, 64
	table := counters.New(counters.Config{})
	var work []int
	for key := range keys {
		for range each {
			work = append(work, key)
		}
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(work), func(i, j int) { work[i], work[j] = work[j], work[i] })
	next, seen := make(chan int), make(chan [2]int, len(work))
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for key := range next {
				id := counters.Identity{Key: fmt.Sprint(key)}
				a := arrive(table, id, "x", start)
				seen <- [2]int{key, a.Attempt}
				table.Ended(id, a, a.Attempt == each, start)
			}
		})
	}
	for _, key := range work {
		next <- key
	}
	close(next)
	all.Wait()
	close(seen)
	counted := make(map[[2]int]bool)
	for pair := range seen {
		require.False(t, counted[pair], "attempt counted twice: %v", pair)
		counted[pair] = true
	}
	require.Len(t, counted, keys*each)
	require.Equal(t, 0, table.Open())
}

// TestTimes: a limit that is checked and moved under one lock is met exactly.
func TestTimes(t *testing.T) {
	table := counters.New(counters.Config{})
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for range 10 {
				table.Do(func(tx *counters.Tx) {
					if tx.Fired("rule", time.Time{}) < 5 {
						tx.Fire("rule", time.Time{})
					}
					tx.Match("rule")
				})
			}
		})
	}
	all.Wait()
	table.Do(func(tx *counters.Tx) {
		require.Equal(t, uint64(5), tx.Fired("rule", time.Time{}))
		require.Equal(t, uint64(640), tx.Matched("rule"))
	})
}

// TestFiredSince: firings are counted in all, and anew from each later moment; an earlier one counts as the latest, so that nothing fires once too often.
func TestFiredSince(t *testing.T) {
	table := counters.New(counters.Config{})
	opening := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
	var never time.Time
	for _, test := range []struct {
		name        string
		counted     time.Time // a firing
		since       time.Time
		want, inAll uint64
	}{
		{"the first", opening(1), opening(1), 1, 1},
		{"another", opening(1), opening(1), 2, 2},
		{"from a later moment none", opening(1), opening(2), 0, 3},
		{"the first since then", opening(2), opening(2), 1, 4},
		{"one that comes late is taken for it", opening(1), opening(2), 2, 5},
		{"an earlier moment is taken for it", opening(2), opening(1), 3, 6},
		{"counted from nothing", never, opening(2), 3, 7},
	} {
		t.Run(test.name, func(t *testing.T) {
			table.Do(func(tx *counters.Tx) {
				tx.Fire("r", test.counted)
				require.Equal(t, test.want, tx.Fired("r", test.since))
				require.Equal(t, test.inAll, tx.Fired("r", never))
				require.Equal(t, uint64(0), tx.Fired("another", opening(1)))
			})
		})
	}
}

func BenchmarkArrive(b *testing.B) {
	table := counters.New(counters.Config{Limit: 4000})
	ids := make([]counters.Identity, 5000)
	for i := range ids {
		ids[i] = counters.Identity{Key: fmt.Sprintf("%024x", i)}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		id := ids[i%len(ids)]
		table.Ended(id, arrive(table, id, "x", start), false, start)
	}
}

// BenchmarkArriveAmong is an attempt of a delivery that is tracked among many: what it costs, and what each of them takes.
func BenchmarkArriveAmong(b *testing.B) {
	for _, tracked := range []int{10_000, 1_000_000, 10_000_000} {
		b.Run(fmt.Sprint(tracked), func(b *testing.B) {
			before := heap()
			table := counters.New(counters.Config{Limit: tracked})
			id := func(i int) counters.Identity { return counters.Identity{Key: fmt.Sprintf("%024x", i%tracked)} }
			for i := range tracked {
				table.Ended(id(i), arrive(table, id(i), "x", start), false, start)
			}
			each := float64(heap()-before) / float64(tracked)
			for i := 0; b.Loop(); i += 7919 { // in no order that a cache could follow
				table.Ended(id(i), arrive(table, id(i), "x", start), false, start)
			}
			b.ReportMetric(each, "B/delivery")
		})
	}
}

// heap is how much memory is in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
