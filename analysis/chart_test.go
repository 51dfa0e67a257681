package analysis

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
)

func TestCountsUp(t *testing.T) {
	for _, tt := range []struct {
		most int
		want string
	}{
		{0, "0 1"}, {1, "0 1"}, {3, "0 1 2 3"}, {5, "0 2 4 6"}, {7, "0 2 4 6 8"}, {20, "0 5 10 15 20"}, {583, "0 200 400 600"}, {4001, "0 2,000 4,000 6,000"},
	} {
		scale, ticks := countsUp(tt.most, 180)
		var texts []string
		for _, one := range ticks {
			texts = append(texts, one.Text)
		}
		require.Equal(t, tt.want, strings.Join(texts, " "))
		require.GreaterOrEqual(t, scale.y(tt.most), 0.0, "%d fits", tt.most)
		require.InDelta(t, 180, scale.y(0), 0)
	}
}

// Ticks are round, and stand clear of each other.
func TestLogTicks(t *testing.T) {
	for _, tt := range []struct {
		from, to time.Duration
		want     string
	}{
		{time.Millisecond, 20 * time.Second, "1 ms, 10 ms, 100 ms, 1 s, 10 s"},
		{400 * time.Millisecond, 70 * time.Second, "500 ms, 1 s, 2 s, 5 s, 10 s, 20 s, 1m"},
		{10 * time.Second, 80 * time.Second, "10 s, 20 s, 30 s, 1m"},
		{5 * time.Second, 5 * 24 * time.Hour, "10 s, 1m, 10m, 1h, 12h, 5d"},
	} {
		scale := logScale{tt.from, tt.to}
		var texts []string
		for _, d := range scale.ticks(0.1) {
			texts = append(texts, period(d))
		}
		require.Equal(t, tt.want, strings.Join(texts, ", "))
	}
}

func TestSinceTicks(t *testing.T) {
	scale := sinceScale{unit: time.Second, most: 5 * time.Hour}
	last := -1.0
	var texts []string
	for _, one := range scale.ticks() {
		texts = append(texts, one.Text)
	}
	for _, d := range []time.Duration{0, time.Second, time.Minute, 5 * time.Hour} {
		at := scale.at(d)
		require.Greater(t, at, last)
		last = at
	}
	require.InDelta(t, 1, last, 1e-9)
	require.Equal(t, "0, +2h, +30m, +5m, +1m, +10 s", strings.Join(texts, ", "))
}

// A window of faults goes on over steps in which nobody came, and ends where most attempts met none.
func TestFaultWindows(t *testing.T) {
	const met, well, none = "f", "w", "."
	for _, tt := range []struct{ name, steps, want string }{
		{"no faults", "www", ""}, {"throughout", "fff", "0-3"}, {"a pause in it", "wf..fw", "1-5"}, {"a pause behind it", "wf..w", "1-2"}, {"two", "fwwf", "0-1 3-4"},
		{"nothing", "...", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := timePlot{from: time.Unix(0, 0), step: time.Second}
			for _, step := range strings.Split(tt.steps, "") {
				bin := timeBin{}
				if step != none {
					bin.add(deliveries.Rejected)
				}
				if step == met {
					bin.faulted = 1
				}
				p.bins = append(p.bins, bin)
			}
			var got []string
			for _, w := range p.windows() {
				got = append(got, thousands(int(w.from.Unix()))+"-"+thousands(int(w.to.Unix())))
			}
			require.Equal(t, tt.want, strings.Join(got, " "))
			_ = well
		})
	}
}

// The bars of a step stand on each other, and a few are seen beside many.
func TestStack(t *testing.T) {
	scale, _ := countsUp(10_000, 100)
	bars := scale.stack(0, 1, byOutcome{10_000, 0, 1, 0, 0}, "")
	require.Equal(t, []rect{
		{X: "0%", W: "100%", Y: "0", H: "99", Class: "acknowledged"},
		{X: "0%", W: "100%", Y: "0", H: "1.5", Class: "broken"},
	}, bars)
}

func TestStepOf(t *testing.T) {
	for whole, want := range map[time.Duration]time.Duration{
		0: 10 * time.Millisecond, 10 * time.Second: 100 * time.Millisecond, 10*time.Minute + 1: 10 * time.Second, 24 * time.Hour: 15 * time.Minute,
		100 * 365 * 24 * time.Hour: 448 * 24 * time.Hour,
	} {
		require.Equal(t, want, stepOf(whole, 100), "%v", whole)
	}
}

func TestReadable(t *testing.T) {
	require.Equal(t, "short", readable("short", 9))
	require.Equal(t, "abcdef…xz", readable("abcdefghijklmnopqxz", 9))
	require.Equal(t, "�[2J", readable("\x1b[2J", 9))
}

func TestTookBins(t *testing.T) {
	var p tookPlot
	for _, ms := range []float64{0, 0.05, 1, 9.99, 10, 1e12, math.Inf(1)} {
		p.see(&arrival{Attempt: &deliveries.Attempt{Outcome: deliveries.Acknowledged, MS: deliveries.Times{Total: ms}}})
	}
	first, over := p.used()
	require.Equal(t, []int{0, tookBins}, []int{first, over})
	require.Equal(t, []int{2, 1, 1, 1, 2}, []int{p.bins[0].sum(), p.bins[8].sum(), p.bins[15].sum(), p.bins[16].sum(), p.bins[tookBins-1].sum()})
}
