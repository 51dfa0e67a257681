package counters

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func ahead(d ...time.Duration) []time.Time {
	var moments []time.Time
	for _, after := range d {
		moments = append(moments, noon.Add(after))
	}
	return moments
}

// What is kept is there until it is past, under its rule and name alone.
func TestKeep(t *testing.T) {
	New(Config{}).Do(func(tx *Tx) {
		require.Nil(t, tx.Ahead("a", "x"))
		tx.Keep("a", "x", ahead(1, 5), noon)
		tx.Keep("a", "y", ahead(3), noon)
		tx.Keep("b", "x", ahead(4), noon)
		require.Equal(t, ahead(1, 5), tx.Ahead("a", "x"))
		require.Equal(t, ahead(3), tx.Ahead("a", "y"))
		require.Equal(t, ahead(4), tx.Ahead("b", "x"))

		tx.Keep("a", "x", ahead(9), noon.Add(3))
		require.Equal(t, ahead(9), tx.Ahead("a", "x"))
		require.Nil(t, tx.Ahead("a", "y"), "past")
		require.Equal(t, ahead(4), tx.Ahead("b", "x"))
	})
}

// Whatever comes, in whatever order, only what is still ahead takes room: a bucket of tokens that is full again is as good as none.
func TestKeptIsBounded(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	table := New(Config{})
	now, last := noon, map[string]time.Time{}
	for range 1000 {
		now = now.Add(time.Millisecond)
		client, full := fmt.Sprint(r.IntN(200)), now.Add(time.Duration(r.IntN(100))*time.Millisecond)
		table.Do(func(tx *Tx) { tx.Keep("r", client, []time.Time{full}, now) })
		last[client] = full
		still := 0
		for client, full := range last {
			if full.After(now) {
				still++
				require.NotNil(t, table.kept[place{"r", client}])
			}
		}
		require.Len(t, table.kept, still)
		require.Len(t, table.agenda, still)
	}
}

// Without room the bucket that is full again soonest makes some: it has the least to tell.
func TestKeptRoom(t *testing.T) {
	table := New(Config{Limit: 2})
	table.Do(func(tx *Tx) {
		tx.Keep("r", "late", ahead(9), noon)
		tx.Keep("r", "soon", ahead(1), noon)
		tx.Keep("r", "later", ahead(10), noon)
		require.Nil(t, tx.Ahead("r", "soon"))
		require.NotNil(t, tx.Ahead("r", "late"))
		require.NotNil(t, tx.Ahead("r", "later"))
	})
}
