package deliveries

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var yes, no = true, false

// tried is an attempt that began at a millisecond and took 10 of them.
func tried(number, ms int, outcome Outcome, delivered *bool) *Attempt {
	a := &Attempt{
		Delivery: "d", Attempt: number, ID: "a" + string(rune('0'+number)), Start: at(ms), MS: Times{Total: 10}, Outcome: outcome, Delivered: delivered,
		Key: "k", Endpoint: "http://h/", Host: "h",
	}
	if delivered == nil || *delivered {
		a.Reached, a.Target = Whole, &Target{Status: 200}
	}
	if outcome == Acknowledged {
		a.Answer = &Answer{Status: 200}
	}
	return a
}

// copied is the attempt with copies that the target took, or did not.
func copied(a *Attempt, delivered ...*bool) *Attempt {
	for _, d := range delivered {
		a.Copies = append(a.Copies, Copy{Delivered: d})
	}
	return a
}

// replayed is an attempt that faultline replay made.
func replayed(a *Attempt) *Attempt {
	a.Replay = "a1"
	return a
}

func begun(number, ms int) *Open {
	return &Open{Delivery: "d", Attempt: number, ID: "a" + string(rune('0'+number)), Start: at(ms), Key: "k", Endpoint: "http://h/", Host: "h"}
}

