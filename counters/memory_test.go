package counters_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/counters"
)

// forgetting is a table that tells whom it forgets.
func forgetting(cfg counters.Config) (*counters.Table, *[]string) {
	var forgotten []string
	cfg.Forgotten = func(id string) { forgotten = append(forgotten, id) }
	return counters.New(cfg), &forgotten
}

func key(text string) counters.Identity { return counters.Identity{Key: text} }

// pass is an attempt that ends where it began.
func pass(table *counters.Table, id counters.Identity, now time.Time) counters.Arrival {
	a := arrive(table, id, "1", now)
	table.Ended(id, a, false, now)
	return a
}

// TestManyHang: however many attempts hang, they keep their numbers while there is an idle delivery to forget.
func TestManyHang(t *testing.T) {
	const hanging = 500
	table, forgotten := forgetting(counters.Config{Limit: hanging + 1})
	for i := range hanging {
		arrive(table, key(fmt.Sprint("hangs", i)), "1", start)
	}
	for i := range 100 {
		pass(table, key(fmt.Sprint("passes", i)), start)
	}
	require.Len(t, *forgotten, 99)
	for i := range hanging {
		require.Equal(t, 2, arrive(table, key(fmt.Sprint("hangs", i)), "2", start).Attempt)
	}
}

// TestIdleOrder: what has had an attempt lately is not the longest idle.
func TestIdleOrder(t *testing.T) {
	table, forgotten := forgetting(counters.Config{Limit: 3})
	for _, k := range []string{"a", "b", "c", "a", "d", "e"} {
		pass(table, key(k), start)
	}
	require.Equal(t, []string{"b@1", "c@1"}, *forgotten)
}

// TestHangingDoesNotKeepOthers: a delivery is forgotten in time though an older one has an attempt under way.
func TestHangingDoesNotKeepOthers(t *testing.T) {
	table, forgotten := forgetting(counters.Config{ForgetAfter: time.Hour})
	hanging := arrive(table, key("hangs"), "1", start)
	pass(table, key("idle"), start)
	pass(table, key("young"), start.Add(time.Hour))
	require.Equal(t, []string{"idle@1"}, *forgotten)
	require.Equal(t, 2, arrive(table, key("hangs"), "2", start.Add(3*time.Hour)).Attempt)
	table.Ended(key("hangs"), hanging, false, start.Add(3*time.Hour))
	require.Equal(t, 3, arrive(table, key("hangs"), "3", start.Add(9*time.Hour)).Attempt, "one is still under way")
}

// TestQuietWeek: an arrival forgets a few of those that are due, and its own delivery in any case.
func TestQuietWeek(t *testing.T) {
	const idle = 100
	table, forgotten := forgetting(counters.Config{ForgetAfter: time.Hour})
	for i := range idle {
		pass(table, key(fmt.Sprint(i)), start)
	}
	late := start.Add(24 * time.Hour)
	require.Equal(t, 1, arrive(table, key("99"), "1", late).Attempt)
	require.Less(t, len(*forgotten), 20)
	for i := range idle {
		pass(table, key(fmt.Sprint("new", i)), late)
	}
	require.Len(t, *forgotten, idle)
	require.Equal(t, idle+1, table.Open())
}

// TestRestoreLimit: the most recent stay, and of one body the delivery that began last, whichever ended last.
func TestRestoreLimit(t *testing.T) {
	table, forgotten := forgetting(counters.Config{Limit: 2})
	body := counters.Identity{Key: "b", Body: true}
	table.Restore([]counters.Remembered{
		{Identity: key("young"), Delivery: "d1", Attempts: 1, Last: start.Add(3)},
		{Identity: body, Delivery: "d2", Attempts: 2, Last: start.Add(9), Acknowledged: true},
		{Identity: key("old"), Delivery: "d3", Attempts: 1, Last: start.Add(1)},
		{Identity: body, Delivery: "d4", Attempts: 5, Last: start.Add(4), Before: 1},
	})
	require.Equal(t, []string{"d3"}, *forgotten)
	require.Equal(t, 2, table.Open())
	require.Equal(t, counters.Arrival{Delivery: "d4", Attempt: 6, Acknowledged: 1}, arrive(table, body, "x", start))
	require.Equal(t, counters.Arrival{Delivery: "d1", Attempt: 2}, arrive(table, key("young"), "x", start))
}

// TestForgottenUnderWay: the end of an attempt whose delivery was forgotten and begun again does not hide that another is under way.
func TestForgottenUnderWay(t *testing.T) {
	table, forgotten := forgetting(counters.Config{Limit: 2})
	arriveAt := func(k string) (a counters.Arrival) {
		table.Do(func(tx *counters.Tx) { a = tx.Arrive(key(k), "x", func(string) string { return k }, start) })
		return a
	}
	first, _, c := arriveAt("a"), arriveAt("b"), arriveAt("c")
	again := arriveAt("a")
	require.Equal(t, []string{"a", "b"}, *forgotten)
	table.Ended(key("a"), first, false, start)
	table.Ended(key("a"), again, false, start)
	require.Equal(t, 2, arriveAt("a").Attempt)
	table.Ended(key("c"), c, false, start)
	arriveAt("d")
	require.Equal(t, []string{"a", "b", "c"}, *forgotten)
}
