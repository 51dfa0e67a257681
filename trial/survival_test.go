package trial

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
)

const second = time.Second

// TestCurve: worked out by hand, as in a textbook: of five, one is lost at 2 s, one arrives at 3 s, two are lost at 4 s, one arrives at 5 s.
func TestCurve(t *testing.T) {
	lives := []Life{{5 * second, false}, {4 * second, true}, {2 * second, true}, {3 * second, false}, {4 * second, true}}
	curve := Curve(lives)
	require.Len(t, curve, 3)
	require.Equal(t, Step{0, 1}, curve[0])
	require.Equal(t, 2*second, curve[1].At)
	require.InDelta(t, 4.0/5, curve[1].Share, 1e-9)
	require.Equal(t, 4*second, curve[2].At)
	require.InDelta(t, 4.0/5*1/3, curve[2].Share, 1e-9)

	half, ok := Reached(curve, 0.5)
	require.True(t, ok)
	require.Equal(t, 4*second, half)
	_, ok = Reached(curve, 0.2)
	require.False(t, ok, "nobody knows: two in three of those that were at risk were lost, and no longer outage was met")
	require.Equal(t, []Step{{0, 1}}, Curve(nil))
	require.InDelta(t, 1, At(curve, second), 0)
	require.InDelta(t, 0.8, At(curve, 2*second), 1e-9)
	require.InDelta(t, 0.8, At(curve, 3*second), 1e-9)
}

func TestLifeOf(t *testing.T) {
	d := func(state deliveries.State, outcomes ...deliveries.Outcome) *deliveries.Delivery {
		d := &deliveries.Delivery{State: state}
		for i, outcome := range outcomes {
			d.Attempts = append(d.Attempts, attempt("a", float64(i*i), outcome))
		}
		d.Attempts[0].Rules = []string{"another", "down for 3s"}
		return d
	}
	const ok, no = deliveries.Acknowledged, deliveries.Rejected
	for _, tt := range []struct {
		d    *deliveries.Delivery
		want Life
	}{
		{d(deliveries.StateAcknowledged, ok), Life{3 * second, false}},
		{d(deliveries.StateAcknowledged, no, no, ok, ok), Life{3 * second, false}},
		{d(deliveries.StateLost, no, no, no), Life{4 * second, true}},
		{d(deliveries.StateLost, no), Life{0, true}},
		{d(deliveries.StateOpen, no, no), Life{1 * second, false}},
	} {
		life, is := LifeOf(tt.d)
		require.True(t, is)
		require.Equal(t, tt.want, life)
	}
	life, _ := LifeOf(&deliveries.Delivery{Attempts: []*deliveries.Attempt{attempt("a", 1, ok)}})
	require.Equal(t, Life{}, life, "it met none")
	_, is := LifeOf(&deliveries.Delivery{})
	require.False(t, is)
}

// TestClosedForm: of no draw at all, of one, and of two, whose sum has a triangle for its density.
func TestClosedForm(t *testing.T) {
	fixed := ClosedForm([][2]time.Duration{{second, second}, {2 * second, 2 * second}})
	require.InDelta(t, 1, At(fixed, 2990*time.Millisecond), 1e-9)
	require.InDelta(t, 0, At(fixed, 3*second), 1e-9)
	one := ClosedForm([][2]time.Duration{{0, 4 * second}})
	require.InDelta(t, 0.75, At(one, second), 0.002)
	two := ClosedForm([][2]time.Duration{{0, 2 * second}, {0, 2 * second}})
	require.InDelta(t, 1-1.0/8, At(two, second), 0.002)
	require.InDelta(t, 0.5, At(two, 2*second), 0.002)
	require.InDelta(t, 1.0/8, At(two, 3*second), 0.002)
	require.Equal(t, []Step{{0, 0}}, ClosedForm(nil))
}

// TestOutages: the scenario is one, and the outages that it has deliveries meet are log-uniform: each of the lengths as likely as the others.
func TestOutages(t *testing.T) {
	rules, problems := scenario.Parse("survival.toml", Outages(second, time.Minute), nil)
	require.Empty(t, problems)
	require.Len(t, rules.Rules, rungs)
	require.Equal(t, "down for 1m", rules.Rules[0].Name)
	require.Equal(t, "down for 1s", rules.Rules[rungs-1].Name)
	for k := 1; k <= rungs; k++ {
		none := 1.0
		for i := k + 1; i <= rungs; i++ {
			none *= 1 - 1/float64(i)
		}
		require.InDelta(t, float64(k)/rungs, none, 1e-9)
	}
	require.InDelta(t, math.Pow(60, 1.0/(rungs-1)), float64(Lengths(second, time.Minute)[1])/float64(second), 0.001)
}
