package faults_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
)

// Places are sorted, each once, inside the body, the same for the same draw, and everywhere alike.
func TestCorruptPlaces(t *testing.T) {
	for _, test := range []struct {
		name  string
		bytes int
		size  int64
		want  []int64
	}{
		{"no body", 3, 0, []int64{}},
		{"all there is", 3, 2, []int64{0, 1}},
		{"exactly all", 2, 2, []int64{0, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, faults.Corrupt{Bytes: test.bytes, Draw: 0.3}.Places(test.size))
		})
	}
	const draws, size = 20_000, 10
	seen := make([]int, size)
	for i := range draws {
		c := faults.Corrupt{Bytes: 3, Draw: float64(i) / draws}
		places := c.Places(size)
		require.Equal(t, places, c.Places(size))
		require.Len(t, slices.Compact(slices.Clone(places)), 3)
		require.True(t, slices.IsSorted(places))
		for _, place := range places {
			seen[place]++
		}
	}
	for place, n := range seen {
		require.InEpsilon(t, draws*3/size, n, 0.05, "place %d", place)
	}
}

// A body that is JSON is none any more, has its length, and differs by one byte; what is no JSON stays as it is.
func TestCorruptBreak(t *testing.T) {
	for _, text := range []string{
		`{"received":true}`, `{}`, `[]`, ` [1,2, {"a":"b"}] `, `"text"`, `""`, `12`, `-1.5e3`, `true`, `null`, `{"a":"}{][,:\\\""}`, `"{\"a\":1}"`,
	} {
		for _, draw := range []float64{0, 0.25, 0.5, 0.999999} {
			got := []byte(text)
			require.True(t, faults.Corrupt{JSON: true, Draw: draw}.Break(got, true), text)
			require.False(t, json.Valid(got), "%s became %s", text, got)
			require.Len(t, got, len(text))
			differ := 0
			for i := range got {
				if got[i] != text[i] {
					differ++
				}
			}
			require.Equal(t, 1, differ, "%s became %s", text, got)
		}
	}
	for _, text := range []string{"", "  \n", "ok", "<html>", `{"cut":`, "nothing", "\x1f\x8b\x08"} {
		got := []byte(text)
		require.False(t, faults.Corrupt{JSON: true, Draw: 0.5}.Break(got, true), text)
		require.Equal(t, text, string(got))
	}
	part := []byte(`{"a":"` + strings.Repeat("x", 100))
	require.True(t, faults.Corrupt{JSON: true, Draw: 0.9}.Break(part, false), "what comes after it is not known")
	require.False(t, faults.Corrupt{JSON: true}.Break([]byte("<html>"), false))
}

func FuzzCorruptBreak(f *testing.F) {
	for _, text := range []string{`{"a":[1,"b\"",{}]}`, `"\\"`, ` 1 `, `nul`} {
		f.Add([]byte(text), 0.5)
	}
	f.Fuzz(func(t *testing.T, body []byte, draw float64) {
		if !(draw >= 0 && draw < 1) {
			return
		}
		sound := json.Valid(body)
		got := slices.Clone(body)
		require.Equal(t, sound, faults.Corrupt{JSON: true, Draw: draw}.Break(got, true))
		require.Equal(t, !sound, slices.Equal(body, got))
		require.False(t, json.Valid(got))
	})
}
