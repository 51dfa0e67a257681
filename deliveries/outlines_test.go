package deliveries

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSameOutline: attempts have the same outline when the same is packed of them, and only then.
func TestSameOutline(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func() string { return []string{"", "a", "b"}[r.IntN(3)] }
	list := func() []string { return [][]string{nil, {}, {"a"}, {"b"}, {"a", "b"}}[r.IntN(5)] }
	change := []func(a *Attempt){
		func(a *Attempt) { a.Outcome = Outcome(word()) }, func(a *Attempt) { a.Reached = Reached(word()) }, func(a *Attempt) { a.End = End(word()) },
		func(a *Attempt) { a.EndedBy = Party(word()) }, func(a *Attempt) { a.Host = word() }, func(a *Attempt) { a.KeyFrom = word() }, func(a *Attempt) { a.Method = word() },
		func(a *Attempt) { a.Run = word() }, func(a *Attempt) { a.Proxy = word() }, func(a *Attempt) { a.Counted = word() }, func(a *Attempt) { a.Placement = word() },
		func(a *Attempt) { a.Phase = word() }, func(a *Attempt) { a.Scenario = word() }, func(a *Attempt) { a.Rules = list() }, func(a *Attempt) { a.Faults = list() },
		func(a *Attempt) { a.LeftAlone = list() }, func(a *Attempt) { a.Key = word() }, func(a *Attempt) { a.URL = word() },
	}
	var made symbols
	packed := func(a *Attempt) string {
		c := codec{symbols: &made}
		c.pack()
		c.common(a)
		return string(c.packed)
	}
	var a, b Attempt
	same := 0
	for range 20_000 {
		change[r.IntN(len(change))](&b)
		require.Equal(t, packed(&a) == packed(&b), a.hasOutline(&b), "%+v\n%+v", a, b)
		if a.hasOutline(&b) {
			same++
		}
		if r.IntN(2) == 0 {
			a = b
		}
	}
	require.Greater(t, same, 1000)
}
