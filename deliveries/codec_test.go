package deliveries

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPacked: what is unpacked is what was packed, but for header fields.
func TestPacked(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	var symbols symbols
	c := codec{symbols: &symbols}
	for range 1000 {
		switch record := normal(randomRecord(r)).(type) {
		case *Attempt:
			c.pack()
			c.attempt(&parts{Attempt: *record})
			require.NoError(t, c.err)
			got := &parts{Attempt: Attempt{V: version, Event: EventAttempt, Delivery: record.Delivery, Start: record.Start}}
			out := unpack(&symbols, string(c.packed))
			out.attempt(got)
			record.V, record.Event = version, EventAttempt
			require.Equal(t, withoutHeaders(record), &got.Attempt)
			require.Equal(t, len(c.packed), out.at)
		case *Open:
			c.pack()
			c.open(record)
			got := &Open{V: record.V, Event: record.Event, Delivery: record.Delivery, Start: record.Start}
			unpack(&symbols, string(c.packed)).open(got)
			require.Equal(t, record, got)
		}
	}
}

// TestPackedNumbers: the ends of what numbers can be.
func TestPackedNumbers(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 127, 128, -128, 1<<63 - 1, -1 << 63} {
		var c codec
		c.pack()
		in := n
		c.int64(&in)
		require.Equal(t, n, in)
		var out int64
		unpack(nil, string(c.packed)).int64(&out)
		require.Equal(t, n, out)
	}
	for _, ms := range []float64{0, 0.001, 813.4, 1e15, 1e300, -1, 0.0001} {
		var c codec
		c.pack()
		in := ms
		c.ms(&in)
		require.Equal(t, ms, in)
		var out float64
		unpack(nil, string(c.packed)).ms(&out)
		require.Equal(t, ms, out)
	}
}

// TestSymbols: texts are held once, those that are too many or too long not at all.
func TestSymbols(t *testing.T) {
	var s symbols
	require.Equal(t, uint64(1), s.next("a"))
	require.Equal(t, uint64(2), s.next("b"))
	s.place = 0
	require.Equal(t, uint64(1), s.next("a"))
	require.Equal(t, uint64(1), s.next("a"))
	require.Zero(t, s.next(strings.Repeat("x", longestSymbol+1)))
	for i := range mostSymbols - 2 {
		require.NotZero(t, s.next(fmt.Sprint(i)))
	}
	require.Zero(t, s.next("one too many"))
	require.Equal(t, uint64(2), s.next("b"))
}

// TestOutlines: an attempt of which too many are different has none, and comes out the same.
func TestOutlines(t *testing.T) {
	var symbols symbols
	c := codec{symbols: &symbols}
	for i := range mostOutlines + 10 {
		a := seen("a", uint64(i), 1, i)
		a.V, a.Event, a.Scenario, a.Rules, a.Faults = version, EventAttempt, fmt.Sprint(i), []string{}, []string{fmt.Sprint(i)}
		c.pack()
		c.attempt(&parts{Attempt: *a})
		got := &parts{Attempt: Attempt{V: version, Event: EventAttempt, Delivery: a.Delivery, Start: a.Start}}
		unpack(&symbols, string(c.packed)).attempt(got)
		require.Equal(t, a, &got.Attempt)
	}
	require.Len(t, symbols.outlines.made, mostOutlines)
}
