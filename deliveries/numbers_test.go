package deliveries

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSequence(t *testing.T) {
	tests := []struct {
		name string
		seen []uint64
		want []Numbers
	}{
		{"none", nil, nil},
		{"all", []uint64{1, 2, 3}, nil},
		{"the first is missing", []uint64{2, 3}, []Numbers{{1, 1}}},
		{"two holes", []uint64{1, 4, 5, 7}, []Numbers{{2, 3}, {6, 6}}},
		{"twice", []uint64{1, 2, 2, 1, 3}, nil},
		{"late", []uint64{1, 3, 2}, []Numbers{}},
		{"late, at the beginning of a hole", []uint64{1, 5, 2}, []Numbers{{3, 4}}},
		{"late, at its end", []uint64{1, 5, 4}, []Numbers{{2, 3}}},
		{"late, within", []uint64{1, 6, 4}, []Numbers{{2, 3}, {5, 5}}},
		{"late, in the second", []uint64{1, 3, 5, 4}, []Numbers{{2, 2}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s sequence
			for _, number := range tt.seen {
				s.saw(number)
			}
			require.Equal(t, tt.want, s.missing)
			missing := uint64(0)
			for _, these := range tt.want {
				missing += these.To - these.From + 1
			}
			require.Equal(t, missing, s.count())
		})
	}
}

// TestSequenceInAnyOrder: the same numbers are missing, whatever the order of the others.
func TestSequenceInAnyOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	for range 50 {
		var s sequence
		kept := []uint64{100}
		for number := uint64(1); number < 100; number++ {
			if r.IntN(3) > 0 {
				kept = append(kept, number)
			}
		}
		r.Shuffle(len(kept), func(i, j int) { kept[i], kept[j] = kept[j], kept[i] })
		for _, number := range kept {
			s.saw(number)
		}
		require.Equal(t, 100-len(kept), int(s.count()))
	}
}

// TestSequenceOfMany: what is held of the holes is bounded, and their number is right.
func TestSequenceOfMany(t *testing.T) {
	var s sequence
	for number := uint64(2); number <= 4*mostMissing; number += 2 {
		s.saw(number)
	}
	require.Len(t, s.missing, mostMissing)
	require.Equal(t, 2*mostMissing, int(s.count()))
}
