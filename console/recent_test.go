package console

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
)

// numbered is an attempt of that id.
func numbered(id string) *deliveries.Attempt {
	a := attempt(1, 0, deliveries.Rejected, no())
	a.ID, a.Delivery = id, "d-"+id
	return a
}

// observe has a record remembered with the line that it has in a log.
func observe(r *Recent, record deliveries.Record) { r.Observe(record, lineOf(record)) }

// idsOf are the ids of what is remembered, with the kind of all but attempts.
func idsOf(moments []*moment) []string {
	var ids []string
	for _, m := range moments {
		if m.event == deliveries.EventAttempt {
			ids = append(ids, m.id)
			continue
		}
		ids = append(ids, string(m.event)+" "+m.id)
	}
	return ids
}

func TestRecentIsBounded(t *testing.T) {
	long := func(id string, bytes int) *deliveries.Attempt {
		a := numbered(id)
		a.Request.Header = map[string][]string{"X-Long": {strings.Repeat("x", bytes)}}
		return a
	}
	tests := []struct {
		name      string
		records   []deliveries.Record
		want      []string
		forgotten uint64 // attempts
	}{
		{"nothing", nil, nil, 0},
		{"as many as it holds", []deliveries.Record{numbered("a"), numbered("b"), numbered("c")}, []string{"a", "b", "c"}, 0},
		{"more", []deliveries.Record{numbered("a"), numbered("b"), numbered("c"), numbered("d"), numbered("e")}, []string{"c", "d", "e"}, 2},
		{"all that deliveries are made of", []deliveries.Record{&deliveries.Open{ID: "a"}, numbered("a"), &deliveries.Amend{ID: "a"}}, []string{"open a", "a", "amend a"}, 0},
		{"an open one is no attempt yet", []deliveries.Record{&deliveries.Open{ID: "a"}, numbered("a"), numbered("b"), numbered("c")}, []string{"a", "b", "c"}, 0},
		{"nothing else", []deliveries.Record{&deliveries.Run{}, &deliveries.Connect{}, &deliveries.Tunnel{}, &deliveries.Other{}, &deliveries.Gap{}, &deliveries.Change{}}, nil, 0},
		{"headers of some megabytes", []deliveries.Record{long("a", maxBytes/2), numbered("b"), long("c", maxBytes/2)}, []string{"b", "c"}, 1},
		{"one header beyond all bounds", []deliveries.Record{numbered("a"), long("b", 2*maxBytes), numbered("c")}, []string{"c"}, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRecent(3)
			for _, record := range test.records {
				observe(r, record)
			}
			all := r.all()
			require.Equal(t, test.want, idsOf(all.moments))
			require.Equal(t, test.forgotten, all.memory.Forgotten)
		})
	}
}

func TestReach(t *testing.T) {
	r := newRecent(3)
	require.Equal(t, memory{}, r.memory())
	observe(r, &deliveries.Open{ID: "a"})
	require.Equal(t, memory{}, r.memory(), "no attempt is finished")
	for second := range 4 {
		observe(r, attempt(1, float64(second), deliveries.Rejected, no()))
	}
	from := at(1).UTC()
	require.Equal(t, memory{Attempts: 3, Forgotten: 1, From: &from}, r.memory())
}

// A body is not remembered, and stays in the record of others.
func TestRecentForgetsBodies(t *testing.T) {
	r := NewRecent()
	a := numbered("a")
	a.Request.Body = "secret"
	observe(r, a)
	require.NotContains(t, string(r.all().moments[0].line), "secret")
	require.Equal(t, "secret", a.Request.Body)
}

// An amend is applied, and who holds the attempt from before does not see it change.
func TestRecentAppliesAmends(t *testing.T) {
	r := newRecent(4)
	a := numbered("a")
	a.Outcome, a.End, a.EndedBy = deliveries.Acknowledged, deliveries.Complete, deliveries.ByTarget
	observe(r, a)
	observe(r, numbered("b"))
	before := r.all().moments[0].attempt()
	observe(r, &deliveries.Amend{ID: "a", Outcome: deliveries.Broken, End: deliveries.Reset, EndedBy: deliveries.BySender})
	observe(r, &deliveries.Amend{ID: "unknown", Outcome: deliveries.Broken})

	after := r.all().moments[0].attempt()
	require.Equal(t, []any{deliveries.Broken, deliveries.Reset, deliveries.BySender}, []any{after.Outcome, after.End, after.EndedBy})
	require.Equal(t, deliveries.Acknowledged, before.Outcome)
	require.Equal(t, deliveries.Rejected, r.all().moments[1].attempt().Outcome, "another is left alone")
}

