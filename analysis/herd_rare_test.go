package analysis

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
)

// In a log of more attempts than are held, a share of the deliveries shows the same herd, whatever the order in which they are seen.
func TestHerdsOfManyDeliveries(t *testing.T) {
	begin := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	const n = mostHeld*3/4 + 1 // with two attempts each
	of := func(order []int) (herd, int) {
		var h herds
		for _, i := range order {
			failed := begin.Add(time.Duration(i%600) * 100 * time.Millisecond)
			d := &deliveries.Delivery{ID: fmt.Sprint("d", i), Key: fmt.Sprint("wh_", i), Host: "hooks.test"}
			h.see(&course{Delivery: d, arrivals: []arrival{
				{Attempt: &deliveries.Attempt{Start: failed}, ended: failed.Add(time.Millisecond), how: "503"},
				{Attempt: &deliveries.Attempt{Start: begin.Add(2 * time.Minute)}, ended: begin.Add(2*time.Minute + time.Millisecond), how: wellEnded, gap: time.Minute},
			}})
		}
		require.LessOrEqual(t, h.marks, mostHeld)
		require.Greater(t, h.marks, mostHeld/2)
		worst, ok := h.worst()
		require.True(t, ok)
		return worst, h.marks
	}
	order := rand.New(rand.NewPCG(1, 2)).Perm(n)
	one, held := of(order)
	require.Equal(t, held/2, one.all)
	require.InDelta(t, 1, one.share(), 1e-9)
	order = rand.New(rand.NewPCG(3, 4)).Perm(n)
	other, _ := of(order)
	require.Equal(t, one.shown, other.shown)
	require.Equal(t, one.all, other.all)
}
