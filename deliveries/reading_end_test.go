package deliveries

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGroupErrors: what ends it leaves nothing behind.
func TestGroupErrors(t *testing.T) {
	dir, temp := t.TempDir(), t.TempDir()
	writeLines(t, filepath.Join(dir, "log"), lineOf(t, seen("a", 1, 1, 0)))
	over, cancel := context.WithCancel(context.Background())
	cancel()
	tests := []struct {
		name, path, temp string
		ctx              context.Context
		want             string
	}{
		{"no such log", "missing", temp, context.Background(), "read log: stat missing: no such file or directory"},
		{"cancelled", filepath.Join(dir, "log"), temp, over, "read log: context canceled"},
		{"no place for files", filepath.Join(dir, "log"), "/missing", context.Background(), "put attempts aside: open /missing/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, err := Group(tt.ctx, Reading{Memory: 1, Temp: tt.temp}, tt.path)
			require.ErrorContains(t, err, tt.want)
			require.Nil(t, g)
			require.Empty(t, names(t, temp))
		})
	}
}

// TestGroupCancelledMeanwhile: it ends where it is.
func TestGroupCancelledMeanwhile(t *testing.T) {
	dir := t.TempDir()
	line := lineOf(t, seen("a", 1, 1, 0))
	for number := range 3 {
		writeSegment(t, dir, number+1, strings.Repeat(line, 2*blockSize/len(line)))
	}
	ctx, cancel := context.WithCancel(context.Background())
	var reached int64
	_, err := Group(ctx, Reading{Progress: func(read, _ int64) { reached = read; cancel() }}, dir)
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, reached, int64(2*blockSize))
}

// TestProgress: it goes up to what the files have, and is not told too often.
func TestProgress(t *testing.T) {
	dir := t.TempDir()
	line := lineOf(t, seen("a", 1, 1, 0))
	for number := range 4 {
		writeSegment(t, dir, number+1, strings.Repeat(line, 3*blockSize/len(line)))
	}
	size := 4 * int64(len(line)) * int64(3*blockSize/len(line))
	var told []int64
	grouped(t, Reading{Progress: func(read, all int64) {
		require.Equal(t, size, all)
		told = append(told, read)
	}}, Settle{}, dir)
	require.True(t, slices.IsSorted(told))
	require.Equal(t, size, told[len(told)-1])
	require.Greater(t, len(told), 10)

	told = nil
	m := meter{all: 1 << 40, tell: func(read, _ int64) { told = append(told, read) }}
	for range 1 << 20 {
		m.add(1 << 20)
	}
	require.LessOrEqual(t, len(told), meterSteps)
}

// TestStopEarly: who has seen enough stops, and can begin again.
func TestStopEarly(t *testing.T) {
	dir := t.TempDir()
	var lines []string
	for i := range 10 * portionSize {
		a := seen("a", uint64(i+1), 1, i)
		a.Delivery = fmt.Sprint(i)
		lines = append(lines, lineOf(t, a))
	}
	writeLines(t, dir, lines...)
	g, all := grouped(t, Reading{}, Settle{}, dir)
	for _, want := range []int{1, portionSize, portionSize + 1} {
		n := 0
		for d, err := range g.Deliveries(Settle{}) {
			require.NoError(t, err)
			require.Equal(t, all[n], d)
			if n++; n == want {
				break
			}
		}
	}
	require.NoError(t, g.Close())
	require.Empty(t, deliveriesOf(t, g, Settle{}), "there are none any more")
}
