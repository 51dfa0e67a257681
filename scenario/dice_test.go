package scenario

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Each part of a lot changes the draw, none stands in for another.
func TestDrawDependsOnEachPart(t *testing.T) {
	base := lot{seed: 1, rule: "r", purpose: "chance", path: "/p", key: "k", acknowledged: 1, attempt: 1}
	lots := []lot{base}
	for _, change := range []func(*lot){
		func(l *lot) { l.seed = 2 },
		func(l *lot) { l.rule = "s" },
		func(l *lot) { l.purpose = "jitter" },
		func(l *lot) { l.path = "/q" },
		func(l *lot) { l.key = "j" },
		func(l *lot) { l.acknowledged = 2 },
		func(l *lot) { l.attempt = 2 },
		func(l *lot) { l.path, l.key = "/pk", "" },
		func(l *lot) { l.rule, l.purpose = "rc", "hance" },
	} {
		other := base
		change(&other)
		lots = append(lots, other)
	}
	seen := map[float64]lot{}
	for _, l := range lots {
		require.NotContains(t, seen, l.draw(), "%v", l)
		require.InDelta(t, l.draw(), l.draw(), 0)
		seen[l.draw()] = l
	}
}

// Draws are evenly spread: of 10,000 about as many fall into each tenth.
func TestDrawIsEven(t *testing.T) {
	var tenths [10]int
	for n := range uint64(10_000) {
		d := lot{seed: 42, rule: "r", purpose: "chance", attempt: n}.draw()
		require.True(t, d >= 0 && d < 1, "%v", d)
		tenths[int(d*10)]++
	}
	for _, count := range tenths {
		require.InDelta(t, 1000, count, 150)
	}
}

// The function is a contract: a log of last year's run must be repeated by this year's version.
func TestDrawStaysTheSame(t *testing.T) {
	for want, l := range map[float64]lot{
		0.6076604804327963: {seed: 42, rule: "first", purpose: "chance", path: "/claims", key: "wh_1", attempt: 1},
		0.5623887910692863: {seed: 1 << 63, rule: "ü", purpose: "jitter", key: "k", acknowledged: 3},
	} {
		require.InDelta(t, want, l.draw(), 0)
	}
}