func TestStates(t *testing.T) {
	const silence = time.Minute
	tests := []struct {
		name    string
		records []Record
		ended   bool
		want    Delivery // flags and state
	}{
		{"acknowledged at once", []Record{tried(1, 0, Acknowledged, &yes)}, false, Delivery{State: StateAcknowledged, Delivered: true}},
		{"acknowledged in the end", []Record{tried(1, 0, Rejected, &no), tried(2, 100, Acknowledged, &yes)}, false,
			Delivery{State: StateAcknowledged, Delivered: true}},
		{"may be retried", []Record{tried(1, 0, Rejected, &no), &Run{Start: at(59_999)}}, false, Delivery{State: StateOpen}},
		{"silent for long", []Record{tried(1, 0, Rejected, &no), &Run{Start: at(60_010)}}, false, Delivery{State: StateLost, Reason: NeverRetried}},
		{"the sender has ended", []Record{tried(1, 0, Unanswered, &no)}, true, Delivery{State: StateLost, Reason: NeverRetried}},
		{"gave up", []Record{tried(1, 0, Unanswered, &no), tried(2, 20, Rejected, &no)}, true, Delivery{State: StateLost, Reason: GaveUp}},
		{"gave up after a crash of ours", []Record{tried(1, 0, Unanswered, &no), begun(2, 20), &Run{Run: "next", Start: at(0)}}, true, Delivery{State: StateLost, Reason: GaveUp}},
		{"open, then ended", []Record{begun(1, 0), tried(1, 0, Unanswered, &no)}, true, Delivery{State: StateLost, Reason: NeverRetried}},
		{"ended, then open", []Record{tried(1, 0, Unanswered, &no), begun(1, 0)}, true, Delivery{State: StateLost, Reason: NeverRetried}},
		{"under way for long", []Record{tried(1, 0, Unanswered, &no), begun(2, 20), &Other{Start: at(300_000)}}, false,
			Delivery{State: StateOpen, UnderWay: true}},
		{"cut off by a crash, and silent for long", []Record{begun(1, 0), &Run{Run: "next", Start: at(60_000)}}, false,
			Delivery{State: StateLost, Reason: NeverRetried}},
		{"cut off by a crash, and tried again", []Record{begun(1, 0), &Run{Run: "next", Start: at(60_000)}, tried(2, 60_000, Acknowledged, &yes)}, false,
			Delivery{State: StateAcknowledged, Delivered: true}},
		{"a segment and its copy", []Record{tried(1, 0, Acknowledged, &yes), tried(1, 0, Acknowledged, &yes)}, false,
			Delivery{State: StateAcknowledged, Delivered: true}},
		{"amended to broken", []Record{tried(1, 0, Acknowledged, &yes), &Amend{ID: "a1", Outcome: Broken, End: Cut, EndedBy: BySender}}, false,
			Delivery{State: StateOpen, Delivered: true}},
		{"lost acknowledgement, delivered twice", []Record{tried(1, 0, Unanswered, &yes), tried(2, 100, Acknowledged, &yes)}, false,
			Delivery{State: StateAcknowledged, Delivered: true, Duplicated: true}},
		{"delivered twice in one attempt", []Record{copied(tried(1, 0, Acknowledged, &yes), &yes)}, false,
			Delivery{State: StateAcknowledged, Delivered: true, Duplicated: true}},
		{"a copy turned away", []Record{copied(tried(1, 0, Acknowledged, &yes), &no)}, false, Delivery{State: StateAcknowledged, Delivered: true}},
		{"a copy alone delivered", []Record{copied(tried(1, 0, Rejected, &no), &no, &yes)}, false, Delivery{State: StateOpen, Delivered: true}},
		{"a copy whose answer is not known", []Record{copied(tried(1, 0, Rejected, &no), nil)}, false, Delivery{State: StateOpen, MaybeDelivered: true}},
		{"replayed: the sender has lost it all the same", []Record{tried(1, 0, Rejected, &no), replayed(tried(2, 100, Acknowledged, &yes))}, true,
			Delivery{State: StateLost, Reason: NeverRetried, Replayed: true}},
		{"replayed in vain", []Record{tried(1, 0, Rejected, &no), replayed(tried(2, 100, Rejected, &no))}, true, Delivery{State: StateLost, Reason: NeverRetried}},
		{"replayed although it had arrived", []Record{tried(1, 0, Unanswered, &yes), replayed(tried(2, 100, Acknowledged, &yes))}, true,
			Delivery{State: StateLost, Reason: NeverRetried, Delivered: true, Replayed: true}},
		{"retried after the acknowledgement", []Record{tried(1, 0, Acknowledged, &yes), tried(2, 10, Acknowledged, &yes)}, false,
			Delivery{State: StateAcknowledged, Delivered: true, Duplicated: true, RetriedAfterAck: true}},
		{"overlapping the acknowledgement", []Record{tried(1, 0, Acknowledged, &yes), tried(2, 9, Rejected, &no)}, false,
			Delivery{State: StateAcknowledged, Delivered: true}},
		{"acknowledged by a stand-in", []Record{tried(1, 0, Acknowledged, &no)}, false, Delivery{State: StateAcknowledged, FalseSuccess: true}},
		{"acknowledged by a stand-in, delivered before", []Record{tried(1, 0, Rejected, &yes), tried(2, 100, Acknowledged, &no)}, false,
			Delivery{State: StateAcknowledged, Delivered: true}},
		{"reached, answer unknown", []Record{tried(1, 0, Unanswered, nil)}, false, Delivery{State: StateOpen, MaybeDelivered: true}},
		{"reached, then delivered", []Record{tried(1, 0, Unanswered, nil), tried(2, 100, Acknowledged, &yes)}, false,
			Delivery{State: StateAcknowledged, Delivered: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var g Grouper
			for _, r := range tt.records {
				g.Add(r)
			}
			all := g.Deliveries(Settle{Ended: tt.ended, Silence: silence})
			require.Len(t, all, 1)
			got := all[0]
			require.Equal(t, "d k http://h/ h", got.ID+" "+got.Key+" "+got.Endpoint+" "+got.Host)
			got.ID, got.Key, got.Endpoint, got.Host, got.Attempts, got.Replays, got.Unfinished = "", "", "", "", nil, nil, nil
			require.Equal(t, tt.want, got)
		})
	}
}

// TestNotTheTargetsAnswer: a 202 that [delivery] success does not take for a delivery is still the target's own word.
func TestNotTheTargetsAnswer(t *testing.T) {
	a := tried(1, 0, Acknowledged, &no)
	a.Target = &Target{Status: 200}
	var g Grouper
	g.Add(a)
	require.False(t, g.Deliveries(Settle{})[0].FalseSuccess)
}

// seen is an attempt as a run has written it down.
func seen(run string, seq uint64, number, ms int) *Attempt {
	a := tried(number, ms, Rejected, &no)
	a.ID, a.Run, a.Seq = fmt.Sprintf("%s%d", run, seq), run, seq
	return a
}

