package analysis

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// When a sender had no worker left, and until when its queue drained.
func TestBusySpans(t *testing.T) {
	begin := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	ms := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Millisecond) }
	for _, tt := range []struct {
		name     string
		attempts [][2]int // from, to, in milliseconds
		want     spans
	}{
		{"nothing", nil, nil},
		{"one after another, far apart", [][2]int{{0, 10}, {2000, 2010}}, spans{{ms(0), ms(10)}, {ms(2000), ms(2010)}}},
		{"two hang, then the queue drains", [][2]int{{0, 2000}, {10, 2010}, {2015, 2020}, {2022, 2030}, {2040, 2050}, {9000, 9010}}, spans{{ms(10), ms(2050)}}},
		{"two hang, and the close of one is noticed late", [][2]int{{0, 2000}, {10, 2010}, {2005, 2015}, {2012, 2020}, {9000, 9010}}, spans{{ms(10), ms(2020)}}},
		{"steady traffic after a moment in which all were busy", [][2]int{{0, 20}, {10, 30}, {100, 105}, {300, 305}, {500, 505}}, spans{{ms(10), ms(105)}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var events []happening
			for _, a := range tt.attempts {
				events = append(events, happening{event: beginning(ms(a[0]))}, happening{event: ended(ms(a[1]))})
			}
			slices.SortFunc(events, happening.compare)
			var under crowd
			for _, e := range events {
				under.see(e.event)
			}
			require.Equal(t, tt.want, busySpans(slices.Values(events), under.most()))
		})
	}
}

// Where most gaps may be a queue's, what the others do not say is not told.
func TestConfirm(t *testing.T) {
	doubling := sample{{1, 1, 1}, {2, 2, 2}, {4, 4, 4}}
	late := sample{{2.5, 2.5, 2.5}, {2, 2, 2}, {4, 4, 4}}
	told := func(gaps, calm sample) string {
		var p Policy
		p.fitGaps(gaps, calm, nil)
		return string(p.Shape) + " " + string(p.Jitter)
	}
	require.Equal(t, "exponential none", told(doubling, doubling))
	require.Equal(t, "exponential none", told(doubling, sample{{1}, {2, 2}, {4}}))
	require.NotContains(t, told(late, sample{{}, {2, 2, 2}, {4, 4, 4}}), "schedule")
	require.Equal(t, "exponential none", told(doubling, sample{}), "no queue makes all of them round")
	require.Equal(t, " ", told(sample{{1, 1.3, 1.2}, {2, 2.4, 2.3}, {4, 4.2, 4.5}}, sample{}))
}

// Gaps of a real Celery with two processes and a backlog (retry_backoff=1): the queue has lengthened those after the first try, and of the others the calm ones are the
// long ones. That they stand together at whole seconds is no queue's doing.
func TestWholeSecondsInAQueue(t *testing.T) {
	gaps := sample{
		{0.27, 0.3, 0.41, 0.47, 0.49, 0.51, 0.53, 0.53, 0.54, 0.58, 0.59, 0.59, 0.59, 0.6, 0.6, 0.61, 0.61, 0.62, 0.64, 1.01, 1.01, 1.01, 1.01, 1.01, 1.01, 1.02, 1.02, 1.02, 1.02, 1.02,
			1.02, 1.02, 1.02, 1.03, 1.03, 1.03, 1.04, 1.04, 1.04, 1.04, 1.04, 1.05, 1.08, 1.12},
		{0.01, 0.02, 0.02, 0.02, 0.03, 0.03, 0.04, 0.08, 0.18, 1.02, 1.02, 1.02, 1.02, 1.02, 1.02, 1.02, 1.02, 1.02, 1.02, 1.02, 1.02, 1.03, 1.04, 1.05, 1.06, 1.23, 1.23, 2.01, 2.01, 2.01,
			2.01, 2.01, 2.02, 2.02, 2.02, 2.03, 2.18},
		{0.01, 0.02, 0.02, 0.04, 1.01, 1.01, 1.11, 2.04, 2.19, 2.6, 3.01, 4.06, 4.19},
	}
	calm := sample{{0.3, 0.41, 0.47, 0.49, 0.51, 0.53, 0.53, 0.54, 0.58, 0.59, 0.59, 0.59, 0.6, 0.6, 0.61, 0.61, 0.62, 0.64}, {}, {2.6, 3.01, 4.06, 4.19}}
	p := Policy{Obeys: ObedienceUnknown}
	p.fitGaps(gaps, calm, nil)
	require.Equal(t, "exponential 1 s x2, full jitter (94 gaps, fit 100%)", p.String())
}

// Celery's jitter comes in whole seconds: few gaps tell it, late as some of them are.
func TestWholeSeconds(t *testing.T) {
	p := Policy{Obeys: ObedienceUnknown}
	gaps := sample{
		{0.01, 0.02, 0.4, 0.42, 1.01, 1.01, 1.02, 1.03, 1.04, 1.3}, {0.01, 0.02, 0.03, 1.01, 1.02, 1.02, 1.4, 2.01, 2.01, 2.02}, {0.01, 0.02, 1.01, 2.02, 2.03, 3.01, 3.02, 4.01, 4.01, 4.02},
	}
	p.fitGaps(gaps, gaps, nil)
	require.Equal(t, "exponential 1 s x2, full jitter (30 gaps, fit 100%)", p.String())
}
