package analysis

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
)

// TestTimelineInOrder: what is put into order while it is looked at is what is held and sorted. Deliveries overlap, as do attempts of one; some last for nothing, begin
// together, come again long after, or have no end.
func TestTimelineInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 7))
	begin := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	var text bytes.Buffer
	put := func(record deliveries.Record) {
		line, err := deliveries.Line(record)
		require.NoError(t, err)
		text.Write(line)
	}
	for i := range 2000 {
		a := deliveries.Attempt{V: 1, Event: deliveries.EventAttempt, Run: fmt.Sprint("run-", i%2), ID: fmt.Sprint(i), Seq: uint64(i/2 + 1)}
		a.Delivery, a.Attempt = fmt.Sprint("d", r.IntN(400)), 1+r.IntN(5)
		a.Start = begin.Add(time.Duration(i*i/800+r.IntN(40)) * time.Second)
		a.MS.Total = float64(r.IntN(4) * r.IntN(20_000))
		if r.IntN(50) == 0 {
			put(&deliveries.Open{V: 1, Event: deliveries.EventOpen, Run: a.Run, ID: a.ID, Delivery: a.Delivery, Attempt: a.Attempt, Start: a.Start})
			continue
		}
		put(&a)
	}
	path := filepath.Join(t.TempDir(), "000001.jsonl")
	require.NoError(t, os.WriteFile(path, text.Bytes(), 0o644))
	read, err := deliveries.Group(t.Context(), deliveries.Reading{}, path)
	require.NoError(t, err)
	defer func() { require.NoError(t, read.Close()) }()
	var log Log
	log.Use(read)
	c := newContext(&log, Question{})

	sorted, ordered := slices.Collect(c.timeline()), slices.Collect(c.ordered)

	require.Greater(t, len(sorted), 3000)
	require.True(t, slices.IsSortedFunc(ordered, happening.compare))
	again := 0
	for _, all := range [][]happening{sorted, ordered} { // of one moment, in any order
		slices.SortStableFunc(all, func(a, b happening) int { return int(max(-1, min(1, a.since-b.since))) })
		slices.SortStableFunc(all, happening.compare)
	}
	for _, one := range sorted {
		if one.since != 0 {
			again++
		}
	}
	require.Greater(t, again, 100)
	require.Equal(t, sorted, ordered)
}

// TestPaceOfMany: of more beginnings than are held some tell the same.
func TestPaceOfMany(t *testing.T) {
	var held, thinned pace
	for i := range 50_000 {
		at := time.Duration(i)*100*time.Millisecond + time.Duration(i%7)*time.Millisecond
		held.see(event(2*at + 1))
		thinned.see(event(2*at + 1))
		if i == 10_000 || i == 30_000 {
			thinned.thin()
		}
	}
	require.InDelta(t, held.kept(), thinned.kept(), float64(10*time.Millisecond))
	require.Positive(t, thinned.kept())
	require.Less(t, 2*len(thinned.between), len(held.between))
}