// TestAttemptsInOrder: they are in the order in which they began, whoever saw them. Where a clock was set back between two of them they are in the order in
// which they were written.
func TestAttemptsInOrder(t *testing.T) {
	elsewhere := func(a *Attempt) *Attempt {
		a.Delivery = "e"
		return a
	}
	const minute = 60_000
	tests := []struct {
		name    string
		records []Record
		want    string // their runs and numbers in these
		setBack bool
	}{
		{"as they were written", []Record{seen("a", 1, 1, 0), seen("a", 2, 2, 100)}, "a1 a2", false},
		{"one after another, written late", []Record{seen("a", 1, 2, 100), seen("a", 2, 1, 0)}, "a2 a1", false},
		{"at once", []Record{seen("a", 1, 2, 0), seen("a", 2, 1, 0)}, "a2 a1", false},
		{"by two proxies", []Record{seen("a", 1, 1, 0), seen("a", 2, 2, 200), seen("b", 1, 1, 100), seen("b", 2, 2, 300)}, "a1 b1 a2 b2", false},
		{"counted anew", []Record{seen("a", 1, 1, 0), seen("a", 2, 2, 100), seen("a", 3, 1, 200)}, "a1 a2 a3", false},
		{"the clock is set back", []Record{seen("a", 1, 1, 10*minute), seen("a", 2, 2, 9*minute), seen("a", 3, 3, 9*minute+500)}, "a1 a2 a3", true},
		{"by less than the gap, as others show", []Record{seen("a", 1, 1, 0), elsewhere(seen("a", 2, 1, 10*minute)), elsewhere(seen("a", 3, 2, 9*minute)),
			seen("a", 4, 2, 9*minute+500)}, "a1 a4", true},
		{"before all of them", []Record{elsewhere(seen("a", 1, 1, 10*minute)), seen("a", 2, 1, 9*minute), seen("a", 3, 2, 9*minute+500)}, "a2 a3", false},
		{"between two runs", []Record{seen("a", 1, 1, 10*minute), seen("b", 1, 2, 9*minute)}, "b1 a1", false},
		{"not by the lines' order", []Record{seen("a", 2, 2, 10*minute), seen("a", 1, 1, 9*minute)}, "a1 a2", false},
		{"not by a long attempt", []Record{seen("a", 1, 1, 0), lasting(seen("a", 2, 2, 100), 30_000), seen("a", 3, 3, 101)}, "a1 a2 a3", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var g Grouper
			for _, r := range tt.records {
				g.Add(r)
			}
			for range 2 { // asking changes nothing
				all := g.Deliveries(Settle{})
				d := all[slices.IndexFunc(all, func(d Delivery) bool { return d.ID == "d" })]
				var ids []string
				for _, a := range d.Attempts {
					ids = append(ids, a.ID)
				}
				require.Equal(t, tt.want, strings.Join(ids, " "))
				require.Equal(t, tt.setBack, d.SetBack)
			}
		})
	}
}

func lasting(a *Attempt, ms float64) *Attempt {
	a.MS.Total = ms
	return a
}

// TestSetBackAccusesNobody: nothing is said that rests on the times of two clocks, and what happened after the first attempt is no less recent.
func TestSetBackAccusesNobody(t *testing.T) {
	const hour = 3_600_000
	acknowledged := seen("a", 1, 1, hour)
	acknowledged.Outcome = Acknowledged
	var g Grouper
	for _, r := range []Record{acknowledged, seen("a", 2, 2, 0), seen("a", 3, 3, 5)} {
		g.Add(r)
	}
	require.False(t, g.Deliveries(Settle{})[0].RetriedAfterAck, "the second may have begun before the first had ended")

	var other Grouper
	first := seen("a", 1, 1, hour)
	first.Delivery = "e"
	for _, r := range []Record{first, seen("a", 2, 1, 0), &Other{Run: "a", Start: at(1000)}} {
		other.Add(r)
	}
	d := other.Deliveries(Settle{Silence: time.Minute})[1]
	require.Equal(t, StateOpen, d.State, "the log ends a second after it, not an hour")
}

func TestOrder(t *testing.T) {
	var g Grouper
	other := tried(1, 5, Rejected, &no)
	other.Delivery, other.ID = "e", "b1"
	for _, r := range []Record{tried(2, 1, Rejected, &no), other, tried(1, 0, Rejected, &no), begun(3, 30)} {
		g.Add(r)
	}
	all := g.Deliveries(Settle{})
	require.Len(t, all, 2)
	require.Equal(t, "d", all[0].ID)
	require.Equal(t, []string{"a1", "a2"}, []string{all[0].Attempts[0].ID, all[0].Attempts[1].ID})
	require.Equal(t, "a3", all[0].Unfinished[0].ID)
	require.Equal(t, "e", all[1].ID)
	require.Equal(t, StateOpen, all[1].State, "without a silence to settle after, nothing is lost")
}
