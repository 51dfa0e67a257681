package schema_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/schema"
)

func TestRange(t *testing.T) {
	for _, test := range []struct {
		value   any
		has     []uint64
		hasNot  []uint64
		written string
	}{
		{int64(1), []uint64{1}, []uint64{0, 2}, "1"},
		{"3", []uint64{3}, []uint64{2, 4}, "3"},
		{"1-3", []uint64{1, 2, 3}, []uint64{0, 4}, "1-3"},
		{"2-2", []uint64{2}, []uint64{1, 3}, "2"},
		{"4-", []uint64{4, 5, math.MaxUint64}, []uint64{3}, "4-"},
		{[]any{int64(1), int64(3)}, []uint64{1, 3}, []uint64{2, 4}, "1, 3"},
		{[]any{int64(1), "3-4", "9-"}, []uint64{1, 3, 4, 9, 10}, []uint64{2, 5, 8}, "1, 3-4, 9-"},
	} {
		t.Run(test.written, func(t *testing.T) {
			var r schema.Range
			require.Empty(t, problemsOf(map[string]any{"attempt": test.value}, schema.Numbers(&r, "attempt", "")))
			for _, n := range test.has {
				require.True(t, r.Has(n), "%d", n)
			}
			for _, n := range test.hasNot {
				require.False(t, r.Has(n), "%d", n)
			}
			require.Equal(t, test.written, r.String())
			require.False(t, r.Empty())
		})
	}
}

func TestRangeErrors(t *testing.T) {
	const want = `, want a number from 1, a range such as "1-3" or "4-", or a list of them`
	for _, test := range []struct {
		name  string
		value any
		want  string
	}{
		{"zero", int64(0), "not a range, got 0"},
		{"negative", int64(-1), "not a range, got -1"},
		{"decimal", 1.5, "not a range, got 1.5"},
		{"backwards", "3-1", `not a range, got "3-1"`},
		{"from nothing", "-3", `not a range, got "-3"`},
		{"from zero", "0-3", `not a range, got "0-3"`},
		{"sign", "+1", `not a range, got "+1"`},
		{"three ends", "1-2-3", `not a range, got "1-2-3"`},
		{"word", "first", `not a range, got "first"`},
		{"empty list", []any{}, "not a range, got []"},
		{"list with a word", []any{int64(1), "x"}, `not a range, got [1, "x"]`},
		{"list in a list", []any{[]any{int64(1)}}, "not a range, got a list"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r schema.Range
			require.Equal(t, []string{"test.toml: attempt: " + test.want + want},
				problemsOf(map[string]any{"attempt": test.value}, schema.Numbers(&r, "attempt", "")))
			require.True(t, r.Empty())
		})
	}
}

func FuzzRange(f *testing.F) {
	for _, text := range []string{"1", "1-3", "4-", "0", "3-1", "99999999999999999999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := schema.ParseRange(text)
		if err != nil {
			require.True(t, r.Empty())
			return
		}
		require.False(t, r.Has(0))
		again, err := schema.ParseRange(r.String())
		require.NoError(t, err)
		require.Equal(t, r, again)
	})
}

func TestUnion(t *testing.T) {
	for _, test := range []struct {
		a, b, want string
		all        bool
	}{
		{"1-2", "3-", "1-", true},
		{"4-", "1-2", "1-2, 4-", false},
		{"2-5", "3", "2-5", false},
		{"1-9", "3-20", "1-20", false},
		{"7", "7", "7", false},
	} {
		a, err := schema.ParseRange(test.a)
		require.NoError(t, err)
		b, err := schema.ParseRange(test.b)
		require.NoError(t, err)
		require.Equal(t, test.want, a.Union(b).String())
		require.Equal(t, test.all, a.Union(b).Covers(schema.AllNumbers()))
		require.True(t, a.Union(b).Covers(a))
	}
}