func TestSince(t *testing.T) {
	r := newRecent(3)
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		observe(r, numbered(id))
	}
	tests := []struct {
		name     string
		position uint64
		most     int
		want     []string
		lost     uint64
		next     uint64
	}{
		{"from the beginning", 0, 10, []string{"c", "d", "e"}, 2, 5},
		{"from the oldest", 2, 10, []string{"c", "d", "e"}, 0, 5},
		{"a part", 2, 2, []string{"c", "d"}, 0, 4},
		{"a part, behind what is lost", 1, 1, []string{"c"}, 1, 3},
		{"from the end", 5, 10, nil, 0, 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := r.since(test.position, test.most)
			require.Equal(t, test.want, idsOf(n.moments))
			require.Equal(t, []uint64{test.lost, test.next}, []uint64{n.lost, n.next})
			require.Equal(t, test.want == nil, n.grown != nil, "there is something to wait for")
		})
	}
}

func TestBehind(t *testing.T) {
	r := newRecent(3)
	for _, record := range []deliveries.Record{numbered("a"), numbered("b"), numbered("c"), &deliveries.Open{ID: "d"}} {
		observe(r, record)
	}
	tests := []struct {
		id    string
		want  uint64
		known bool
	}{
		{"a", 1, false}, {"b", 2, true}, {"c", 3, true}, {"d", 1, false}, {"", 1, false},
	}
	for _, test := range tests {
		position, known := r.behind(test.id)
		require.Equal(t, test.want, position, test.id)
		require.Equal(t, test.known, known, test.id)
	}
}

// Many record while many look: what one reader is given and what it is told to have lost is all that there was, in one order.
func TestRecentUnderLoad(t *testing.T) {
	const writers, each = 8, 500
	r := newRecent(100)
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for i := range writers {
		writing.Go(func() {
			for n := range each {
				id := fmt.Sprintf("%d-%d", i, n)
				observe(r, numbered(id))
				if n%10 == 0 {
					observe(r, &deliveries.Amend{ID: id, Outcome: deliveries.Broken})
				}
			}
		})
	}
	for range 4 {
		reading.Go(func() {
			var position, given, lost uint64
			for ended := false; ; {
				n := r.since(position, 7)
				given, lost, position = given+uint64(len(n.moments)), lost+n.lost, n.next
				for _, m := range n.moments {
					appendEvent(nil, m)
				}
				if n.grown == nil {
					continue
				}
				if ended {
					break
				}
				select {
				case <-n.grown:
				case <-done:
					ended = true
				}
			}
			if want := uint64(writers * each * 11 / 10); given+lost != want {
				t.Errorf("given %d, lost %d, together not %d", given, lost, want)
			}
		})
	}
	reading.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				group(r.all(), at(0))
			}
		}
	})
	writing.Wait()
	close(done)
	reading.Wait()
	require.Equal(t, uint64(writers*each), uint64(r.memory().Attempts)+r.memory().Forgotten)
}

// Remembering an attempt costs its moment, and no more: its line takes the place of one that is forgotten.
func TestObserveAllocatesLittle(t *testing.T) {
	r := newRecent(10)
	a := numbered("a")
	line := lineOf(a)
	for range 10 {
		r.Observe(a, line)
	}
	require.Equal(t, 1.0, testing.AllocsPerRun(100, func() { r.Observe(a, line) }))
}

// TestShownStays: what somebody was given stays as it is, whatever comes after it.
func TestShownStays(t *testing.T) {
	r := newRecent(2)
	observe(r, numbered("a"))
	observe(r, numbered("b"))
	shown := r.all().moments
	want := []string{string(shown[0].line), string(shown[1].line)}
	for _, id := range []string{"c", "d", "e", "f"} {
		observe(r, numbered(id))
	}
	require.Equal(t, want, []string{string(shown[0].line), string(shown[1].line)})
}

func BenchmarkObserve(b *testing.B) {
	r := NewRecent()
	a := numbered("a")
	line := lineOf(a)
	b.ReportAllocs()
	for b.Loop() {
		r.Observe(a, line)
	}
}
