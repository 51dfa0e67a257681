package deliveries

import (
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

func unfinished(number, ms int) *Open {
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
		{"gave up after a crash of ours", []Record{tried(1, 0, Unanswered, &no), unfinished(2, 20)}, true, Delivery{State: StateLost, Reason: GaveUp}},
		{"open, then ended", []Record{unfinished(1, 0), tried(1, 0, Unanswered, &no)}, true, Delivery{State: StateLost, Reason: NeverRetried}},
		{"ended, then open", []Record{tried(1, 0, Unanswered, &no), unfinished(1, 0)}, true, Delivery{State: StateLost, Reason: NeverRetried}},
		{"amended to broken", []Record{tried(1, 0, Acknowledged, &yes), &Amend{ID: "a1", Outcome: Broken, End: Cut, EndedBy: BySender}}, false,
			Delivery{State: StateOpen, Delivered: true}},
		{"lost acknowledgement, delivered twice", []Record{tried(1, 0, Unanswered, &yes), tried(2, 100, Acknowledged, &yes)}, false,
			Delivery{State: StateAcknowledged, Delivered: true, Duplicated: true}},
		{"delivered twice in one attempt", []Record{copied(tried(1, 0, Acknowledged, &yes), &yes)}, false,
			Delivery{State: StateAcknowledged, Delivered: true, Duplicated: true}},
		{"a copy turned away", []Record{copied(tried(1, 0, Acknowledged, &yes), &no)}, false, Delivery{State: StateAcknowledged, Delivered: true}},
		{"a copy alone delivered", []Record{copied(tried(1, 0, Rejected, &no), &no, &yes)}, false, Delivery{State: StateOpen, Delivered: true}},
		{"a copy whose answer is not known", []Record{copied(tried(1, 0, Rejected, &no), nil)}, false, Delivery{State: StateOpen, MaybeDelivered: true}},
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
			got.ID, got.Key, got.Endpoint, got.Host, got.Attempts, got.Unfinished = "", "", "", "", nil, nil
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

func TestOrder(t *testing.T) {
	var g Grouper
	other := tried(1, 5, Rejected, &no)
	other.Delivery, other.ID = "e", "b1"
	for _, r := range []Record{tried(2, 1, Rejected, &no), other, tried(1, 0, Rejected, &no), unfinished(3, 30)} {
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
